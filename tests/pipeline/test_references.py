"""References: to records that exist, to rows of the same job, and to rows of the same file, wherever they stand."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from tenants import Tenant, as_csv, data_of

COUNTRY = {
    "name": "country",
    "record_type": "country",
    "key": ["code"],
    "max_rejected_percent": 100,
    "fields": [{"name": "code", "required": True, "max_length": 2}],
}
CITY = {
    "name": "city",
    "record_type": "city",
    "key": ["id"],
    "max_rejected_percent": 100,
    "fields": [
        {"name": "id", "required": True},
        {"name": "country", "type": "reference", "references": "country"},
        {"name": "twin", "type": "reference", "references": "city"},
    ],
}


@pytest.fixture
def world(tenant: Tenant) -> Tenant:
    """A tenant with the record of one country."""
    tenant.push(COUNTRY)
    tenant.push(CITY)
    job = tenant.ended(tenant.drop("country", b"code\nCH\n"))
    assert job["status"] == "COMPLETED", job["reason"]
    return tenant


def city(key: str, country: str = "", twin: str = "") -> dict[str, str]:
    return {"id": key, "country": country, "twin": twin}


def missing(tenant: Tenant, job: dict[str, Any]) -> list[tuple[int, str, str]]:
    errors = tenant.errors(job["job_id"])
    return [(e["row"], e["field"], e["code"]) for e in errors]


def test_a_reference_is_checked_against_the_records(world: Tenant) -> None:
    rows = [city("zurich", "CH"), city("paris", "FR"), city("atlantis")]
    job = world.ended(world.drop("city", as_csv(rows)))
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED_WITH_ERRORS", 2), job["reason"]
    (error,) = world.errors(job["job_id"])
    assert (error["row"], error["column"], error["error_type"]) == (2, 2, "reference")
    assert error["message"].startswith("country: there is no country with the key 'FR'; import it first")
    assert "country" not in data_of(world.items()["city#atlantis"])


def test_rows_of_the_same_job_may_be_referred_to_if_they_are_accepted(world: Tenant) -> None:
    cities = [city("zurich", "CH"), city("paris", "FR"), city("rome", "ITA"), city("oslo", "NO")]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("city.csv", as_csv(cities))
        archive.writestr("country.csv", "code\nFR\nITA\n")
    job = world.ended(world.drop("city", out.getvalue(), "world.zip"))
    assert [(part["name"], part["level"]) for part in job["parts"]] == [("city.csv", 1), ("country.csv", 0)]
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED_WITH_ERRORS", 3), job["reason"]
    assert missing(world, job) == [
        (3, "country", "REFERENCE_MISSING"),
        (4, "country", "REFERENCE_MISSING"),
        (2, "code", "TOO_LONG"),
    ]
    assert {"city#paris", "country#FR"} < world.items().keys()


def test_sheets_of_a_workbook_refer_to_each_other(world: Tenant) -> None:
    book = openpyxl.Workbook()
    book.active.title = "city"
    for row in (["id", "country", "twin"], ["vienna", "AT", "linz"], ["linz", "AT", None]):
        book.active.append(row)
    countries = book.create_sheet("country")
    for row in (["code"], ["AT"]):
        countries.append(row)
    out = io.BytesIO()
    book.save(out)
    job = world.ended(world.drop("city", out.getvalue(), "world.xlsx"))
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 3), job["reason"]


def test_rows_refer_to_rows_that_come_later_and_fall_with_them(world: Tenant) -> None:
    first = world.ended(world.drop("city", as_csv([city("bern", "CH")])))
    assert first["status"] == "COMPLETED"
    rows = [
        city("a", "CH", "b"),
        city("b", "CH", "a"),
        city("c", "CH", "d"),
        city("d", "XX"),
        city("e", "CH", "c"),
        city("f", "CH", "bern"),
        city("g", "CH", "nowhere"),
        city("bern", "XX"),
    ]
    job = world.ended(world.drop("city", as_csv(rows)))
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED_WITH_ERRORS", 3), job["reason"]
    assert missing(world, job) == [
        (3, "twin", "REFERENCE_MISSING"),
        (4, "country", "REFERENCE_MISSING"),
        (5, "twin", "REFERENCE_MISSING"),
        (7, "twin", "REFERENCE_MISSING"),
        (8, "country", "REFERENCE_MISSING"),
    ]
    assert {"city#a", "city#b", "city#f", "city#bern"} == {key for key in world.items() if key.startswith("city#")}


def test_a_record_type_with_a_key_of_several_fields_cannot_be_referred_to(world: Tenant) -> None:
    both = {**CITY, "name": "both", "record_type": "both", "key": ["id", "kind"]}
    both["fields"] = [{"name": "id", "required": True}, {"name": "kind", "required": True}]
    referring = {**COUNTRY, "name": "referring", "record_type": "referring"}
    referring["fields"] = [*COUNTRY["fields"], {"name": "to", "type": "reference", "references": "both"}]  # type: ignore[misc]
    world.push(referring)
    world.push(both)
    refused = world.call("PUT", "/templates/referring", json={**referring, "title": "again"})
    assert refused.status_code == 400
    assert "key of several fields" in refused.text
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("both.csv", "id,kind\n1,2\n")
        archive.writestr("referring.csv", "code,to\nA,1\n")
    job = world.ended(world.drop("both", out.getvalue(), "all.zip"))
    assert (job["status"], job["reason"]["code"]) == ("REJECTED", "COMPOSITE_REFERENCE")

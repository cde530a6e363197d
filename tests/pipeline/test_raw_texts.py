"""The raw text of a row that is refused while it is loaded: the one that stands in the file, wherever it is kept."""

import gzip
from typing import Any

import pytest
from tenants import PERSON, Tenant, as_csv, people

LINES = [
    'p1,"Ann, the first",1,a@x',
    'p2,"Bob\r\nwrites ""two"" lines",2,b@x',
    "p3,No Age,old,c@x",
    "p4,Łucja,4,d@x",
    "broken",
    "p5,Eve,5,e@x",
    "p6,New,6,f@x",
]
EXISTING = {1: LINES[0], 2: LINES[1], 4: LINES[3], 6: LINES[5]}
"""Raw texts by row number of those rows whose records are there before."""


def content(bom: bytes = b"") -> bytes:
    return bom + "\r\n".join(["id,name,age,email", *LINES, ""]).encode()


def refused(tenant: Tenant, data: bytes, file_name: str = "file.csv", template: str = "person") -> dict[int, str]:
    """Insert a file beside records that are there, and return the raw texts of the rows that the load refused."""
    created = tenant.create(template, file_name, mode="insert")
    tenant.upload(created, data)
    job = tenant.ended(created["job_id"])
    assert job["status"] == "COMPLETED_WITH_ERRORS"
    errors = tenant.errors(job["job_id"])
    return {error["row"]: error["raw_data"] for error in errors if error["code"] == "RECORD_EXISTS"}


@pytest.fixture
def five_people(tenant: Tenant) -> Tenant:
    tenant.push({**PERSON, "max_rejected_percent": 100})
    tenant.ended(tenant.drop("person", as_csv(people(5))))
    return tenant


@pytest.mark.parametrize(
    "data", [content(), content(b"\xef\xbb\xbf"), gzip.compress(content())], ids=["plain", "with BOM", "packed"]
)
def test_it_is_the_text_of_the_record_in_the_file(five_people: Tenant, data: bytes) -> None:
    assert refused(five_people, data) == EXISTING


def test_of_many_batches_each_finds_its_own(tenant: Tenant) -> None:
    rows: list[dict[str, Any]] = [{**person, "name": f"{person['name']} {'x' * 90}"} for person in people(2500)]
    lines = dict(enumerate(as_csv(rows).decode().splitlines()[1:], start=1))
    tenant.ended(tenant.drop("person", as_csv([rows[n] for n in (7, 1020, 1999, 2400)])))
    assert refused(tenant, as_csv(rows)) == {n + 1: lines[n + 1] for n in (7, 1020, 1999, 2400)}


def test_sensitive_cells_stay_hidden(tenant: Tenant) -> None:
    fields = [{**field, "sensitive": field["name"] == "email"} for field in PERSON["fields"]]  # type: ignore[attr-defined]
    tenant.push({**PERSON, "name": "private", "fields": fields})
    tenant.ended(tenant.drop("private", as_csv(people(2))))
    texts = refused(tenant, as_csv(people(3)), template="private")
    assert sorted(texts) == [1, 2]
    assert not any("@" in text for text in texts.values())

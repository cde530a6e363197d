"""What `longshore check` says of a file is what its import says."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tenants import Tenant

from cli.main import run
from cli.outcome import Exit

ROOT = Path(__file__).parents[2]
BROKEN = ROOT / "events" / "samples" / "contacts-broken.csv"
CONTACT = ROOT / "events" / "templates" / "contact.json"


def place_and_cause(error: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in error.items() if name != "timestamp"}


def test_check_and_import_agree(tenant: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tenant.push(json.loads(CONTACT.read_text()))
    job = tenant.ended(tenant.drop("contact", BROKEN.read_bytes()))
    rejects = tmp_path / "rejects.json"
    status = run(["check", str(BROKEN), "--template", str(CONTACT), "--rejects", str(rejects), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert status == Exit.WITH_ERRORS
    assert document["counts"].keys() == job["counts"].keys()
    assert document["counts"]["rejected"] == job["counts"]["rejected"]
    assert document["counts"]["unprocessed"] == job["counts"]["loaded"]
    assert document["parts"][0]["plan"] == job["parts"][0]["plan"]
    expected = [place_and_cause(error) for error in tenant.errors(job["job_id"])]
    assert [place_and_cause(error) for error in json.loads(rejects.read_text())] == expected


def test_check_and_import_agree_about_several_parts(
    tenant: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The records that rows refer to are there, so that what a check cannot know makes no difference."""
    country = {"name": "country", "record_type": "country", "key": ["code"], "max_rejected_percent": 100}
    country["fields"] = [{"name": "code", "required": True, "max_length": 2}]
    city = {"name": "city", "record_type": "city", "key": ["id"], "max_rejected_percent": 100}
    city["fields"] = [
        {"name": "id", "required": True},
        {"name": "country", "type": "reference", "references": "country"},
        {"name": "twin", "type": "reference", "references": "city"},
    ]
    for template in (country, city):
        tenant.push(template)
        (tmp_path / f"{template['name']}.json").write_text(json.dumps(template))
    tenant.ended(tenant.drop("country", b"code\nCH\n"))
    path = tmp_path / "world.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "city.csv", "id,country,twin\nzurich,CH,rome\nparis,FR,lyon\nlyon,,paris\nrome,FR,rome\n,FR,\n"
        )
        archive.writestr("more.csv", "id,twin\nparis,rome\noslo,zurich\n")
        archive.writestr("Country.csv", "code\nFR\nITA\nFR\n")
    job = tenant.ended(tenant.drop("city", path.read_bytes(), "world.zip"))
    templates = ["--template", str(tmp_path / "city.json"), "--template", str(tmp_path / "country.json")]
    assert run(["check", str(path), *templates, "--json"]) == Exit.WITH_ERRORS
    document = json.loads(capsys.readouterr().out)
    assert [(part["name"], part["template"], part["plan"]) for part in document["parts"]] == [
        (part["name"], part["template"], part["plan"]) for part in job["parts"]
    ]
    for parts in (document["parts"], job["parts"]):
        assert {part["name"]: part["counts"]["rejected"] for part in parts} == {
            "Country.csv": 2,
            "city.csv": 1,
            "more.csv": 1,
        }
    found = sorted((error["code"], error["row"]) for error in document["report"]["rejected_sample"])
    assert found == sorted((error["code"], error["row"]) for error in tenant.errors(job["job_id"]))
    assert [what for what in document["not_checked"] if "REFERENCE" in what] == [
        "city.country: whether 1 record of country exists already that no accepted row of this file brings: 'CH' "
        "(REFERENCE_MISSING)"
    ]

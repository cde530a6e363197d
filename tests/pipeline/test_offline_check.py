"""What `longshore check` says of a file is what its import says."""

import json
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

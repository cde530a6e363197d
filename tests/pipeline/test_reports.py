"""The report of a job: made on request, downloaded, corrected, imported again; what it masks is put back."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import requests
from tenants import Tenant, as_csv, data_of, people

from cli.main import run
from cli.outcome import Exit
from longshore.domain.rows.mask import MASK

PATIENT = {
    "name": "patient",
    "record_type": "patient",
    "key": ["id"],
    "mode": "insert",
    "max_rejected_percent": 90,
    "fields": [
        {"name": "id", "required": True},
        {"name": "ssn", "type": "integer", "sensitive": True},
        {"name": "note"},
        {"name": "age", "type": "integer"},
    ],
}
PATIENTS: list[dict[str, Any]] = [
    {"id": "a", "ssn": "0111", "note": "=1+1", "age": "x"},
    {"id": "b", "ssn": "0222", "note": "was there", "age": "2"},
    {"id": "c", "ssn": "0333", "note": "'-", "age": "3"},
]


@pytest.fixture
def clinic(tenant: Tenant) -> Tenant:
    """A tenant with a record of a patient already, so that one row is refused while loading."""
    tenant.push(PATIENT)
    assert tenant.ended(tenant.drop("patient", as_csv([PATIENTS[1]])))["status"] == "COMPLETED"
    return tenant


def asked(tenant: Tenant, job_id: str, kind: str) -> dict[str, Any]:
    """Ask for a report until it is there."""
    answer = tenant.call("GET", f"/imports/{job_id}/report", params={"format": kind})
    while answer.status_code == 202:
        assert answer.json()["status"] == "MAKING"
        tenant.aws.idle(60)
        answer = tenant.call("GET", f"/imports/{job_id}/report", params={"format": kind})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def fetched(tenant: Tenant, job_id: str, kind: str) -> bytes:
    found = asked(tenant, job_id, kind)
    answer = requests.get(found["url"], timeout=30)
    assert answer.ok, answer.text
    assert found["file_name"] in answer.headers["Content-Disposition"]
    return answer.content


def corrected_csv(content: bytes, wrong: Callable[[dict[str, str]], bool], correct: dict[str, str]) -> bytes:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return as_csv([row | (correct if wrong(row) else {}) for row in rows])


def corrected_xlsx(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=2):
            if row[0].value == "a":
                row[3].value = 41
            if row[0].value == "b":
                row[0].value = "b2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def corrected(content: bytes, kind: str) -> bytes:
    if kind == "xlsx":
        return corrected_xlsx(content)
    aged = corrected_csv(content, lambda row: row["id"] == "a", {"age": "41"})
    return corrected_csv(aged, lambda row: row["id"] == "b", {"id": "b2"})


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_rejected_rows_are_corrected_and_masked_cells_keep_their_values(clinic: Tenant, kind: str) -> None:
    job = clinic.ended(clinic.drop("patient", as_csv(PATIENTS), "patients.csv"))
    assert (job["status"], job["counts"]["rejected"]) == ("COMPLETED_WITH_ERRORS", 2)
    content = fetched(clinic, job["job_id"], kind)
    text = content if kind == "csv" else zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert MASK.encode() in text
    assert b"0111" not in text
    assert b"RECORD_EXISTS" in text, "what the load refused is reported with what the validation rejected"
    second = clinic.ended(clinic.drop("patient", corrected(content, kind), f"again.{kind}"))
    assert (second["status"], second["counts"]["created"]) == ("COMPLETED", 2), second["reason"]
    loaded = {key: data_of(item) for key, item in clinic.items().items()}
    assert loaded["patient#a"] == {"id": "a", "ssn": 111, "note": "=1+1", "age": 41}
    assert loaded["patient#b2"] == {"id": "b2", "ssn": 222, "note": "was there", "age": 2}


def test_a_report_is_made_once_for_each_version_of_a_job(clinic: Tenant) -> None:
    job = clinic.ended(clinic.drop("patient", as_csv(PATIENTS)))
    keys = {asked(clinic, job["job_id"], "csv")["url"].partition("?")[0] for _ in range(2)}
    assert len(keys) == 1
    assert f"reports/{clinic.name}/{job['job_id']}/" in keys.pop()


def test_row_ids_lead_to_no_other_tenant(clinic: Tenant, new_tenant: Callable[[], Tenant]) -> None:
    job = clinic.ended(clinic.drop("patient", as_csv(PATIENTS)))
    content = corrected(fetched(clinic, job["job_id"], "csv"), "csv")
    other = new_tenant()
    other.push(PATIENT | {"max_rejected_percent": 100})
    assert other.call("GET", f"/imports/{job['job_id']}/report").status_code == 404
    taken = other.ended(other.drop("patient", content))
    assert taken["counts"]["rejected"] == 2
    assert {error["code"] for error in other.errors(taken["job_id"])} == {"MASKED_VALUE_GONE"}
    assert other.items() == {}


def test_the_report_of_several_parts_is_imported_as_they_were(tenant: Tenant) -> None:
    tenant.push(PATIENT)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("in/patient.csv", as_csv(PATIENTS[:1]))
        files.writestr("in/person.csv", as_csv(people(12)))
    job = tenant.ended(tenant.drop("person", archive.getvalue(), "all.zip"))
    assert job["counts"]["rejected"] == 1, job["reason"]
    for kind in ("csv", "xlsx"):
        content = fetched(tenant, job["job_id"], kind)
        if kind == "csv":
            assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["in/patient.csv", "in/person.csv"]
        else:
            assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["patient", "person"]
    second = tenant.ended(tenant.drop("person", corrected_xlsx(content), "again.xlsx"))
    assert (second["status"], second["counts"]["created"]) == ("COMPLETED", 1), second["reason"]
    assert data_of(tenant.items()["patient#a"])["ssn"] == 111


def test_what_has_no_report_says_so(clinic: Tenant) -> None:
    clean = clinic.ended(clinic.drop("patient", as_csv([PATIENTS[2]])))
    found = asked(clinic, clean["job_id"], "xlsx")
    assert (found["status"], found["rows"], found["url"]) == ("READY", 0, None)
    waiting = clinic.create("patient")["job_id"]
    answer = clinic.call("GET", f"/imports/{waiting}/report")
    assert (answer.status_code, answer.json()["code"]) == (409, "TransitionRefused")
    answer = clinic.call("GET", f"/imports/{clean['job_id']}/report", params={"format": "pdf"})
    assert (answer.status_code, answer.json()["message"]) == (400, "format must be one of: csv, xlsx")


def test_a_report_whose_source_is_gone_cannot_be_made(clinic: Tenant) -> None:
    job_id = clinic.drop("patient", as_csv(PATIENTS), "gone.csv")
    clinic.ended(job_id)
    bucket, key = clinic.aws.outputs["UploadsBucket"], f"{clinic.name}/patient/gone.csv"
    s3 = clinic.aws.client("s3")
    for version in s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])
    path = f"/imports/{job_id}/report"
    while (answer := clinic.call("GET", path)).status_code == 202:
        clinic.aws.idle(60)
    assert answer.status_code == 410
    assert "is no longer there" in answer.json()["message"]


def test_the_command_downloads_it(
    clinic: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = clinic.ended(clinic.drop("patient", as_csv(PATIENTS)))
    monkeypatch.setenv("LONGSHORE_ENDPOINT", clinic.aws.api_url)
    monkeypatch.setenv("LONGSHORE_TOKEN", clinic.aws.token(role="viewer", tenant=clinic.name))
    monkeypatch.setenv("NO_PROXY", "*")
    out = tmp_path / "out.csv"
    assert run(["errors", job["job_id"], "--report", str(out), "--json"]) == Exit.COMPLETED
    assert json.loads(capsys.readouterr().out) == {"job_id": job["job_id"], "rows": 2, "report": str(out)}
    assert [row["id"] for row in csv.DictReader(io.StringIO(out.read_text("utf-8-sig")))] == ["a", "b"]
    assert run(["errors", job["job_id"], "--report", str(tmp_path / "out.zip")]) == Exit.USAGE
    assert run(["errors", job["job_id"], "--report", str(tmp_path / "out.pdf")]) == Exit.USAGE
    said = capsys.readouterr().err
    assert "is a .csv file" in said
    assert "a report is .csv, .xlsx" in said


def test_a_template_gives_a_workbook_to_be_filled_in(clinic: Tenant) -> None:
    answer = clinic.call("GET", "/templates/patient/sample")
    assert answer.ok
    assert 'filename="patient.xlsx"' in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    book.worksheets[0].append(["d", 5, "typed", 9])
    out = io.BytesIO()
    book.save(out)
    job = clinic.ended(clinic.drop("patient", out.getvalue(), "filled.xlsx"))
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 1), job["reason"]
    assert clinic.call("GET", "/templates/nothing/sample").status_code == 404

"""Uploads of several parts and of every format: sheets of a workbook, members of an archive, JSON, gzip."""

import gzip
import io
import json
import zipfile
from typing import Any

import openpyxl
import pytest
from tenants import Tenant, as_csv, data_of, people

TEAM = {
    "name": "team",
    "title": "Our teams",
    "record_type": "team",
    "key": ["code"],
    "fields": [{"name": "code", "required": True}, {"name": "title"}],
}
MEMBER = {
    "name": "member",
    "record_type": "member",
    "key": ["team", "person"],
    "depends_on": ["team"],
    "fields": [{"name": "team", "required": True}, {"name": "person", "required": True}],
}
TEAMS = [{"code": "a", "title": "Alpha"}, {"code": "b", "title": "Beta"}]
MEMBERS = [{"team": "a", "person": "p1"}, {"team": "b", "person": "p2"}, {"team": "b", "person": ""}]


@pytest.fixture
def teams(tenant: Tenant) -> Tenant:
    """A tenant that has two templates, of which one depends on the other."""
    tenant.push(TEAM)
    tenant.push({**MEMBER, "max_rejected_percent": 50})
    return tenant


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(sheets: dict[str, list[dict[str, Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def assert_teams_loaded(tenant: Tenant, job: dict[str, Any], names: list[str]) -> None:
    """Two parts, the teams before their members, and one row of them rejected."""
    assert job["status"] == "COMPLETED_WITH_ERRORS", job["reason"]
    assert {part["name"]: (part["template"], part["level"]) for part in job["parts"]} == {
        names[0]: ("member", 1),
        names[1]: ("team", 0),
    }
    assert (job["counts"]["rows"], job["counts"]["created"], job["counts"]["rejected"]) == (5, 4, 1)
    items = tenant.items()
    assert sorted(items) == ["member#a#p1", "member#b#p2", "team#a", "team#b"]
    assert data_of(items["team#b"]) == {"code": "b", "title": "Beta"}
    assert items["team#a"]["rev"]["S"].split("#")[1] == "1", "the rev names the part"
    (error,) = tenant.errors(job["job_id"])
    assert (error["code"], error["field"], error["row"]) == ("REQUIRED", "person", 3)


def test_the_files_of_an_archive_are_the_parts_of_one_job(teams: Tenant) -> None:
    content = zipped({"data/Member.csv": as_csv(MEMBERS), "data/our teams.csv": as_csv(TEAMS)})
    job = teams.ended(teams.drop("team", content, "all.zip"))
    assert_teams_loaded(teams, job, ["data/Member.csv", "data/our teams.csv"])


def test_the_sheets_of_a_workbook_are_the_parts_of_one_job(teams: Tenant) -> None:
    job = teams.ended(teams.drop("team", workbook({"Member": MEMBERS, "Our teams": TEAMS}), "all.xlsx"))
    assert_teams_loaded(teams, job, ["Member", "Our teams"])


def test_one_sheet_is_chosen_by_the_request(teams: Tenant) -> None:
    content = workbook({"Notes": [{"hello": "world"}], "Mine": TEAMS})
    refused = teams.ended(teams.drop("team", content, "all.xlsx"))
    assert (refused["status"], refused["reason"]["code"]) == ("REJECTED", "UNKNOWN_COLUMN")
    assert refused["reason"]["message"].startswith("Notes: ")
    created = teams.create("team", "all.xlsx", file={"sheet": "Mine"})
    assert teams.upload(created, content).ok
    job = teams.ended(created["job_id"])
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 2)


def test_a_workbook_without_suffix_keeps_texts_and_numbers(tenant: Tenant) -> None:
    rows: list[dict[str, Any]] = [{"id": "007", "name": "1E5", "age": 41, "email": None}]
    job = tenant.ended(tenant.drop("person", workbook({"Sheet1": rows}), "upload"))
    assert job["status"] == "COMPLETED", job["reason"]
    assert data_of(tenant.items()["person#007"]) == {"id": "007", "name": "1E5", "age": 41}


@pytest.mark.parametrize("lines", [True, False])
def test_json_records_become_records(tenant: Tenant, lines: bool) -> None:
    rows = people(1200)
    content = "\n".join(map(json.dumps, rows)) if lines else json.dumps({"data": rows})
    job = tenant.ended(tenant.drop("person", content.encode(), "people.json"))
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 1200), job["reason"]
    assert data_of(tenant.items()["person#p1200"])["name"] == "Person Ñ1200"


def test_a_packed_file_is_read_as_the_file_inside(tenant: Tenant) -> None:
    job = tenant.ended(tenant.drop("person", gzip.compress(as_csv(people(30))), "people.csv.gz"))
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 30), job["reason"]
    assert job["parts"][0]["plan"]["compression"] == "gzip"


def test_an_archive_bomb_is_refused_in_one_line(tenant: Tenant) -> None:
    job = tenant.ended(tenant.drop("person", zipped({"a.csv": b"id\n" + bytes(600_000_000)}), "bomb.zip"))
    assert job["status"] == "REJECTED"
    assert "\n" not in job["reason"]["message"]


def test_templates_in_a_circle_are_refused(teams: Tenant) -> None:
    teams.push({**TEAM, "depends_on": ["member"]})
    content = zipped({"member.csv": as_csv(MEMBERS), "team.csv": as_csv(TEAMS)})
    job = teams.ended(teams.drop("team", content, "all.zip"))
    assert (job["status"], job["reason"]["code"]) == ("REJECTED", "CIRCULAR_DEPENDENCY")
    assert teams.items() == {}


def test_a_record_that_two_sheets_bring_is_loaded_once(teams: Tenant) -> None:
    sheets = {"North": TEAMS, "South": [{"code": "c", "title": "Gamma"}, {"code": "a", "title": "Another"}]}
    job = teams.ended(teams.drop("team", workbook(sheets), "all.xlsx"))
    assert (job["status"], job["reason"]["code"]) == ("REJECTED", "TOO_MANY_REJECTED")
    (error,) = teams.errors(job["job_id"])
    assert error["code"] == "DUPLICATE_KEY"
    assert "row 1 of 'North'" in error["message"]

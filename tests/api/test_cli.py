"""The command line against a running Longshore: what it prints, where, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from cli import sources
from cli.main import run
from cli.outcome import Exit
from local.embedded_aws import EmbeddedAws

Ask = Callable[..., requests.Response]

GOOD = "code,population\nBRN,130000\nZRH,420000\n"
PARTLY = "code,population\n" + "".join(f"{n:03},{n}\n" for n in range(19)) + "ZRH,many\n"


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, aws: EmbeddedAws, ask: Ask) -> Path:
    """A folder with files, and an environment that leads to a tenant with the template `city`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LONGSHORE_ENDPOINT", aws.api_url)
    tenant = ask("GET", "/imports").request.headers["Authorization"].removeprefix("Bearer ")
    monkeypatch.setenv("LONGSHORE_TOKEN", tenant)
    Path("good.csv").write_text(GOOD)
    Path("partly.csv").write_text(PARTLY)
    Path("bad.csv").write_text("code,population\nTOOLONG,1\n")
    Path("header.csv").write_text("code,population\n")
    Path("unknown.csv").write_text("code,colour\nBRN,red\n")
    Path("latin.csv").write_bytes("code\nZÜ\n".encode("cp1252"))
    return tmp_path


def only_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the one object on standard output."""
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_an_import_that_completes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "good.csv", "--template", "city"]) == Exit.COMPLETED
    said = capsys.readouterr()
    assert said.out.startswith("good.csv -> city: COMPLETED  (job j")
    assert "2 rows: 2 loaded (2 created)" in said.out
    assert said.err.splitlines()[-1].endswith("COMPLETED, 2 of 2 rows")


def test_json_is_one_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "good.csv", "--template", "city", "--json"]) == Exit.COMPLETED
    job = only_json(capsys)
    assert {"job_id", "status", "counts", "parts", "report"} <= set(job)
    assert (job["status"], job["counts"]["rows"], job["counts"]["loaded"]) == ("COMPLETED", 2, 2)


def test_the_same_again_is_rejected_naming_the_first_job(capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", "good.csv", "--template", "city", "--json"])
    first = only_json(capsys)["job_id"]
    assert run(["import", "good.csv", "--template", "city"]) == Exit.FAILED
    said = capsys.readouterr()
    assert first in said.err.splitlines()[-1]
    assert said.err.splitlines()[-1].startswith("longshore: good.csv: REJECTED: ")
    assert run(["import", "good.csv", "--template", "city", "--force", "--json"]) == Exit.COMPLETED
    assert only_json(capsys)["counts"]["unchanged"] == 2


def test_some_bad_rows_load_the_others_and_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "partly.csv", "--template", "city"]) == Exit.WITH_ERRORS
    said = capsys.readouterr().out
    assert "20 rows: 19 loaded (19 created), 1 rejected" in said
    assert "line 21, column 2 (population): " in said
    assert "all of them: longshore errors j" in said


@pytest.mark.parametrize("file", ["bad.csv", "header.csv", "unknown.csv", "latin.csv"])
def test_a_file_that_is_not_acceptable_is_rejected_in_one_line(capsys: pytest.CaptureFixture[str], file: str) -> None:
    assert run(["import", file, "--template", "city", "--json"]) == Exit.FAILED
    said = capsys.readouterr()
    job = json.loads(said.out)
    assert (job["status"], job["counts"]["loaded"]) == ("REJECTED", 0)
    assert said.err.splitlines()[-1] == f"longshore: {file}: REJECTED: {job['reason']['message']}"


def test_several_files_are_several_jobs_and_the_worst_one_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "good.csv", "bad.csv", "--template", "city", "--json"]) == Exit.FAILED
    jobs = only_json(capsys)["jobs"]
    assert [(job["file_name"], job["status"]) for job in jobs] == [("good.csv", "COMPLETED"), ("bad.csv", "REJECTED")]


def test_a_preview_loads_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "good.csv", "--template", "city", "--preview", "--json"]) == Exit.COMPLETED
    job = only_json(capsys)
    assert (job["status"], job["counts"]["loaded"], job["counts"]["unprocessed"]) == ("VALIDATED", 0, 2)


def test_no_wait_returns_while_the_import_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "good.csv", "--template", "city", "--no-wait", "--json"]) == Exit.COMPLETED
    job_id = only_json(capsys)["job_id"]
    assert run(["status", job_id, "--wait", "--json"]) == Exit.COMPLETED
    assert only_json(capsys)["status"] == "COMPLETED"


def test_an_unknown_template_creates_no_job(capsys: pytest.CaptureFixture[str], ask: Ask) -> None:
    assert run(["import", "good.csv", "--template", "nowhere"]) == Exit.USAGE
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "nowhere" in line
    assert ask("GET", "/imports").json()["jobs"] == []


def test_a_template_document_is_stored_first(capsys: pytest.CaptureFixture[str], ask: Ask) -> None:
    document = {**ask("GET", "/templates/city").json()["template"], "name": "town", "record_type": "town"}
    Path("town.json").write_text(json.dumps(document))
    assert run(["import", "good.csv", "--template", "town.json", "--json"]) == Exit.COMPLETED
    assert only_json(capsys)["template"] == "town"
    assert run(["templates", "push", "town.json"]) == Exit.COMPLETED
    assert capsys.readouterr().out == "town: version 1 (unchanged)\n"


def test_a_bad_template_document_says_which_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("town.json").write_text('{"name": "town"}')
    assert run(["templates", "push", "town.json"]) == Exit.USAGE
    assert capsys.readouterr().err.startswith("longshore: town.json: template: ")


@pytest.mark.parametrize("command", ["list", "templates list", "import good.csv --template city"])
def test_an_expired_token(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, aws: EmbeddedAws, command: str
) -> None:
    monkeypatch.setenv("LONGSHORE_TOKEN", aws.token("admin", expires_in=-60))
    assert run(command.split()) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "the token was refused" in said
    assert "set LONGSHORE_TOKEN to a fresh token" in said


def test_a_role_that_is_not_enough(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, aws: EmbeddedAws
) -> None:
    monkeypatch.setenv("LONGSHORE_TOKEN", aws.token("viewer", "anybody"))
    assert run(["import", "good.csv", "--template", "city"]) == Exit.USAGE
    assert "the role viewer may not start imports" in capsys.readouterr().err


def test_an_upload_that_fails_leaves_no_job_waiting(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    def lost(*_: object) -> None:
        raise sources.UploadFailed("good.csv could not be uploaded: ConnectionError; try again")

    monkeypatch.setattr(sources, "_upload", lost)
    assert run(["import", "good.csv", "--template", "city"]) == Exit.FAILED
    job = ask("GET", "/imports").json()["jobs"][0]
    assert job["status"] == "CANCELLED"
    assert f"try again; job {job['job_id']} was cancelled" in capsys.readouterr().err


def test_lists_errors_and_cancel(capsys: pytest.CaptureFixture[str], ask: Ask) -> None:
    waiting = ask("POST", "/imports", json={"template": "city", "file_name": "late.csv"}).json()["job_id"]
    run(["import", "partly.csv", "--template", "city", "--json"])
    partly = only_json(capsys)["job_id"]
    assert run(["errors", partly, "--json"]) == Exit.COMPLETED
    errors = only_json(capsys)
    assert ([error["line"] for error in errors["errors"]], errors["more"]) == ([21], False)
    assert run(["cancel", waiting]) == Exit.COMPLETED
    assert "late.csv -> city: CANCELLED" in capsys.readouterr().out
    assert run(["cancel", waiting]) == Exit.USAGE
    assert "is CANCELLED already" in capsys.readouterr().err
    assert run(["status", partly]) == Exit.WITH_ERRORS
    assert run(["list", "--limit", "1"]) == Exit.COMPLETED
    said = capsys.readouterr()
    assert partly in said.out
    assert waiting not in said.out
    assert "there are more" in said.err
    assert run(["list", "--status", "cancelled", "--json"]) == Exit.COMPLETED
    assert [job["job_id"] for job in only_json(capsys)["jobs"]] == [waiting]


def test_an_unknown_job(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("status", "errors", "cancel", "retry"):
        assert run([command, "j" + "0" * 24]) == Exit.USAGE
        assert capsys.readouterr().err.count("\n") == 1


def test_templates_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["templates", "list"]) == Exit.COMPLETED
    assert "city      1        Cities" in capsys.readouterr().out
    assert run(["templates", "show", "city"]) == Exit.COMPLETED
    assert only_json(capsys)["name"] == "city"

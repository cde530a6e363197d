"""The command line and a job that asks what its columns are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from cli import questions
from cli.main import run
from cli.outcome import Exit
from local.embedded_aws import EmbeddedAws

Ask = Callable[..., requests.Response]


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, aws: EmbeddedAws, ask: Ask) -> None:
    """A folder with an unclear file, and an environment that leads to a tenant with the template `city`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LONGSHORE_ENDPOINT", aws.api_url)
    token = ask("GET", "/imports").request.headers["Authorization"].removeprefix("Bearer ")
    monkeypatch.setenv("LONGSHORE_TOKEN", token)
    Path("unclear.csv").write_text("code,Popul.\nBRN,130000\nZRH,420000\n")


def only_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_an_import_that_nobody_is_asked_about_says_how_to_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "unclear.csv", "--template", "city"]) == Exit.FAILED
    said = capsys.readouterr()
    assert "column 2 'Popul.' may be population (0.80)" in said.err
    job_id = said.out.partition("(job ")[2].partition(")")[0]
    assert f"longshore answer {job_id} --column 'Popul.=FIELD'" in said.err
    assert run(["start", job_id]) == Exit.USAGE
    assert f"answer them first: longshore answer {job_id}" in capsys.readouterr().err
    assert run(["answer", job_id, "--column", "Popul=people"]) == Exit.USAGE
    capsys.readouterr()
    assert run(["answer", job_id, "--json"]) == Exit.FAILED
    assert only_json(capsys)["questions"] == 1
    assert run(["answer", job_id, "--column", "Popul.=population", "--json"]) == Exit.COMPLETED
    job = only_json(capsys)
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 2)


def test_a_person_is_asked_while_the_import_is_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(questions, "on_a_terminal", lambda: True)
    monkeypatch.setattr(questions, "_field", lambda question, _fields: question["candidates"][0]["field"])
    assert run(["import", "unclear.csv", "--template", "city"]) == Exit.COMPLETED
    said = capsys.readouterr()
    assert "what these columns are is not clear" in said.err
    assert "2 rows: 2 loaded (2 created)" in said.out


def test_a_mapping_said_beforehand_spares_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["templates", "mapping", "city"]
    assert run(command) == Exit.COMPLETED
    assert capsys.readouterr().out == "nothing was said about headers of city\n"
    assert run([*command, "--column", "popul.=population", "--ignore", "Notes"]) == Exit.COMPLETED
    shown = capsys.readouterr().out
    assert "Notes   (ignored)" in shown
    assert "popul.  population" in shown
    assert run(["inspect", "unclear.csv", "--template", "city"]) == Exit.COMPLETED
    assert "2       Popul.  population  confirmed" in capsys.readouterr().out
    assert run(["check", "unclear.csv", "--template", "city"]) == Exit.COMPLETED
    assert run(["import", "unclear.csv", "--template", "city"]) == Exit.COMPLETED
    capsys.readouterr()
    assert run([*command, "--forget", "NOTES", "--json"]) == Exit.COMPLETED
    assert [column["header"] for column in only_json(capsys)["columns"]] == ["popul."]
    assert run([*command, "--clear"]) == Exit.COMPLETED
    assert run([*command, "--clear", "--ignore", "x"]) == Exit.USAGE

"""Columns that are not clear, on the command line: shown offline, and asked for on a terminal."""

import json
import zipfile
from pathlib import Path
from typing import Any

import click
import pytest

from cli import questions
from cli.answer_command import column_fields
from cli.main import run
from cli.outcome import Exit, UsageProblem, exit_for

TEMPLATE = {
    "name": "person",
    "record_type": "person",
    "key": ["id"],
    "fields": [
        {"name": "id", "required": True},
        {"name": "first_name"},
        {"name": "last_name"},
        {"name": "number", "column": "Kundennummer"},
    ],
}


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LONGSHORE_ENDPOINT", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("t.json").write_text(json.dumps(TEMPLATE))
    Path("f.csv").write_text("id,Name,Kundenummer\n1,Ann,7\n2,Bob,8\n")


def test_check_checks_nothing_before_the_columns_are_clear(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "f.csv", "--template", "t.json", "--rows", "rows.json", "--rejects", "r.csv"]) == Exit.FAILED
    shown = capsys.readouterr().out
    assert "2 rows not checked: what these columns are is not clear:" in shown
    assert "column 2 'Name' may be first_name (0.80), last_name (0.80)" in shown
    assert "rows.json not written: a column is not clear" in shown
    assert not Path("rows.json").exists()
    assert not Path("r.csv").exists()


def test_one_row_that_is_not_checked_is_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    Path("f.csv").write_text("id,Name,Kundenummer\n1,Ann,7\n")
    assert run(["check", "f.csv", "--template", "t.json"]) == Exit.FAILED
    assert "  1 row not checked: what these columns are is not clear:" in capsys.readouterr().out.splitlines()


def test_a_question_names_its_part_where_the_file_has_several(capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile("f.zip", "w") as archive:
        archive.writestr("new/people.csv", "id,first_name\n1,Ann\n")
        archive.writestr("old/people.csv", "id,Name\n2,Bob\n")
    assert run(["check", "f.zip", "--template", "t.json"]) == Exit.FAILED
    assert "    old/people.csv: column 2 'Name' may be first_name (0.80)" in capsys.readouterr().out


def test_check_as_json_has_the_questions_of_each_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "f.csv", "--template", "t.json", "--json"]) == Exit.FAILED
    document = json.loads(capsys.readouterr().out)
    assert (document["status"], document["questions"], document["counts"]["unprocessed"]) == ("VALIDATED", 1, 2)
    (question,) = document["parts"][0]["questions"]
    assert [candidate["field"] for candidate in question["candidates"]] == ["first_name", "last_name"]


def test_inspect_shows_the_reason_and_score_of_each_match(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", "f.csv", "--template", "t.json"]) == Exit.COMPLETED
    shown = capsys.readouterr().out
    assert "3       Kundenummer  number  fuzzy 0.96" in shown
    assert "2       Name         -       asked 0.80" in shown
    assert "asked: column 2 'Name' may be first_name (0.80)" in shown


def test_answers_as_options() -> None:
    assert column_fields(("E-mail adr.=email", "a=b=c"), ("Notes",)) == {
        "E-mail adr.": "email",
        "a=b": "c",
        "Notes": None,
    }


@pytest.mark.parametrize("given", ["email", "=email", "E-mail=", " = "])
def test_an_option_that_is_no_answer(given: str) -> None:
    with pytest.raises(UsageProblem, match="must be HEADER=FIELD"):
        column_fields((given,), ())


def test_a_job_that_asks_has_not_succeeded() -> None:
    assert exit_for([{"status": "VALIDATED", "questions": 1}]) is Exit.FAILED
    assert exit_for([{"status": "VALIDATED", "questions": 0}]) is Exit.COMPLETED


class Told:
    """A client whose job asks until it is answered."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.answers: list[Any] = []

    def template(self, _name: str, _version: int) -> dict[str, Any]:
        """Give the template."""
        return {"template": TEMPLATE}

    def answer(self, _job: str, answers: list[Any]) -> None:
        """Take answers."""
        self.answers += answers

    def job(self, _job: str) -> dict[str, Any]:
        """Give the job as it stands."""
        return {**self.asked, "status": "COMPLETED", "parts": []} if self.answers else self.asked


@pytest.mark.parametrize(
    ("typed", "field"),
    [(["2"], "last_name"), (["number"], "number"), (["-"], None), (["3", "", "Name", " 1 "], "first_name")],
)
def test_a_person_is_asked_until_the_answer_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: list[str], field: str | None
) -> None:
    candidates = [{"field": name, "score": 0.8} for name in ("first_name", "last_name")]
    question = {"position": 2, "header": "Name", "candidates": candidates}
    counts = {"rows": 2, "unprocessed": 2}
    part = {"part": 1, "name": "b.csv", "template": "person", "template_version": 1, "questions": [question]}
    job = {"job_id": "j1", "file_name": "f.csv", "status": "VALIDATED", "counts": counts, "parts": [part]}
    client = Told(job)
    lines = iter(typed)
    monkeypatch.setattr(click, "prompt", lambda *_, **__: next(lines))
    (done,) = questions.settled_by_asking(client, [job])  # type: ignore[arg-type]  # as much of a client as it takes
    assert done["status"] == "COMPLETED"
    assert client.answers == [{"part": 1, "header": "Name", "field": field}]
    assert next(lines, None) is None
    said = capsys.readouterr()
    assert said.out == ""
    assert "b.csv: column 2 'Name'" in said.err
    assert said.err.count("is none of these") == len(typed) - 1


def test_a_header_with_quotes_can_be_pasted_into_a_shell() -> None:
    asked = {"position": 1, "header": "it's", "candidates": []}
    job = {"job_id": "j1", "parts": [{"part": 0, "questions": [asked]}]}
    assert questions.how_to_answer(job) == """longshore answer j1 --column 'it'"'"'s=FIELD'"""

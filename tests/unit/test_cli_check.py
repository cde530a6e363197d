"""`longshore check` says offline what an import would say, and starts nothing."""

import csv
import io
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from one_part import validated

from cli.main import run
from cli.outcome import Exit
from longshore.domain.rows.raw_texts import RawTexts
from longshore.domain.rows.row_batch import RowBatch
from longshore.domain.templates.template import parse_template

ROOT = Path(__file__).parents[2]
BROKEN = ROOT / "events" / "samples" / "contacts-broken.csv"
CONTACT = ROOT / "events" / "templates" / "contact.json"
TEMPLATE = {
    "name": "t",
    "record_type": "t",
    "key": ["id"],
    "max_rejected_percent": 60,
    "fields": [{"name": "id", "required": True}, {"name": "n", "type": "integer"}, {"name": "d", "type": "decimal"}],
}


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of its own, in which no Longshore is configured or runs."""
    monkeypatch.delenv("LONGSHORE_ENDPOINT", raising=False)
    monkeypatch.delenv("LONGSHORE_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.json").write_text(json.dumps(TEMPLATE))
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], content: str, *options: str, status: int) -> dict[str, Any]:
    Path("f.csv").write_text(content, newline="")
    assert run(["check", "f.csv", "--template", "t.json", "--json", *options]) == status
    said = capsys.readouterr()
    assert said.err == ""
    document: dict[str, Any] = json.loads(said.out)
    return document


class Kept:
    def __init__(self) -> None:
        self.rejected: list[dict[str, object]] = []

    def rows(self, batch: RowBatch, raw: RawTexts) -> None:
        pass

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        self.rejected += rejects


def without_time(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in error.items() if name != "timestamp"} for error in errors]


def test_it_finds_what_the_lambda_finds(capsys: pytest.CaptureFixture[str]) -> None:
    kept = Kept()
    template = parse_template(json.loads(CONTACT.read_text()))
    with BROKEN.open("rb") as stream:
        expected = validated(stream, template, kept)
    arguments = ["check", str(BROKEN), "--template", str(CONTACT), "--rejects", "all.ndjson", "--json"]
    assert run(arguments) == Exit.WITH_ERRORS
    document = json.loads(capsys.readouterr().out)
    assert document["counts"] == expected.counts.as_dict()
    assert document["parts"][0]["plan"] == json.loads(json.dumps(expected.plan.as_dict()))
    written = [json.loads(line) for line in Path("all.ndjson").read_text().splitlines()]
    assert without_time(written) == without_time(kept.rejected)
    assert document["report"] == {"errors": len(written), "rejected_sample": written}


def test_a_clean_file(capsys: pytest.CaptureFixture[str]) -> None:
    document = checked(capsys, "id,n\na,1\nb,\n", status=Exit.COMPLETED)
    assert document["status"] == "VALIDATED"
    assert (document["counts"]["rows"], document["counts"]["unprocessed"]) == (2, 2)
    assert document["report"] == {"errors": 0, "rejected_sample": []}
    assert document["reason"] is None


def test_what_only_the_records_can_tell_is_said_not_to_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.json").write_text(json.dumps(TEMPLATE | {"mode": "insert"}))
    document = checked(capsys, "id\na\n", status=Exit.COMPLETED)
    assert [code for code in ("DUPLICATE_FILE", "RECORD_EXISTS") if code in str(document["not_checked"])] == [
        "DUPLICATE_FILE",
        "RECORD_EXISTS",
    ]


def test_references_and_rule_functions_are_said_not_to_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    fields = [{"name": "id", "required": True}, {"name": "to", "type": "reference", "references": "other"}]
    function = {"function": "longshore-rule-demo-vat"}
    Path("t.json").write_text(json.dumps(TEMPLATE | {"fields": fields, "rule_function": function}))
    document = checked(capsys, "id,to\na,nowhere\n", status=Exit.COMPLETED)
    assert document["not_checked"][-2:] == [
        "to: whether 1 record of other exists already that no accepted row of this file brings: 'nowhere' "
        "(REFERENCE_MISSING)",
        "what longshore-rule-demo-vat says of the rows (RULE_FUNCTION)",
    ]


def test_accepted_rows_as_lines_and_as_an_array(capsys: pytest.CaptureFixture[str]) -> None:
    content = "id,n,d\na,1,1.50\nb,x,\nc,,2\n"
    expected = [
        {"row": 1, "line": 2, "data": {"id": "a", "n": 1, "d": "1.5"}},
        {"row": 3, "line": 4, "data": {"id": "c", "n": None, "d": "2"}},
    ]
    checked(capsys, content, "--rows", "rows.ndjson", "--rejects", "rejects.json", status=Exit.WITH_ERRORS)
    assert [json.loads(line) for line in Path("rows.ndjson").read_text().splitlines()] == expected
    assert [error["code"] for error in json.loads(Path("rejects.json").read_text())] == ["NOT_AN_INTEGER"]
    checked(capsys, content, "--rows", "rows.json", status=Exit.WITH_ERRORS)
    assert json.loads(Path("rows.json").read_text()) == expected


def test_no_rejects_are_an_empty_file_or_array(capsys: pytest.CaptureFixture[str]) -> None:
    checked(capsys, "id\na\n", "--rejects", "rejects.json", "--rows", "x.ndjson", status=Exit.COMPLETED)
    assert json.loads(Path("rejects.json").read_text()) == []
    checked(capsys, "id\na\n", "--rejects", "rejects.ndjson", status=Exit.COMPLETED)
    assert Path("rejects.ndjson").read_text() == ""


def test_a_report_is_corrected_and_checked_again(capsys: pytest.CaptureFixture[str]) -> None:
    checked(capsys, "id,n\n=a,x\nb,2\n+c,y\n", "--rejects", "report.csv", status=Exit.FAILED)
    with open("report.csv", encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert [row[:2] for row in rows] == [["'=a", "x"], ["'+c", "y"]]
    corrected = io.StringIO()
    csv.writer(corrected).writerows([header, *([row[0], "7", *row[2:]] for row in rows)])
    checked(capsys, corrected.getvalue(), "--rows", "rows.json", status=Exit.COMPLETED)
    assert [row["data"] for row in json.loads(Path("rows.json").read_text())] == [
        {"id": "=a", "n": 7},
        {"id": "+c", "n": 7},
    ]


def test_too_many_rejected_rows_refuse_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    document = checked(
        capsys, "id,n\na,x\nb,y\n", "--rows", "rows.json", "--rejects", "rejects.json", status=Exit.FAILED
    )
    assert (document["status"], document["reason"]["code"]) == ("REJECTED", "TOO_MANY_REJECTED")
    assert len(json.loads(Path("rejects.json").read_text())) == 2
    assert not Path("rows.json").exists()


@pytest.mark.parametrize(
    ("content", "code"), [("", "EMPTY_FILE"), ("id\n", "HEADER_ONLY"), ("x\n1\n", "UNKNOWN_COLUMN")]
)
def test_a_file_that_cannot_be_read_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str], folder: Path, content: str, code: str
) -> None:
    document = checked(capsys, content, "--rows", "rows.json", "--rejects", "rejects.csv", status=Exit.FAILED)
    assert (document["reason"]["code"], document["counts"]["rows"]) == (code, 0)
    assert {path.name for path in folder.iterdir()} == {"f.csv", "t.json"}


def test_a_larger_file_than_an_upload_may_be(capsys: pytest.CaptureFixture[str]) -> None:
    document = checked(capsys, "id\na\nb\n", "--max-bytes", "5", status=Exit.FAILED)
    assert document["reason"]["code"] == "FILE_TOO_LARGE"


def test_many_errors_are_sampled_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    content = "id,n\n" + "".join(f"k{at},{'x' if at % 2 else at}\n" for at in range(100))
    Path("f.csv").write_text(content)
    assert run(["check", "f.csv", "--template", "t.json"]) == Exit.WITH_ERRORS
    shown = capsys.readouterr().out
    assert "100 rows: 50 accepted, 50 rejected" in shown
    assert "first 20 of 50 errors (--rejects OUT: all):" in shown
    assert shown.count("NOT_AN_INTEGER") == 20
    assert "line 3, column 2 (n): NOT_AN_INTEGER: n: 'x' is not an integer" in shown


def problem(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(list(arguments)) == Exit.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_a_name_without_anybody_to_ask(capsys: pytest.CaptureFixture[str]) -> None:
    Path("f.csv").write_text("id\na\n")
    said = problem(capsys, "check", "f.csv", "--template", "contact")
    assert "no Longshore to ask for the template 'contact'" in said
    assert "name the path of a document" in said


def test_a_name_is_asked_of_the_longshore_that_is_configured(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sample of that name is no substitute: the stored template may be another one."""
    (folder / "events").symlink_to(ROOT / "events")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("LONGSHORE_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
    monkeypatch.setenv("LONGSHORE_TOKEN", "t")
    assert run(["check", "events/samples/contacts.csv", "--template", "contact"]) == Exit.UNREACHABLE
    assert "nothing answers at" in capsys.readouterr().err


def test_a_name_of_a_sample(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "events").symlink_to(ROOT / "events")
    assert run(["check", "events/samples/contacts.csv", "--template", "contact"]) == Exit.COMPLETED
    assert "(template: events/templates/contact.json)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--rows", "f.csv"], "f.csv is the file to be checked"),
        (["--rows", "o.json", "--rejects", "./o.json"], "--rows and --rejects both name o.json"),
        (["--rows", "nowhere/o.json"], "nowhere/o.json cannot be written: No such file or directory"),
        (["--rejects", "."], ". is no plain file"),
    ],
)
def test_places_that_cannot_be_written_to(capsys: pytest.CaptureFixture[str], options: list[str], says: str) -> None:
    Path("f.csv").write_text("id\na\n")
    assert says in problem(capsys, "check", "f.csv", "--template", "t.json", *options)
    assert Path("f.csv").read_text() == "id\na\n"


def test_a_template_that_breaks_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    Path("f.csv").write_text("id\na\n")
    Path("t.json").write_text(json.dumps(TEMPLATE | {"key": ["nope"]}))
    assert "t.json: template: " in problem(capsys, "check", "f.csv", "--template", "t.json")


def test_a_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no.csv does not exist" in problem(capsys, "check", "no.csv", "--template", "t.json")

"""`longshore inspect` and `longshore draft` need no template, no Longshore, and no more than the file."""

import json
import zipfile
from pathlib import Path

import pytest

from cli.main import run
from cli.outcome import Exit

ROOT = Path(__file__).parents[2]
CONTACTS = str(ROOT / "events" / "samples" / "contacts.csv")
CONTACT = str(ROOT / "events" / "templates" / "contact.json")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.delenv("LONGSHORE_ENDPOINT", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_plan_of_a_file_without_a_template(capsys: pytest.CaptureFixture[str]) -> None:
    Path("f.csv").write_bytes(b"\xef\xbb\xbf\n a;b, c\n15;2\n1;3\n")
    assert run(["inspect", "f.csv", "--json"]) == Exit.COMPLETED
    shown = json.loads(capsys.readouterr().out)
    assert (shown["file_name"], shown["template"], len(shown["parts"])) == ("f.csv", None, 1)
    plan = shown["parts"][0]["plan"]
    assert {name: plan[name] for name in ("format", "encoding", "bom", "delimiter", "quote", "header_line")} == {
        "format": "csv",
        "encoding": "utf-8-sig",
        "bom": True,
        "delimiter": ";",
        "quote": '"',
        "header_line": 2,
    }
    assert plan["data_line"] == 3
    columns = [(c["position"], c["header"], c["field"], c["reason"]) for c in plan["columns"]]
    assert columns == [(1, " a", None, "unmapped"), (2, "b, c", None, "unmapped")]


def test_the_plan_with_a_template_is_the_one_of_an_import(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", CONTACTS, "--template", CONTACT, "--json"]) == Exit.COMPLETED
    plan = json.loads(capsys.readouterr().out)["parts"][0]["plan"]
    assert run(["check", CONTACTS, "--template", CONTACT, "--json"]) == Exit.COMPLETED
    assert plan == json.loads(capsys.readouterr().out)["parts"][0]["plan"]


def test_a_plan_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    Path("f.csv").write_text("id\tname\n1\tx\n")
    assert run(["inspect", "f.csv"]) == Exit.COMPLETED
    shown = capsys.readouterr().out
    assert "delimiter  tab\n" in shown
    assert "2       name    -      unmapped" in shown


@pytest.mark.parametrize("command", ["inspect", "draft"])
@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "f.csv: EMPTY_FILE: "), (b"PK\x03\x04", "f.csv: DAMAGED_ARCHIVE: "), (b"a\nM\xfc\n", "WRONG_ENCODING: ")],
)
def test_a_file_that_cannot_be_read(
    capsys: pytest.CaptureFixture[str], command: str, content: bytes, says: str
) -> None:
    Path("f.csv").write_bytes(content)
    assert run([command, "f.csv"]) == Exit.FAILED
    said = capsys.readouterr()
    assert said.out == ""
    assert says in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("command", ["inspect", "draft"])
def test_an_encoding_is_declared(capsys: pytest.CaptureFixture[str], command: str) -> None:
    Path("f.csv").write_bytes("id,größe\n1,Müller\n".encode("cp1252"))
    assert run([command, "f.csv", "--encoding", "cp1252"]) == Exit.COMPLETED
    assert "größe" in capsys.readouterr().out
    assert run([command, "f.csv", "--encoding", "klingon"]) == Exit.USAGE
    assert "'klingon' is no encoding of files" in capsys.readouterr().err


def test_an_option_counts_more_than_the_template(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", CONTACTS, "--template", CONTACT, "--encoding", "latin-1", "--json"]) == Exit.COMPLETED
    assert json.loads(capsys.readouterr().out)["parts"][0]["plan"]["encoding"] == "iso8859-1"


def test_a_draft_is_a_template_that_takes_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["draft", CONTACTS]) == Exit.COMPLETED
    said = capsys.readouterr()
    assert "a person must confirm" in said.err
    document = json.loads(said.out)
    assert (document["name"], document["key"]) == ("contacts", ["e_mail"])
    types = {field["name"]: field.get("type", "string") for field in document["fields"]}
    assert (types["customer_since"], types["orders"], types["revenue"]) == ("date", "integer", "decimal")
    Path("draft.json").write_text(said.out)
    assert run(["check", CONTACTS, "--template", "draft.json"]) == Exit.COMPLETED


def test_a_draft_of_text_alone_with_a_name_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["draft", CONTACTS, "--all-text", "--name", "People!"]) == Exit.COMPLETED
    document = json.loads(capsys.readouterr().out)
    assert document["name"] == document["record_type"] == "people"
    assert not any("type" in field for field in document["fields"])


def test_a_draft_without_a_key_is_not_ready(capsys: pytest.CaptureFixture[str]) -> None:
    Path("f.csv").write_text("a,b\n1,\n1,2\n")
    assert run(["draft", "f.csv"]) == Exit.WITH_ERRORS
    said = capsys.readouterr()
    assert json.loads(said.out)["key"] == []
    assert "no column identifies a record" in said.err


def test_a_plan_says_what_is_declared_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    fields = [{"name": "id", "required": True}, {"name": "name"}]
    declared = {"delimiter": "\x1f", "quote": "", "escape": "\\", "footer_rows": 1, "null_markers": ["NULL", "-"]}
    document = {"name": "t", "record_type": "t", "key": ["id"], "fields": fields, "file": declared}
    Path("t.json").write_text(json.dumps(document))
    Path("f.csv").write_text("id\x1fname\n1\x1fx\n")
    assert run(["inspect", "f.csv", "--template", "t.json"]) == Exit.COMPLETED
    shown = capsys.readouterr().out
    for line in (
        "delimiter  unit separator",
        "quote      none",
        "escape     \\",
        "blank      'NULL', '-'",
        "footer     the last 1",
    ):
        assert f"\n{line}" in shown


def test_what_stands_above_a_header_that_was_found_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("f.csv").write_text("Sales 2026\n\nid;name;total\n1;Ann;2\n2;Bob;3\n")
    assert run(["inspect", "f.csv"]) == Exit.COMPLETED
    shown = capsys.readouterr().out
    assert "\nheader     line 3; rows begin at line 4\nskipped    lines 1 to 2, above what is taken for" in shown
    assert run(["draft", "f.csv"]) == Exit.COMPLETED
    said = capsys.readouterr()
    assert "the header is taken to be line 3, and lines 1 to 2 are skipped: if not so, say --header-row" in said.err
    Path("t.json").write_text(said.out)
    assert run(["check", "f.csv", "--template", "t.json"]) == Exit.COMPLETED


def several_parts() -> None:
    with zipfile.ZipFile("f.zip", "w") as archive:
        archive.writestr("a/City 1.csv", "id,name\n1,x\n2,y\n")
        archive.writestr("a/City 2.csv", "id,name\n3,x\n")
        archive.writestr("b/City 1.csv", "town\nBern\n")
        archive.writestr("b/Länder.json", '[{"code": "CH"}, {"code": "FR"}]')


def test_a_draft_for_each_part_whose_columns_differ(capsys: pytest.CaptureFixture[str]) -> None:
    several_parts()
    assert run(["draft", "f.zip", "--out", "drafts/new"]) == Exit.COMPLETED
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "drafts/new/city_1.json: 2 fields, key id, for 'a/City 1.csv', 'a/City 2.csv'",
        "drafts/new/city_1_2.json: 1 field, key town, for 'b/City 1.csv'",
        "drafts/new/lander.json: 1 field, key code, for 'b/Länder.json'",
    ]
    assert "longshore: lander.json: the key is code" in said.err
    written = [json.loads(Path(f"drafts/new/{name}.json").read_text()) for name in ("city_1", "lander")]
    assert [(document["name"], document.get("title")) for document in written] == [
        ("city_1", None),
        ("lander", "Länder"),
    ]
    assert run(["draft", "f.zip", "--out", "drafts/new"]) == Exit.USAGE
    assert "drafts/new/city_1.json is there already" in capsys.readouterr().err


def test_drafts_of_parts_take_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile("f.zip", "w") as archive:
        archive.writestr("cities.csv", "id,name\n1,x\n2,y\n")
        archive.writestr("more.csv", "id,name\n3,x\n")
        archive.writestr("Länder.json", '[{"code": "CH"}, {"code": "FR"}]')
    assert run(["draft", "f.zip", "--out", "."]) == Exit.COMPLETED
    capsys.readouterr()
    arguments = ["check", "f.zip", "--template", "cities.json", "--template", "lander.json", "--json"]
    assert run(arguments) == Exit.COMPLETED
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert {part["name"]: part["template"] for part in parts} == {
        "cities.csv": "cities",
        "more.csv": "cities",
        "Länder.json": "lander",
    }


def test_a_draft_of_the_first_part_says_that_there_are_others(capsys: pytest.CaptureFixture[str]) -> None:
    several_parts()
    assert run(["draft", "f.zip"]) == Exit.COMPLETED
    assert "--out FOLDER drafts templates for all of them" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made(capsys: pytest.CaptureFixture[str]) -> None:
    Path("x").write_text("")
    Path("f.csv").write_text("id\n1\n")
    assert run(["draft", "f.csv", "--out", "x/y"]) == Exit.USAGE
    assert "x/y cannot be made: " in capsys.readouterr().err

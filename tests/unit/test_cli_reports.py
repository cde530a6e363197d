"""`longshore check --rejects` and `longshore templates sample`: reports and workbooks made on this machine."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from cli.main import run
from cli.outcome import Exit
from longshore.domain.rows.mask import MASK

TEMPLATE = {
    "name": "t",
    "record_type": "t",
    "key": ["id"],
    "max_rejected_percent": 100,
    "fields": [
        {"name": "id", "required": True},
        {"name": "n", "type": "integer"},
        {"name": "pin", "type": "integer", "sensitive": True},
    ],
}


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """A folder of its own, in which no Longshore is configured or runs."""
    monkeypatch.delenv("LONGSHORE_ENDPOINT", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("t.json").write_text(json.dumps(TEMPLATE))
    Path("f.csv").write_text("id,n,pin\n=a,x,1\nb,2,\n")
    with zipfile.ZipFile("f.zip", "w") as archive:
        archive.writestr("one.csv", "id,n\na,x\n")
        archive.writestr("two.json", '[{"id": "b", "n": 1}]')


def check(file, *options):
    return run(["check", file, "--template", "t.json", *options])


def test_a_workbook_is_corrected_and_checked_again(capsys):
    assert check("f.csv", "--rejects", "out.xlsx") == Exit.WITH_ERRORS
    assert "all errors: out.xlsx" in capsys.readouterr().out
    book = openpyxl.load_workbook("out.xlsx")
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[2]][:3] == ["'=a", "x", MASK]
    sheet["B2"] = 5
    book.save("out.xlsx")
    assert check("out.xlsx", "--rows", "rows.json", "--json") == Exit.COMPLETED
    document = json.loads(capsys.readouterr().out)
    assert "what masked cells stand for (MASKED_VALUE_GONE)" in document["not_checked"]
    assert json.loads(Path("rows.json").read_text())[0]["data"] == {"id": "=a", "n": 5, "pin": None}


def test_every_part_has_its_place_in_a_report():
    assert check("f.zip", "--rejects", "out.zip") == Exit.WITH_ERRORS
    with zipfile.ZipFile("out.zip") as archive:
        assert archive.namelist() == ["one.csv", "two.csv"]
        assert archive.read("two.csv").count(b"\n") == 1
    assert check("f.zip", "--rejects", "out.xlsx") == Exit.WITH_ERRORS
    assert openpyxl.load_workbook("out.xlsx").sheetnames == ["one", "two"]
    assert check("out.xlsx") == Exit.WITH_ERRORS


@pytest.mark.parametrize(
    ("file", "out", "problem"),
    [("f.zip", "out.csv", "name a .zip or an .xlsx file"), ("f.csv", "out.zip", "name a .csv file instead of out.zip")],
)
def test_a_name_that_does_not_fit_is_refused(file, out, problem, capsys):
    assert check(file, "--rejects", out) == Exit.USAGE
    assert problem in capsys.readouterr().err
    assert not Path(out).exists()


def test_a_sample_workbook_is_filled_in_and_checked(capsys):
    assert run(["templates", "sample", "t.json"]) == Exit.COMPLETED
    assert capsys.readouterr().out == "t.xlsx  (template: t.json)\n"
    assert check("t.xlsx") == Exit.FAILED
    book = openpyxl.load_workbook("t.xlsx")
    book.worksheets[0].append(["007", 5, 12])
    book.save("t.xlsx")
    assert check("t.xlsx", "--rows", "rows.json") == Exit.COMPLETED
    assert json.loads(Path("rows.json").read_text())[0]["data"] == {"id": "007", "n": 5, "pin": 12}


def test_a_sample_of_a_template_for_csv_says_how_to_import_it(capsys):
    Path("t.json").write_text(json.dumps(TEMPLATE | {"file": {"format": "csv"}}))
    assert run(["templates", "sample", "t.json", "-o", "x.xlsx"]) == Exit.COMPLETED
    assert "--format xlsx" in capsys.readouterr().err
    book = openpyxl.load_workbook(io.BytesIO(Path("x.xlsx").read_bytes()))
    book.worksheets[0].append(["a", 5, 12])
    book.save("x.xlsx")
    assert check("x.xlsx", "--format", "xlsx") == Exit.COMPLETED


@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ({"format": "csv"}, b"007,5,12\r\n"),
        (
            {"format": "csv", "delimiter": ";", "encoding": "utf-16", "header_row": 3},
            "007;5;12\r\n".encode("utf-16-le"),
        ),
        ({"format": "csv", "quote": "'", "escape": "\\"}, b"'007',5,12\r\n"),
        ({"format": "ndjson"}, b'{"id": "007", "n": 5, "in": {"pin": "12"}}\n'),
    ],
)
def test_a_sample_is_in_the_format_of_the_template_and_is_filled_in(file, rows, capsys):
    fields = [*TEMPLATE["fields"][:2], {"name": "pin", "column": "in.pin", "type": "integer"}]
    Path("t.json").write_text(json.dumps(TEMPLATE | {"file": file, "fields": fields}))
    assert run(["templates", "sample", "t.json"]) == Exit.COMPLETED
    path = Path(f"t.{file['format']}")
    assert capsys.readouterr() == (f"{path}  (template: t.json)\n", "")
    assert check(str(path)) == Exit.FAILED
    path.write_bytes(path.read_bytes() + rows)
    assert check(str(path), "--rows", "rows.json") == Exit.COMPLETED
    assert json.loads(Path("rows.json").read_text())[0]["data"] == {"id": "007", "n": 5, "pin": 12}


def test_a_sample_of_json_shows_where_the_records_are(capsys):
    Path("t.json").write_text(json.dumps(TEMPLATE | {"file": {"format": "json", "path": "data.items"}}))
    assert run(["templates", "sample", "t.json", "-o", "sample.json"]) == Exit.COMPLETED
    assert json.loads(Path("sample.json").read_text()) == {"data": {"items": [{"id": None, "n": None, "pin": None}]}}


def test_a_header_that_cannot_be_written_is_refused(capsys):
    fields = [{"name": "id", "column": "a,b", "required": True}]
    file = {"format": "csv", "quote": "", "delimiter": ","}
    Path("t.json").write_text(json.dumps(TEMPLATE | {"file": file, "fields": fields}))
    assert run(["templates", "sample", "t.json"]) == Exit.USAGE
    assert "t.csv was not written: the header cannot be written without quotes" in capsys.readouterr().err
    assert not Path("t.csv").exists()

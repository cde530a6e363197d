"""A report of rejected rows: original cells, what is wrong, and the way back into an import."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest
from report_making import REFUSED, again, as_csv, report, run, template

from longshore.domain.rows.mask import NOT_READ
from longshore.errors import InvalidTemplate

OURS = ["longshore_row_id", "longshore_line", "longshore_codes", "longshore_messages", "longshore_raw"]
KINDS = pytest.mark.parametrize("kind", ["csv", "xlsx"])


def cells(content, delimiter=","):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def sheet(content):
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_rejected_rows_stand_in_their_columns_with_what_is_wrong():
    data = b'id,n\r\n1,5\r\n2,x\r\n,"a,b"\r\n4,"x"y\r\n5,6,7\r\n'
    header, *rows = cells(report(data, template("id", "n", last={"type": "integer"})))
    assert header == ["id", "n", *OURS]
    assert rows[0][:5] == ["2", "x", "j1#0#2", "3", "NOT_AN_INTEGER"]
    assert rows[0][5].startswith("f1: 'x' is not an integer")
    assert rows[1][:5] == ["", "a,b", "j1#0#3", "4", "REQUIRED | NOT_AN_INTEGER"]
    assert rows[2] == ["", "", "j1#0#4", "5", "BROKEN_QUOTES", rows[2][5], '4,"x"y']
    assert rows[3] == ["", "", "j1#0#5", "6", "TOO_MANY_CELLS", rows[3][5], "5,6,7"]
    assert all(row[6] == "" for row in rows[:2])


def test_a_workbook_marks_the_wrong_cells_and_computes_nothing():
    data = b"id,n,m\n1,5,=1+1\n2,x,=HYPERLINK(1)\n,7,-1\n"
    found = sheet(
        report(
            data,
            template(
                "id",
                "n",
                "m",
                fields=[
                    {"name": "f0", "column": "id", "required": True},
                    {"name": "f1", "column": "n", "type": "integer"},
                    {"name": "f2", "column": "m"},
                ],
            ),
            "xlsx",
        )
    )
    header, *rows = found.iter_rows()
    assert [cell.value for cell in header] == ["id", "n", "m", *OURS]
    assert [cell.value for cell in rows[0]][:4] == ["2", "x", "'=HYPERLINK(1)", "j1#0#2"]
    marked = [cell.coordinate for row in rows for cell in row if cell.fill.fill_type]
    assert marked == ["B2", "A3"]
    assert {cell.data_type for row in found.iter_rows() for cell in row if cell.value} == {"s"}
    assert {cell.number_format for row in rows for cell in row} == {"@"}, "what is typed over a cell stays as typed"
    assert (found.freeze_panes, found.auto_filter.ref) == ("A2", "A1:H3")


def test_it_is_utf_8_whatever_the_file_was_and_read_as_such():
    data = "id;n\r\n1;prix 5 €\r\n".encode("cp1252")
    declared = {"encoding": "cp1252", "delimiter": ";", "quote": "'", "header_row": 1, "footer_rows": 0}
    made = report(data, template("id", "n", last={"enum": ["日本"]}, file=declared))
    header, row = cells(made, ";")
    assert header[:2] == ["id", "n"]
    assert row[:2] == ["1", "prix 5 €"]
    assert "日本" in row[5]
    assert again(made, template("id", "n", file=declared)) == [{"f0": "1", "f1": "prix 5 €"}]


@KINDS
@pytest.mark.parametrize(
    "declared",
    [
        {"format": "csv", "header_row": 3, "footer_rows": 1, "quote": "'", "escape": "\\"},
        {"format": "csv", "encoding": "utf-16", "delimiter": "|", "header_row": 3, "footer_rows": 1},
    ],
)
def test_what_a_template_declares_of_its_files_is_not_meant_for_reports(kind, declared):
    mark = declared.get("delimiter", ",")
    text = f"Title\n\nid{mark}n\n1{mark}-x \n2{mark}y\nTotal{mark}2\n"
    data = text.encode(declared.get("encoding", "utf-8"))
    made = report(data, template("id", "n", last=REFUSED, file=declared), kind)
    assert again(made, template("id", "n", file=declared)) == [{"f0": "1", "f1": "-x "}, {"f0": "2", "f1": "y"}]


def test_a_spreadsheet_may_have_saved_it_as_its_country_does():
    made = report(b"id,n\n1,Gr\xc3\xbc\xc3\x9fe\n", template("id", "n", last=REFUSED))
    saved = as_csv(cells(made), ";").decode().replace('"', "").encode("cp1252")
    assert again(saved, template("id", "n", file={"encoding": "cp1252"})) == [{"f0": "1", "f1": "Grüße"}]


@KINDS
def test_rows_of_json_come_back_from_a_report(kind):
    data = b'[{"id": "a", "n": {"x": "=1"}, "tags": ["p", "q"]}, {"id": "b", "n": {"x": "1e3"}}]'
    fields = [
        {"name": "id", "required": True},
        {"name": "x", "column": "n.x"},
        {"name": "tags", "type": "list"},
        {"name": "late", "column": "late"},
    ]
    refusing = template("id", fields=[*fields[:3], fields[3] | {"required": True}], key=["id"])
    made = report(data, refusing, kind)
    if kind == "csv":
        assert cells(made)[0] == ["id", "n.x", "tags", "late", *OURS, "longshore_format"]
    expected = [{"id": "a", "x": "=1", "tags": ["p", "q"]}, {"id": "b", "x": "1e3"}]
    for file in ({}, {"format": "json"}):
        assert again(made, template("id", fields=fields, key=["id"], file=file)) == expected


@KINDS
def test_a_cell_that_could_not_be_read_is_refused_until_somebody_types_it(kind):
    a_template = template("id", "note", "inner.value", last={"column": "in.side"})
    records = [{"id": "1", "note": {"x": 1}}, {"id": "2", "in": 5}, {"id": "3", "note": "fine", "in": {"side": "s"}}]
    lines = [json.dumps(record) for record in records] + [r'{"id": "4", "note": "cut \ud83d"}']
    made = report("\n".join(lines).encode(), a_template, kind)
    (part,) = run(made, a_template)
    assert part.kept.accepted == []
    told = [(error["row"], error["field"], error["code"]) for error in part.kept.errors]
    assert told == [(1, "f1", "CELL_NOT_READ"), (2, "f2", "CELL_NOT_READ"), (3, "f1", "CELL_NOT_READ")]
    once_more = report(made, a_template, kind)
    assert [row["code"] for row in run(once_more, a_template)[0].kept.errors] == ["CELL_NOT_READ"] * 3
    header, *rows = cells(report(made, a_template))
    typed = as_csv([header, *([cell.replace(NOT_READ, "typed") for cell in row] for row in rows)])
    assert again(typed, a_template) == [
        {"f0": "1", "f1": "typed"},
        {"f0": "2", "f2": "typed"},
        {"f0": "4", "f1": "typed"},
    ]


@KINDS
def test_error_cells_of_a_workbook_are_no_blanks_in_its_report(kind):
    book = openpyxl.Workbook()
    for row in (["id", "n", "secret"], [1, "#N/A", "s1"], [2, "=1+1", "s2"], [3, "x", "#REF!"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    a_template = template("id", "n", "secret", last={"sensitive": True})
    made = report(out.getvalue(), a_template, kind)
    originals = run(out.getvalue(), a_template)[0].kept.kept
    (part,) = run(made, a_template, lambda ids: {row: originals[int(row.rpartition("#")[2])] for row in ids})
    told = [(error["row"], error["field"], error["code"]) for error in part.kept.errors]
    assert told == [(1, "f1", "CELL_NOT_READ"), (2, "f1", "CELL_NOT_READ"), (3, "f2", "CELL_NOT_READ")]
    assert part.kept.accepted == []


@KINDS
def test_numbers_mean_what_they_meant_where_they_came_from(kind):
    """1.234 is one thousand in a German CSV file, and one and a bit in a workbook or in JSON."""
    field = {"name": "f1", "column": "n", "type": "decimal", "decimal_comma": True}
    plain = {"name": "f0", "column": "id", "required": True}
    refusing = template("id", fields=[plain, field, {"name": "f2", "required": True}])
    accepting = template("id", fields=[plain, field, {"name": "f2"}])
    german = report(b"id;n;f2\na;1.234;\n", refusing, kind)
    assert again(german, accepting) == [{"f0": "a", "f1": "1234"}]
    native = report(b'[{"id": "a", "n": 1.234}]', refusing, kind)
    assert again(native, accepting) == [{"f0": "a", "f1": "1.234"}]
    assert again(report(native, refusing, kind), accepting) == [{"f0": "a", "f1": "1.234"}]


@KINDS
def test_what_no_column_takes_comes_back_too(kind):
    data = b'{"id": "a", "n": "x"}\n{"id": "b", "n": "x", "more": "=1", "yet": 7}\n'
    keeping = {"unknown_columns": "keep", "extra_cells": "keep"}
    made = report(data, template("id", "n", last=REFUSED, **keeping), kind)
    expected = [{"f0": "a", "f1": "x"}, {"f0": "b", "f1": "x", "extra": {"more": "=1", "yet": "7"}}]
    assert again(made, template("id", "n", **keeping)) == expected
    twice = report(made, template("id", "n", last=REFUSED, **keeping), kind)
    assert again(twice, template("id", "n", **keeping)) == expected


def test_cells_beyond_the_header_come_back():
    keeping = {"extra_cells": "keep"}
    made = report(b"id,n\na,x,-y\n", template("id", "n", last=REFUSED, **keeping))
    assert again(made, template("id", "n", **keeping)) == [{"f0": "a", "f1": "x", "extra": {"column_3": "-y"}}]
    (part,) = run(made.replace(b'column_3"":', b'column_3"";'), template("id", "n", **keeping))
    assert [error["code"] for error in part.kept.errors] == ["NOT_JSON"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_report_of_several_parts_has_a_part_for_each(kind):
    data = zipped(
        {"in/first list.csv": "id,n\n1,x\n2,-y\n", "second.ndjson": '{"id": "3", "n": "z"}\n', "third.csv": "id\n9\n"}
    )
    made = report(data, template("id", "n", last=REFUSED | {"required": False}), kind)
    if kind == "csv":
        assert zipfile.ZipFile(io.BytesIO(made)).namelist() == ["in/first list.csv", "second.csv", "third.csv"]
    else:
        assert openpyxl.load_workbook(io.BytesIO(made)).sheetnames == ["first list", "second", "third"]
    parts = run(made, template("id", "n"))
    accepted = [[tuple(row.values()) for row in part.kept.accepted] for part in parts]
    assert accepted == [[("1", "x"), ("2", "-y")], [("3", "z")], []]
    assert all(not part.kept.errors for part in parts)


def test_titles_of_sheets_are_distinct_and_within_limits():
    data = zipped({f"{folder}/{'long' * 9 if folder == 'c' else 'a[b]'}.csv": "id,n\n1,x\n" for folder in "abc"})
    made = report(data, template("id", "n", last=REFUSED), "xlsx")
    assert openpyxl.load_workbook(io.BytesIO(made)).sheetnames == ["a_b_", "a_b_.2", "t"]


def test_the_one_sheet_that_a_template_names_is_called_so_in_a_report():
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in (["id", "n"], ["1", 5.0]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    made = report(out.getvalue(), template("id", "n", last=REFUSED, file={"sheet": "Data"}), "xlsx")
    assert again(made, template("id", "n", file={"sheet": "Data"})) == [{"f0": "1", "f1": "5"}]


def test_a_cell_that_no_sheet_can_hold_is_told_and_never_cut():
    data = as_csv([["id", "n"], ["1", "x" * 32_768], ["2", "y" * 32_767]])
    made = report(data, template("id", "n", last=REFUSED), "xlsx")
    rows = list(sheet(made).iter_rows(min_row=2, values_only=True))
    assert rows[0][:2] == (None, None)
    assert "correct this row in the csv report" in rows[0][5]
    assert rows[1][:2] == ("2", "y" * 32_767)
    assert again(report(data, template("id", "n", last=REFUSED)), template("id", "n"))[0]["f1"] == "x" * 32_768


def test_the_added_columns_are_recognised_wherever_they_stand():
    data = b"longshore_row_id,id,n,longshore_codes\nj1#0#2,2,'=5,X\n"
    (part,) = run(data, template("id", "n"))
    assert part.kept.accepted == [{"f0": "2", "f1": "=5"}]
    assert [column.reason for column in part.plan.columns] == ["report", "exact", "exact", "report"]


def test_without_row_ids_a_file_is_no_report():
    (part,) = run(b"id,n,longshore_codes\n2,'=5,X\n", template("id", "n", unknown_columns="ignore"))
    assert part.kept.accepted == [{"f0": "2", "f1": "'=5"}]


def test_a_word_in_the_data_makes_no_report():
    data = b"Title of it\nid;n\nlongshore_row_id;5\n"
    (part,) = run(data, template("id", "n", file={"delimiter": ";", "header_row": 2}))
    assert part.kept.accepted == [{"f0": "longshore_row_id", "f1": "5"}]


@KINDS
def test_a_report_of_a_report_keeps_the_row_ids(kind):
    strict = template("id", "n", last={"enum": ["=ok"]})
    first = report(b"id,n\n1,=bad\n2,=ok\n", strict, kind)
    assert cells(report(first, strict))[1][:3] == ["1", "'=bad", "j1#0#1"]


def test_a_template_cannot_have_the_columns_of_reports():
    with pytest.raises(InvalidTemplate, match="'longshore_row_id' is reserved"):
        template("id", "longshore_row_id")

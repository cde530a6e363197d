"""Which sheets of a workbook are parts, and workbooks that break the rules of their format."""

from io import BytesIO

import pytest
from workbook_files import TRANSITIONAL, Made, cell, data_row, header, rejected, relations, row, sheet_xml

from longshore.domain.templates.file_options import FileOptions
from longshore.errors import FileRejected
from longshore.readers.workbook.parts import workbook_parts
from longshore.readers.workbook.workbook import Workbook

HEADER = header("id", "name")


def test_hidden_sheets_are_read_only_where_they_are_named():
    xml = sheet_xml(HEADER + data_row(2))
    made = Made(
        {"Shown": xml, "Kept away": xml, "Deep": xml, "Nothing": sheet_xml("")},
        states={"Kept away": "hidden", "Deep": "veryHidden"},
    ).bytes()
    parts = workbook_parts(BytesIO(made), FileOptions())
    assert [part.name for part in parts] == ["Shown"]
    first = next(iter(parts[0].read(parts[0].unmapped_plan(FileOptions(), set()))))
    assert [(notice.code, notice.data["value"]) for notice in first.notices] == [
        ("HIDDEN_SHEET", "Kept away"),
        ("HIDDEN_SHEET", "Deep"),
        ("EMPTY_SHEET", "Nothing"),
    ]
    assert [part.name for part in workbook_parts(BytesIO(made), FileOptions(sheet="deep "))] == ["Deep"]


def test_a_sheet_that_is_not_there_lists_those_that_are():
    made = Made({"One": sheet_xml(HEADER), "Two": sheet_xml("")}).bytes()
    with pytest.raises(FileRejected, match=r"'Three'.*'One', 'Two'") as caught:
        workbook_parts(BytesIO(made), FileOptions(sheet="Three"))
    assert caught.value.code == "SHEET_NOT_FOUND"


def test_a_workbook_without_data_names_its_hidden_sheets():
    made = Made(
        {"One": sheet_xml('<row r="1"><c r="A1" s="1"/></row>'), "H": sheet_xml(HEADER)}, states={"H": "hidden"}
    )
    with pytest.raises(FileRejected, match="hidden: 'H'") as caught:
        workbook_parts(BytesIO(made.bytes()), FileOptions())
    assert caught.value.code == "EMPTY_WORKBOOK"


def test_sheets_of_charts_are_no_parts():
    made = Made({"Data": sheet_xml(HEADER + data_row(2)), "Chart": "<chartsheet/>"})
    rels = made._files()["xl/_rels/workbook.xml.rels"]
    chart = rels.replace('worksheet" Target="worksheets/sheet2', 'chartsheet" Target="chartsheets/sheet1')
    assert chart != rels
    book = Made(made.sheets, parts={"xl/_rels/workbook.xml.rels": chart}).bytes()
    assert [entry.title for entry in Workbook(BytesIO(book)).sheets] == ["Data"]


ENTITY_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>'
    f'<worksheet xmlns="{TRANSITIONAL}"><sheetData><row r="1"><c r="A1" t="str"><v>&lol2;</v></c></row>'
    "</sheetData></worksheet>"
)


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (ENTITY_BOMB, "document type"),
        (sheet_xml(HEADER + data_row(3) + data_row(2)), "row 2 comes after row 3"),
        (sheet_xml(HEADER + data_row(2) + data_row(2)), "row 2 comes after row 2"),
        (sheet_xml(HEADER + data_row(2) + "<!-- -->" + data_row(2)), "row 2 comes after row 2"),
        (sheet_xml(HEADER + row(2, cell("A2", "1"), cell("A2", "2"))), "a cell twice"),
        (sheet_xml(HEADER + row(2, cell("XFE2", "1"))), "beyond column XFD"),
        (sheet_xml(HEADER + row(2, cell("2A", "1"))), "the place '2A'"),
        (sheet_xml(HEADER + row(2_000_000, cell("A2", "1"))), "row 2000000"),
        (sheet_xml(HEADER + data_row(2)).removesuffix("</worksheet>"), "not valid XML"),
        (sheet_xml(HEADER + data_row(2).replace("<v>", "<v>&nbsp;")), "not valid XML"),
        (sheet_xml(HEADER + data_row(2).replace("<v>", "<v>\x01")), "not valid XML"),
        (sheet_xml(HEADER + "<a>" * 100), "nest more than"),
        ("<html/>", "its first element"),
    ],
)
def test_a_sheet_that_breaks_the_rules_is_refused(xml, problem):
    assert problem in str(rejected("DAMAGED_WORKBOOK", Made({"S": xml}).bytes()))


def test_a_missing_sheet_and_missing_parts():
    made = Made({"S": sheet_xml(HEADER)})
    gone = Made({}, parts=made._files() | {"xl/worksheets/sheet1.xml": ""})
    assert "not valid XML" in str(rejected("DAMAGED_WORKBOOK", gone.bytes(), sheet="S"))
    away = Made({}, parts={name: xml for name, xml in made._files().items() if "sheet1" not in name})
    assert "'S' is not in the archive" in str(rejected("DAMAGED_WORKBOOK", away.bytes()))
    rejected("UNSUPPORTED_FORMAT", Made({}, parts={"_rels/.rels": relations({})}).bytes())

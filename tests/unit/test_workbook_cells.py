"""What cells of workbooks become: exact numbers, dates of both epochs, texts as they are, and faults for the rest."""

import pytest
from workbook_files import Made, cell, header, row, seen, sheet_xml, strings_xml, styles_xml

from longshore.readers.workbook.formats import look_of


def column(cells: list[str], **parts) -> list[tuple[str, str]]:
    """Return the texts of a column of cells and the codes of its faults.

    A comment between rows makes the reader take the exact way; both ways must give the same.
    """
    rows = [row(n, cell(f"A{n}", "x", "inlineStr"), xml.replace("B?", f"B{n}")) for n, xml in enumerate(cells, 2)]
    results = []
    for between in ("", "<!-- exact -->"):
        made = Made({"S": sheet_xml(header("id", "value") + between + between.join(rows))}, **parts)
        got = seen(made.bytes())
        faults = {line: fault.code for line, fault in got.faults}
        results.append([(cells[1], faults.get(line, "")) for line, cells in zip(got.lines, got.cells, strict=True)])
    assert results[0] == results[1], "the fast and the exact way differ"
    return results[0]


def texts(cells: list[str], **parts) -> list[str]:
    return [text for text, _ in column(cells, **parts)]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("12", "12"),
        ("0", "0"),
        ("-0", "0"),
        ("12.0", "12"),
        ("12.50", "12.5"),
        ("0.1", "0.1"),
        ("1.1000000000000001", "1.1"),
        ("19.989999999999998", "19.99"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("123456789012345", "123456789012345"),
        ("123456789012345678", "123456789012345680"),
        ("1E+21", "1000000000000000000000"),
        ("1.5E-7", "0.00000015"),
        ("-1.25e3", "-1250"),
        (".5", "0.5"),
        ("007", "7"),
        (" 5 ", "5"),
    ],
)
def test_a_number_is_the_shortest_plain_text_of_its_double(written, text):
    assert texts([cell("B?", written), cell("B?", written, "n"), cell("B?", "1")]) == [text, text, "1"]


@pytest.mark.parametrize("written", ["abc", "1_000", "nan", "Infinity", "1E+999", "1,5", "--1", "１２", "5-3", "1.2.3"])
def test_what_is_no_number_is_a_fault_of_its_cell(written):
    assert column([cell("B?", written), cell("B?", "1")]) == [("", "UNREADABLE_CELL"), ("1", "")]


def test_more_digits_than_a_spreadsheet_keeps_are_noticed():
    rows = [row(n, cell(f"A{n}", text)) for n, text in enumerate(["1", "0.12345678901234567", "1E+20", "0.1"], 2)]
    got = seen(Made({"S": sheet_xml(header("id") + "".join(rows))}).bytes())
    assert got.noticed("MANY_DIGITS") == [(3, 1)]


@pytest.mark.parametrize(
    ("number_format", "serial", "text"),
    [
        (14, "46082", "2026-03-01"),
        (14, "46082.5", "2026-03-01T12:00:00"),
        (22, "46082", "2026-03-01T00:00:00"),
        (22, "46082.520833333336", "2026-03-01T12:30:00"),
        ("yyyy-mm-dd hh:mm:ss", "46082.000011574074", "2026-03-01T00:00:01"),
        ("dd/mm/yyyy", "1", "1900-01-01"),
        ("dd/mm/yyyy", "59", "1900-02-28"),
        ("dd/mm/yyyy", "61", "1900-03-01"),
        ("dd/mm/yyyy", "2958465", "9999-12-31"),
        ("[$-409]d-mmm-yy;@", "46082", "2026-03-01"),
        ("mmm yyyy", "46082", "2026-03-01"),
        ("h:mm", "0.5", "12:00:00"),
        ("h:mm AM/PM", "0.999999999", "23:59:59.999"),
        ("hh:mm:ss.000", "0.52084490740740741", "12:30:01"),
        ("mm:ss.0", "0.00001446759", "00:00:01.25"),
        ("h:mm", "46082.5", "2026-03-01T12:00:00"),
        ("[h]:mm:ss", "1.5", "36:00:00"),
        ("[h]:mm", "-0.5", "-12:00:00"),
        (46, "1.25", "30:00:00"),
        ("d/m/yyyy", "46081.99999999999", "2026-03-01"),
    ],
)
def test_a_date_is_told_by_its_number_format(number_format, serial, text):
    parts = {"styles": styles_xml(number_format)}
    assert texts([cell("B?", serial, style=1), cell("B?", serial, "n", 1)], **parts) == [text, text]


@pytest.mark.parametrize("serial", ["60", "0", "-1", "2958466", "1E+300", "abc", "1.2.3"])
def test_what_is_no_date_is_a_fault_of_its_cell(serial):
    cells = [cell("B?", serial, style=1), cell("B?", "46082", style=1)]
    assert column(cells, styles=styles_xml(14)) == [("", "UNREADABLE_CELL"), ("2026-03-01", "")]


def test_dates_count_from_1904_where_the_workbook_says_so():
    cells = [cell("B?", "0", style=1), cell("B?", "44620", style=1)]
    assert texts(cells, styles=styles_xml(14), properties='date1904="1"') == ["1904-01-01", "2026-03-01"]


@pytest.mark.parametrize(
    ("code", "look"),
    [
        ("General", "number"),
        ("0.00", "number"),
        ("#,##0.00 [$€-407]", "number"),
        ('0 "days"', "number"),
        (r"0\d", "number"),
        ("[Red]0;[Green]-0", "number"),
        ("0.00E+00", "number"),
        ("_-* #,##0_-", "number"),
        ("@", "number"),
        ("yyyy", "date"),
        ("mmmm", "date"),
        ("[$-F800]dddd, mmmm dd, yyyy", "date"),
        ("yyyy-mm-ddThh:mm:ss", "datetime"),
        ("d.m.yy h:mm", "datetime"),
        ("mm:ss", "time"),
        ("h AM/PM", "time"),
        ("[mm]:ss", "duration"),
        ("[ss]", "duration"),
        ('"', "number"),
    ],
)
def test_the_look_of_a_number_format(code, look):
    assert look_of(code) == look


def test_texts_are_kept_as_they_are():
    kept = [
        "007",
        "1E5",
        "2026-03-01",
        "TRUE",
        " spaced ",
        "a &amp; b",
        "&#252;",
        "日本",
        "=1+1",
        "#N/A",
        "line\nbreak",
    ]
    want = [text.replace("&amp;", "&").replace("&#252;", "ü") for text in kept]
    assert texts([cell("B?", text, "inlineStr") for text in kept]) == want
    assert texts([cell("B?", text, "str") for text in kept]) == want
    shared = strings_xml(*kept)
    assert texts([cell("B?", str(n), "s") for n in range(len(kept))], strings=shared) == want


def test_shared_strings_of_every_kind():
    strings = strings_xml(
        "plain",
        "<si><r><t>rich </t></r><r><rPr><b/></rPr><t xml:space='preserve'>text</t></r></si>",
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>",
        '<si><t xml:space="preserve"> spaced </t></si>',
        "carriage_x000D_return",
        "an_x005F_x000D_escape",
        "pair_xD83D__xDE00_",
        "half_xD83D_",
        "<si/>",
        "<si><t/></si>",
        "<si><t><![CDATA[<section>]]></t></si>",
        "last",
    )
    want = [
        "plain", "rich text", "東京", " spaced ", "carriage\rreturn", "an_x000D_escape", "pair😀", "half_xD83D_",
        "", "", "<section>", "last",
    ]  # fmt: skip
    assert texts([cell("B?", str(n), "s") for n in range(len(want))], strings=strings) == want


@pytest.mark.parametrize("number", ["3", "-1", "1.0", "x", "99999999999"])
def test_a_shared_string_that_is_not_there_is_a_fault(number):
    cells = [cell("B?", number, "s"), cell("B?", "2", "s")]
    assert column(cells, strings=strings_xml("a", "b", "c")) == [("", "UNREADABLE_CELL"), ("c", "")]


def test_booleans_errors_and_iso_dates():
    cells = [
        cell("B?", "1", "b"),
        cell("B?", "0", "b"),
        cell("B?", "2", "b"),
        cell("B?", "#DIV/0!", "e"),
        cell("B?", "#N/A", "e"),
        cell("B?", "2026-03-01T00:00:00", "d"),
        cell("B?", "2026-03-01T12:30:00.500Z", "d"),
        cell("B?", "today", "d"),
        cell("B?", "1", "z"),
    ]
    assert column(cells) == [
        ("true", ""),
        ("false", ""),
        ("", "UNREADABLE_CELL"),
        ("", "CELL_ERROR"),
        ("", "CELL_ERROR"),
        ("2026-03-01T00:00:00", ""),
        ("2026-03-01T12:30:00.5Z", ""),
        ("", "UNREADABLE_CELL"),
        ("", "UNREADABLE_CELL"),
    ]


def test_formulas_give_their_cached_value_or_a_fault():
    cells = [
        '<c r="B?"><f>A1*2</f><v>4</v></c>',
        '<c r="B?" t="str"><f>A1&amp;"x"</f><v>text</v></c>',
        '<c r="B?" t="str"><f>""</f><v></v></c>',
        '<c r="B?"><f t="shared" si="0"/><v>5.50</v></c>',
        '<c r="B?"><f>A1</f></c>',
        '<c r="B?"><f>A1</f><v></v></c>',
        '<c r="B?"><f>A1</f><v/></c>',
        '<c r="B?" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c r="B?" t="b"><f>TRUE()</f><v>1</v></c>',
    ]
    missing = ("", "FORMULA_WITHOUT_VALUE")
    want = [("4", ""), ("text", ""), ("", ""), ("5.5", ""), missing, missing, missing, ("", "CELL_ERROR"), ("true", "")]
    assert column(cells) == want


def test_formulas_are_noticed_with_their_count():
    rows = "".join(row(n, f'<c r="A{n}"><f>{n}*2</f><v>{n * 2}</v></c>') for n in range(2, 12))
    got = seen(Made({"S": sheet_xml(header("id") + rows)}).bytes())
    assert sum(count for _, count in got.noticed("FORMULA")) == 10
    assert got.noticed("FORMULA")[0][0] == 2


@pytest.mark.parametrize("between", ["", "<!-- exact -->"])
def test_a_formula_without_a_value_is_not_noticed_as_one_whose_value_is_taken(between):
    cells = ["<f>1</f>", "<f>1</f><v></v>", "<f>1</f><v>1</v>", "<v>2</v>", "<f>1</f>"]
    rows = between + between.join(row(n, f'<c r="A{n}">{inner}</c>') for n, inner in enumerate(cells, 2))
    got = seen(Made({"S": sheet_xml(header("id") + rows)}).bytes())
    assert sorted(line for line, fault in got.faults if fault.code == "FORMULA_WITHOUT_VALUE") == [2, 3, 6]
    assert got.noticed("FORMULA") == [(4, 1)]


def test_formulas_that_all_lack_a_value_are_not_noticed():
    got = seen(Made({"S": sheet_xml(header("id") + row(2, '<c r="A2"><f>1</f></c>'))}).bytes())
    assert [fault.code for _, fault in got.faults] == ["FORMULA_WITHOUT_VALUE"]
    assert got.noticed("FORMULA") == []

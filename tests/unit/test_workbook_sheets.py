"""Sheets as they are in the wild: where the table is, what is blank, what is hidden, who wrote the XML."""

from workbook_files import (
    STRICT,
    STRICT_RELATION,
    TRANSITIONAL,
    Made,
    cell,
    data_row,
    header,
    rejected,
    row,
    seen,
    sheet_xml,
    strings_xml,
    text,
)

HEADER = header("id", "name")


def sheet(rows: str, **given) -> bytes:
    return Made({"S": sheet_xml(rows, **given)}).bytes()


def test_rows_carry_their_numbers_and_their_text_as_csv():
    got = seen(sheet(HEADER + data_row(2) + row(5, cell("A5", "7"), text("B5", 'a, "b"'))))
    assert (got.rows, got.lines) == ([1, 2], [2, 5])
    assert got.cells == [("2", "name 2"), ("7", 'a, "b"')]
    assert got.raw == ["2,name 2", '7,"a, ""b"""']
    assert [column.header for column in got.plan.columns] == ["id", "name"]
    assert (got.plan.format, got.plan.sheet, got.plan.header_line, got.plan.data_line) == ("xlsx", "S", 1, 2)


def test_raw_text_is_cut():
    got = seen(sheet(HEADER + row(2, text("A2", "x" * 400), text("B2", "y" * 5000)) + data_row(3)))
    assert [len(raw) for raw in got.raw] == [500, 8]
    assert got.cells[0] == ("x" * 400, "y" * 5000)


def test_rows_and_cells_may_lack_their_places():
    rows = '<row><c t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>name</t></is></c></row>'
    rows += '<row><c><v>1</v></c><c t="inlineStr"><is><t>one</t></is></c></row><row/><row><c r="B4"><v>4</v></c></row>'
    got = seen(sheet(rows))
    assert list(zip(got.lines, got.cells, strict=True)) == [(2, ("1", "one")), (4, ("", "4"))]


def test_cells_in_any_order_and_short_rows():
    rows = HEADER + row(2, text("B2", "b"), cell("A2", "1")) + row(3, cell("A3", "3")) + row(4, text("B4", "only"))
    assert seen(sheet(rows)).cells == [("1", "b"), ("3", ""), ("", "only")]


def test_blank_rows_are_noticed_and_no_rows():
    phantom = "".join(
        f'<row r="{n}" spans="1:2"><c r="A{n}" s="1"/><c r="B{n}" s="1"></c></row>' for n in range(4, 5000)
    )
    got = seen(sheet(HEADER + data_row(2) + '<row r="3"/>' + phantom + data_row(6000)))
    assert got.lines == [2, 6000]
    assert got.rows == [1, 2]
    assert sum(count for _, count in got.noticed("BLANK_ROWS")) == 4997
    assert min(line for line, _ in got.noticed("BLANK_ROWS")) == 3


def test_formatted_cells_beside_the_table_are_nothing():
    rows = HEADER + "".join(
        row(n, cell(f"A{n}", "1"), text(f"B{n}", "b"), f'<c r="C{n}" s="4"/><c r="D{n}" s="4"></c>') for n in (2, 3)
    )
    got = seen(sheet(rows))
    assert got.cells == [("1", "b"), ("1", "b")]
    assert got.broken == []


def test_values_beside_the_table_break_their_row_or_are_kept_or_ignored():
    rows = HEADER + data_row(2) + row(3, cell("A3", "3"), text("B3", "b"), text("D3", "stray")) + data_row(4)
    got = seen(sheet(rows))
    assert got.rows == [1, 3]
    assert [(b.row, b.line, b.code, b.raw, b.data) for b in got.broken] == [
        (2, 3, "TOO_MANY_CELLS", "3,b,stray", {"cells": 4, "columns": 2})
    ]
    got = seen(sheet(rows), extra_cells="keep")
    assert (got.cells[1], got.extra, got.broken) == (("3", "b"), {3: {"column_4": "stray"}}, [])
    got = seen(sheet(rows), extra_cells="ignore")
    assert (got.cells[1], got.extra, got.broken) == (("3", "b"), {}, [])


def test_leading_and_inner_blank_columns_are_layout():
    rows = row(3, text("C3", "id"), text("E3", "name")) + row(4, cell("C4", "1"), text("E4", "one"))
    got = seen(sheet(rows))
    assert [(c.position, c.header, c.reason) for c in got.plan.columns] == [
        (1, "", "ignored"),
        (2, "", "ignored"),
        (3, "id", "unmapped"),
        (4, "", "ignored"),
        (5, "name", "unmapped"),
    ]
    assert got.cells == [("", "", "1", "", "one")]


def test_a_value_in_a_column_taken_for_layout_is_judged_as_an_unknown_column():
    many = "".join(row(n, cell(f"A{n}", "1"), text(f"C{n}", "c")) for n in range(2, 400))
    stray = row(400, cell("A400", "1"), text("B400", "stray"), text("C400", "c"))
    made = sheet(row(1, text("A1", "id"), text("C1", "c")) + many + stray)
    got = seen(made)
    assert len(got.cells) == 398
    assert [(broken.line, broken.code) for broken in got.broken] == [(400, "TOO_MANY_CELLS")]
    kept = seen(made, unknown_columns="keep")
    assert (kept.cells[-1], kept.extra, kept.broken) == (("1", "", "c"), {400: {"column_2": "stray"}}, [])
    ignored = seen(made, unknown_columns="ignore")
    assert (len(ignored.cells), ignored.extra, ignored.broken) == (399, {}, [])


def test_a_column_without_header_that_has_values_is_a_column():
    got = seen(sheet(row(1, text("A1", "id"), text("C1", "c")) + row(2, cell("A2", "1"), text("B2", "b"))))
    assert [column.reason for column in got.plan.columns] == ["unmapped"] * 3


TITLED = row(1, text("A1", "Customers of March")) + row(2, text("A2", "id of report"), cell("B2", "77"))
TABLE = header("Id", "Name", line=5) + row(6, cell("A6", "1"), text("B6", "one"))


def test_the_header_is_the_row_that_knows_most_of_the_columns_that_are_wanted():
    got = seen(sheet(TITLED + TABLE), wanted=["id", "name"])
    assert (got.plan.header_line, got.cells, got.lines) == (5, [("1", "one")], [6])
    assert got.noticed("SKIPPED_LINES") == [(1, 2)]


def test_without_a_template_the_header_is_the_first_row_as_full_as_the_others():
    title = row(1, text("A1", "Customers of March"))
    wide = header("a", "b", "c", "d", line=3) + row(4, cell("A4", "1"), cell("B4", "2"), cell("C4", "3"))
    assert seen(sheet(title + wide)).plan.header_line == 3


def test_a_declared_header_row_is_used_and_must_not_be_blank():
    assert seen(sheet(TITLED + TABLE), options={"header_row": 2}).plan.header_line == 2
    assert "row 3" in str(rejected("MALFORMED_HEADER", sheet(TITLED + TABLE), options={"header_row": 3}))


def test_a_header_without_a_value_that_can_be_used():
    rows = row(1, text("A1", "id"), cell("B1", "#REF!", "e")) + data_row(2)
    assert "B1" in str(rejected("MALFORMED_HEADER", sheet(rows)))


def test_footer_rows_are_dropped_and_noticed():
    rows = HEADER + "".join(map(data_row, range(2, 2500))) + row(2600, text("A2600", "Total")) + data_row(2601)
    got = seen(sheet(rows), options={"footer_rows": 2})
    assert (got.lines[-1], len(got.lines), got.rows[-1]) == (2499, 2498, 2498)
    assert got.noticed("SKIPPED_LINES") == [(2600, 2)]


def test_merged_cells_are_noticed_where_data_is():
    merges = '<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A2:A3"/><mergeCell ref="B9:B12"/></mergeCells>'
    got = seen(sheet(HEADER + data_row(2) + data_row(3), after=merges))
    assert [line for line, _ in got.noticed("MERGED_CELLS")] == [2, 9]


def test_a_lying_dimension_changes_nothing():
    xml = sheet_xml(HEADER + data_row(2)).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    assert seen(Made({"S": xml}).bytes()).cells == [("2", "name 2")]


PREFIXED = (
    f'<x:worksheet xmlns:x="{TRANSITIONAL}"><x:sheetData>'
    '<x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c><x:c r="B1" t="s"><x:v>1</x:v></x:c></x:row>'
    '<x:row r="2"><x:c r="A2"><x:v>12</x:v></x:c><x:c r="B2" t="inlineStr"><x:is><x:t>b</x:t></x:is></x:c></x:row>'
    '<x:row r="3"><x:c r="A3"><x:f>A2</x:f><x:v>12</x:v></x:c><x:c r="B3" t="s"><x:v>1</x:v></x:c></x:row>'
    "</x:sheetData></x:worksheet>"
)


def test_prefixed_elements():
    strings = f'<x:sst xmlns:x="{TRANSITIONAL}"><x:si><x:t>id</x:t></x:si><x:si><x:t>name</x:t></x:si></x:sst>'
    got = seen(Made({"S": PREFIXED}, strings=strings).bytes())
    assert got.cells == [("12", "b"), ("12", "name")]


def test_strict_office_open_xml():
    rows = HEADER + data_row(2) + row(3, cell("A3", "2026-03-01", "d"), text("B3", "c"))
    xml = sheet_xml(rows, root=f'worksheet xmlns="{STRICT}"')
    strict = Made({"S": xml}, namespace=STRICT, relation=STRICT_RELATION).bytes()
    assert seen(strict).cells == [("2", "name 2"), ("2026-03-01", "c")]


def test_utf_16_and_pretty_printed_xml():
    xml = sheet_xml(HEADER + data_row(2)).replace("UTF-8", "UTF-16").replace("><", ">\r\n  <")
    made = Made({"S": "replaced"}, parts={"xl/worksheets/sheet1.xml": xml.encode("utf-16")})
    assert seen(made.bytes()).cells == [("2", "name 2")]


def test_absolute_targets_of_relations_and_odd_names_of_parts():
    assert seen(Made({"S": sheet_xml(HEADER + data_row(2))}, base="/xl/").bytes()).cells == [("2", "name 2")]
    made = Made({"S": sheet_xml(HEADER + row(2, cell("A2", "0", "s")))}, strings=strings_xml("shared"))
    files = made._files()
    files["xl\\SharedStrings.XML"] = files.pop("xl/sharedStrings.xml")
    moved = Made({}, parts=files).bytes()
    assert seen(moved).cells == [("shared", "")]


def test_a_record_with_too_much_text_costs_only_itself():
    strings = strings_xml("x" * 30_000, "id", "name")
    many = row(3, *(cell(f"{letters}3", "0", "s") for letters in [chr(65 + n) for n in range(26)] + ["AA", "AB"]))
    wide = row(1, *(cell(f"{chr(65 + n)}1", "1", "s") for n in range(26)), cell("AA1", "1", "s"), cell("AB1", "1", "s"))
    huge = row(4, text("A4", "y" * 1_100_000))
    got = seen(Made({"S": sheet_xml(wide + data_row(2) + many + huge + data_row(5))}, strings=strings).bytes())
    assert got.lines == [2, 3, 5]
    assert [(broken.line, broken.code, len(broken.raw)) for broken in got.broken] == [(4, "RECORD_TOO_LONG", 500)]


def test_a_header_that_is_too_wide():
    wide = row(1, *(f'<c t="str"><v>column {n}</v></c>' for n in range(1200)))
    assert "1200 columns" in str(rejected("SHEET_TOO_LARGE", sheet(wide)))


def test_wide_sheets_are_read_the_exact_way():
    rows = "".join(row(n, *(f"<c><v>{n * column}</v></c>" for column in range(1, 301))) for n in (1, 2, 3))
    assert seen(sheet(rows)).cells[1][299] == "900"


def test_a_report_of_rejected_rows_gives_the_cells_as_they_were():
    rows = header("name", "longshore_row_id") + row(2, text("A2", "'=1+1"), text("B2", "job#0#1"))
    assert seen(sheet(rows)).cells == [("=1+1", "job#0#1")]

"""The row checker: every error of a row with its place, keys met once, sizes bounded."""

import json
from dataclasses import replace
from io import BytesIO

import pytest

from longshore.domain.catalogue.notices import Warnings
from longshore.domain.catalogue.row_errors import RAW_LIMIT, ROW_ERRORS, row_error
from longshore.domain.chunk import Broken, CellFault, Chunk, Notice
from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.rows.key_check import KEY_BYTES
from longshore.domain.rows.row_checker import RowChecker, too_many_rejected
from longshore.domain.templates.template import parse_template

AT = "2026-03-01T00:00:00Z"


def checker(fields, key, columns=None, tenant="demo", **changes):
    template = parse_template({"name": "t", "record_type": "thing", "key": key, "fields": fields} | changes)
    names = columns or [field["name"] for field in fields]
    mapped = tuple(Column(n, name or "?", name, "exact") for n, name in enumerate(names, start=1))
    return RowChecker(template, plan(mapped), tenant, AT, BytesIO)


def plan(columns, **changes):
    return ParsePlan("csv", "utf-8", False, ",", '"', 1, 2, tuple(columns), **changes)


def codes(checked):
    return [(error.row, error.column, error.code) for error in checked.errors]


def chunk(*cells, first=1, broken=()):
    numbers = range(first, first + len(cells))
    raw = [",".join(row) for row in cells]
    return Chunk(numbers, [n + 1 for n in numbers], cells, raw, max(map(len, raw), default=0), broken)


ID = {"name": "id", "required": True}
NUMBER = {"name": "n", "type": "integer"}


def test_accepted_rows_carry_number_line_and_values_in_the_order_of_the_file():
    check = checker([ID, NUMBER, {"name": "z"}], ["id"], columns=["n", None, "id"])
    checked = check.check(chunk(("7", "skipped", "a"), ("", "", "b")))
    assert check.fields == ["n", "id"]
    assert list(checked.rows) == [(1, 2, 7, "a"), (2, 3, None, "b")]
    assert checked.raw.texts == ["7,skipped,a", ",,b"]
    assert (checked.errors, checked.rejected) == ([], 0)


def test_all_errors_of_a_row_are_reported_with_column_and_raw_text():
    check = checker([ID, NUMBER, {"name": "c", "enum": ["x"], "max_length": 1}], ["id"])
    checked = check.check(chunk(("a", "1", "x"), ("", "one", "yy"), ("b", "2", "x")))
    assert [row[2] for row in checked.rows] == ["a", "b"]
    assert [(e.row, e.line, e.column, e.field, e.code) for e in checked.errors] == [
        (2, 3, 1, "id", "REQUIRED"),
        (2, 3, 2, "n", "NOT_AN_INTEGER"),
        (2, 3, 3, "c", "NOT_IN_ENUM"),
        (2, 3, 3, "c", "TOO_LONG"),
    ]
    assert {(e.raw_data, e.timestamp, e.error_type) for e in checked.errors} == {(",one,yy", AT, "validation")}
    assert checked.rejected == 1
    assert json.loads(json.dumps(checked.errors[0].as_dict()))["column"] == 1


def test_broken_records_are_errors_in_their_place():
    broken = (Broken(2, 3, 'b,"', "BROKEN_QUOTES"), Broken(4, 5, "d", "TOO_FEW_CELLS", {"cells": 1, "columns": 2}))
    checked = checker([ID, NUMBER], ["id"]).check(
        Chunk([1, 3], [2, 4], [["a", "x"], ["c", "1"]], ["a,x", "c,1"], 3, broken)
    )
    assert [(e.row, e.column, e.code, e.error_type) for e in checked.errors] == [
        (1, 2, "NOT_AN_INTEGER", "validation"),
        (2, None, "BROKEN_QUOTES", "parse"),
        (4, None, "TOO_FEW_CELLS", "parse"),
    ]
    assert checked.rejected == 3


def test_a_chunk_of_broken_records_only_has_no_rows():
    checked = checker([ID], ["id"]).check(Chunk([], [], [], [], 0, (Broken(1, 2, '"', "BROKEN_QUOTES"),)))
    assert (list(checked.rows), checked.rejected) == ([], 1)


def test_a_key_met_before_is_rejected_naming_the_first_row():
    check = checker([ID, NUMBER], ["id"])
    check.check(chunk(("a", "1"), ("b", "wrong")))
    checked = check.check(chunk(("c", "1"), ("a", "2"), ("b", "3"), ("c", "4"), first=3))
    assert [row[0] for row in checked.rows] == [3]
    assert [(e.row, e.column, e.code, e.error_type) for e in checked.errors] == [
        (4, 1, "DUPLICATE_KEY", "duplicate"),
        (5, 1, "DUPLICATE_KEY", "duplicate"),
        (6, 1, "DUPLICATE_KEY", "duplicate"),
    ]
    assert [e.message.split("row ")[1][0] for e in checked.errors] == ["1", "2", "3"]


def test_a_composite_key_is_compared_as_a_whole_and_never_by_chance():
    check = checker([ID, {"name": "k", "type": "integer", "required": True}], ["id", "k"])
    checked = check.check(chunk(("a", "1"), ("a", "2"), ("a#2", "1"), ("a", "01"), ("", "1"), ("", "1")))
    assert [(e.row, e.column, e.code) for e in checked.errors] == [
        (4, None, "DUPLICATE_KEY"),
        (5, 1, "REQUIRED"),
        (6, 1, "REQUIRED"),
    ]


def test_a_key_of_more_bytes_than_a_partition_key_may_have_is_rejected():
    check = checker([ID], ["id"])
    room = KEY_BYTES - len(b"demo#thing#")
    checked = check.check(chunk(("x" * room,), ("x" * (room + 1),), ("é" * (room // 2 + 1),)))
    assert [(e.row, e.code) for e in checked.errors] == [(2, "KEY_TOO_LONG"), (3, "KEY_TOO_LONG")]


def test_a_row_larger_than_a_record_may_be_is_rejected():
    check = checker([ID, {"name": "text"}], ["id"])
    checked = check.check(chunk(("a", "x" * 340_000), ("b", "€" * 120_000)))
    assert [row[2] for row in checked.rows] == ["a"]
    assert [(e.row, e.column, e.code) for e in checked.errors] == [(2, None, "ROW_TOO_LARGE")]
    assert len(checked.errors[0].raw_data) <= RAW_LIMIT


def test_a_row_that_grows_too_large_by_its_transforms_is_rejected():
    field = {"name": "text", "transforms": [{"replace": {"find": "x", "by": "é" * 200}}]}
    checked = checker([ID, field], ["id"]).check(chunk(("a", "x" * 800), ("b", "y" * 800), ("c", "x" * 1000)))
    assert codes(checked) == [(3, None, "ROW_TOO_LARGE")]


def test_a_unique_value_is_rejected_the_second_time_naming_the_first_row():
    check = checker([ID, {"name": "mail", "unique": True}], ["id"])
    check.check(chunk(("a", "x@y"), ("b", "")))
    checked = check.check(chunk(("c", ""), ("d", "z@y"), ("e", "x@y"), first=3))
    assert codes(checked) == [(5, 2, "NOT_UNIQUE")]
    assert "'x@y'" in checked.errors[0].message
    assert "row 1" in checked.errors[0].message


def test_values_that_are_unique_together_may_repeat_alone_and_blanks_are_none():
    fields = [ID, {"name": "day", "type": "date"}, {"name": "n", "type": "decimal"}]
    check = checker(fields, ["id"], unique=[["day", "n"]])
    day, next_day = "2026-03-01", "2026-03-02"
    rows = [("a", day, "1"), ("b", day, "2"), ("c", next_day, "1"), ("d", day, ""), ("e", day, ""), ("f", day, "1.0")]
    checked = check.check(chunk(*rows, ("g", "x", "2")))
    assert codes(checked) == [(6, None, "NOT_UNIQUE"), (7, 2, "NOT_A_DATE")]
    assert "'day', 'n': '2026-03-01', '1' was met before in row 1" in checked.errors[0].message


def test_a_repeated_row_breaks_each_rule_of_its_own_but_none_that_the_key_implies():
    fields = [ID | {"unique": True}, {"name": "mail", "unique": True}]
    check = checker(fields, ["id"], unique=[["id", "mail"], ["mail", "id"]])
    assert codes(check.check(chunk(("a", "m"), ("a", "m")))) == [(2, 1, "DUPLICATE_KEY"), (2, 2, "NOT_UNIQUE")]


def test_a_unique_rule_on_a_column_that_the_file_lacks_is_not_checked():
    check = checker([ID, {"name": "mail", "unique": True}], ["id"], columns=["id"])
    assert check.check(chunk(("a",), ("b",))).rejected == 0


SPAN = [ID, {"name": "start", "type": "date"}, {"name": "end", "type": "date"}]
IN_ORDER = {"name": "in-order", "expression": "end >= start"}


def test_a_rule_that_does_not_hold_is_an_error_at_its_field_with_its_message():
    rules = [IN_ORDER, IN_ORDER | {"name": "two", "message": "ends\nbefore {it} starts", "field": "end"}]
    checked = checker(SPAN, ["id"], rules=rules).check(
        chunk(("a", "2026-03-01", "2026-03-01"), ("b", "2026-03-02", "2026-03-01"), ("c", "", "2026-03-01"))
    )
    assert codes(checked) == [(2, None, "RULE_BROKEN"), (2, 3, "RULE_BROKEN")]
    assert [error.message for error in checked.errors] == [
        "the rule in-order does not hold: end >= start",
        "ends before {it} starts",
    ]


def test_a_rule_is_not_judged_by_cells_that_are_wrong_but_by_values_that_repeat():
    rule = {"name": "r", "expression": "start is not blank"}
    fields = [ID, {"name": "start", "type": "date", "unique": True}]
    checked = checker(fields, ["id"], rules=[rule]).check(chunk(("a", "x"), ("b", ""), ("b", "")))
    assert codes(checked) == [
        (1, 2, "NOT_A_DATE"),
        (2, None, "RULE_BROKEN"),
        (3, None, "RULE_BROKEN"),
        (3, 1, "DUPLICATE_KEY"),
    ]


def test_a_rule_on_a_column_that_the_file_lacks_is_said_once_not_to_be_checked():
    check = checker(SPAN, ["id"], columns=["id", "start"], rules=[IN_ORDER])
    checked = check.check(chunk(("a", "2026-03-01")))
    assert [(n.code, n.data["value"]) for n in checked.notices] == [("RULE_NOT_CHECKED", "in-order: no column for end")]
    assert (checked.rejected, check.check(chunk(("b", "2026-03-01"), first=2)).notices) == (0, [])


def test_a_cell_that_the_reader_gave_up_has_that_error_alone():
    check = checker([ID, NUMBER | {"required": True}, {"name": "x"}], ["id"], columns=["id", "n", None, "x"])
    nested = {"kind": "an array", "path": "n.a"}
    faults = [CellFault(0, 2, "NOT_A_SCALAR", nested), CellFault(1, 3, "NOT_A_SCALAR", nested)]
    given_up = replace(chunk(("a", "", "", ""), ("b", "1", "", "")), faults=faults)
    assert codes(check.check(given_up)) == [(1, 2, "NOT_A_SCALAR")]


def test_a_cell_that_the_reader_gave_up_is_called_by_its_header_where_no_field_takes_it():
    columns = [Column(1, "id", "id", "exact"), Column(2, "Notes", None, "extra")]
    template = parse_template({"name": "t", "record_type": "t", "key": ["id"], "fields": [ID]})
    fault = CellFault(0, 2, "NOT_A_SCALAR", {"kind": "an array", "path": "n.a"})
    checked = RowChecker(template, plan(columns), "demo", AT, BytesIO).check(replace(chunk(("a", "")), faults=[fault]))
    assert codes(checked) == [(1, 2, "NOT_A_SCALAR")]
    assert (checked.errors[0].field, checked.errors[0].message[:17]) == (None, "Notes is an array")


def test_what_no_field_takes_is_kept_by_header_where_it_has_a_text():
    columns = [Column(1, "id", "id", "exact"), *(Column(n, h, None, "extra") for n, h in enumerate(["a", "", "a"], 2))]
    template = parse_template({"name": "t", "record_type": "t", "key": ["id"], "fields": [ID], "extra_cells": "keep"})
    check = RowChecker(template, plan(columns, extra_cells="keep"), "demo", AT, BytesIO)
    rows = chunk(("x", "1", "2", "3"), ("y", "", "", ""), ("z", "", "", "4"))
    checked = check.check(replace(rows, extra={2: {"column_5": "more", "column_6": ""}}))
    assert check.fields == ["id", "extra"]
    assert [row[2:] for row in checked.rows] == [
        ("x", {"a": "1", "column_3": "2", "column_4": "3"}),
        ("y", None),
        ("z", {"column_4": "4", "column_5": "more"}),
    ]


def test_remarks_become_notices_of_which_a_few_name_their_lines():
    check = checker([ID, NUMBER], ["id"])
    checked = check.check(replace(chunk(*((f"k{n}", "007") for n in range(8))), notices=[Notice("BLANK_ROWS", 9)]))
    warnings = Warnings()
    warnings.add(checked.notices)
    found = {warning["code"]: warning for warning in warnings.as_list()}
    assert found["BLANK_ROWS"]["count"] == 1
    assert (found["LEADING_ZEROS"]["count"], found["LEADING_ZEROS"]["column"]) == (8, 2)
    assert (found["LEADING_ZEROS"]["lines"], found["LEADING_ZEROS"]["example"]) == ([2, 3, 4, 5, 6], "'007'")


@pytest.mark.parametrize(
    ("rejected", "rows", "percent", "too_many"),
    [(0, 10, 0, False), (1, 10, 10, False), (2, 10, 10, True), (1, 10, 0, True), (10, 10, 100, False)],
)
def test_a_file_is_refused_above_its_percentage_not_at_it(rejected, rows, percent, too_many):
    assert too_many_rejected(rejected, rows, percent) is too_many


def test_a_file_is_refused_above_its_number_of_rejected_rows_too():
    assert not too_many_rejected(3, 1000, 10, max_rows=3)
    assert too_many_rejected(4, 1000, 10, max_rows=3)
    assert too_many_rejected(1, 1000, 100, max_rows=0)


def test_messages_are_one_line_whatever_the_data_holds():
    error = row_error("NOT_AN_INTEGER", row=1, line=1, raw="x" * 999, at=AT, field="f", value=repr("a\nb"))
    assert "\n" not in error.message
    assert len(error.raw_data) == RAW_LIMIT
    assert all("\n" not in kind.message + kind.title + kind.help for kind in ROW_ERRORS.values())


@pytest.mark.parametrize(
    ("field", "file_format", "advice"),
    [
        ({}, "csv", "write it like -1234.56"),
        ({"decimal_comma": True}, "csv", "write it like -1234,56"),
        ({"decimal_comma": True}, "xlsx", "write it like -1234.56"),
    ],
)
def test_who_wrote_no_decimal_is_told_of_a_spelling_that_is_accepted(field, file_format, advice):
    fields = [ID, {"name": "d", "type": "decimal"} | field]
    a_template = parse_template({"name": "t", "record_type": "t", "key": ["id"], "fields": fields})
    columns = [Column(1, "id", "id", "exact"), Column(2, "d", "d", "exact")]
    a_plan = replace(plan(columns), format=file_format)
    told = RowChecker(a_template, a_plan, "demo", AT, BytesIO).check(chunk(("a", "x")))
    assert told.errors[0].message.endswith(advice)
    spelling = advice.rpartition(" ")[2]
    taken = RowChecker(a_template, a_plan, "demo", AT, BytesIO).check(chunk(("a", spelling)))
    assert [row[3] for row in taken.rows] == ["-1234.56"]

"""The row checker: every error of a row with its place, keys met once, sizes bounded."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.chunk import Broken, Chunk
from longshore.domain.key_check import KEY_BYTES
from longshore.domain.key_index import KeyIndex
from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.row_checker import RowChecker, too_many_rejected
from longshore.domain.row_errors import RAW_LIMIT, ROW_ERRORS, row_error
from longshore.domain.template import parse_template

AT = "2026-03-01T00:00:00Z"


def checker(fields, key, columns=None, tenant="demo"):
    template = parse_template({"name": "t", "record_type": "thing", "key": key, "fields": fields})
    names = columns or [field["name"] for field in fields]
    mapped = tuple(Column(n, name or "?", name, "exact") for n, name in enumerate(names, start=1))
    return RowChecker(template, ParsePlan("csv", "utf-8", False, ",", '"', 1, 2, mapped), tenant, AT)


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
    assert checked.rows == [(1, 2, 7, "a"), (2, 3, None, "b")]
    assert checked.raw == ["7,skipped,a", ",,b"]
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
    assert (checked.rows, checked.rejected) == ([], 1)


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


@given(st.lists(st.text(max_size=2) | st.sampled_from(["a", "b"]), max_size=200), st.integers(1, 50))
def test_the_key_index_finds_each_repetition_and_its_first_row(keys, cut):
    index, first, expected, found = KeyIndex(BytesIO()), {}, [], []
    for row, key in enumerate(keys, start=1):
        if key in first:
            expected.append((row, first[key]))
        first.setdefault(key, row)
    for start in range(0, len(keys), cut):
        part = keys[start : start + cut]
        rows = range(start + 1, start + 1 + len(part))
        found += [(rows[at], row) for at, row in index.add(part, rows)]
    assert found == expected


@pytest.mark.parametrize(
    ("rejected", "rows", "percent", "too_many"),
    [(0, 10, 0, False), (1, 10, 10, False), (2, 10, 10, True), (1, 10, 0, True), (10, 10, 100, False)],
)
def test_a_file_is_refused_above_its_percentage_not_at_it(rejected, rows, percent, too_many):
    assert too_many_rejected(rejected, rows, percent) is too_many


def test_messages_are_one_line_whatever_the_data_holds():
    error = row_error("NOT_A_DATE", row=1, line=1, raw="x" * 999, at=AT, field="f", value=repr("a\nb"))
    assert "\n" not in error.message
    assert len(error.raw_data) == RAW_LIMIT
    assert all("\n" not in kind.message + kind.title + kind.help for kind in ROW_ERRORS.values())

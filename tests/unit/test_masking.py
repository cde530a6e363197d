"""Sensitive fields: no value of theirs is in anything that a person sees of a row, but for the record itself."""

from dataclasses import replace
from io import BytesIO

import pytest

from longshore.domain.catalogue.notices import Warnings
from longshore.domain.chunk import Broken, CellFault, Chunk, Notice
from longshore.domain.job import Job
from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.rows.mask import MASK, masked_key
from longshore.domain.rows.masking import HIDDEN_RECORD
from longshore.domain.rows.row_checker import RowChecker
from longshore.domain.rows.row_columns import RowColumns
from longshore.domain.templates.template import parse_template
from longshore.steps.load_batch import rows_of

SECRET = "0071234567890123456789"
ID = {"name": "id", "required": True}


def check(fields, *rows, key=("id",), broken=(), faults=(), notices=(), **changes):
    document = {"name": "t", "record_type": "t", "key": list(key), "fields": fields} | changes
    columns = tuple(Column(n, field["name"], field["name"], "exact") for n, field in enumerate(fields, 1))
    plan = ParsePlan("csv", "utf-8", False, ";", '"', 1, 2, columns)
    raw = [";".join(row) for row in rows]
    chunk = Chunk(range(1, len(rows) + 1), range(2, len(rows) + 2), rows, raw, 99)
    checker = RowChecker(parse_template(document), plan, "demo", "2026-03-01T00:00:00Z", BytesIO)
    return checker.check(replace(chunk, broken=broken, faults=faults, notices=notices))


def told(checked):
    """Everything of a checked chunk that people see."""
    warnings = Warnings()
    warnings.add(checked.notices)
    return repr([checked.raw.texts, [error.as_dict() for error in checked.errors], warnings.as_list()])


RULES = [
    {"enum": ["a"]},
    {"pattern": "[a-z]+"},
    {"max_length": 3},
    {"min_length": 30},
    {"type": "integer"},
    {"type": "decimal", "max": 5},
    {"type": "boolean"},
    {"type": "date"},
    {"type": "datetime"},
    {"type": "time"},
    {"type": "email"},
    {"type": "url"},
    {"type": "uuid"},
    {"type": "list", "enum": ["a"]},
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_no_message_quotes_a_sensitive_value(rule):
    checked = check([ID, {"name": "pin", "sensitive": True} | rule], ("a", SECRET))
    assert checked.errors
    assert SECRET not in told(checked)
    assert MASK in told(checked)


def test_a_field_that_is_not_sensitive_is_quoted_beside_one_that_is():
    checked = check([ID, {"name": "pin", "sensitive": True}, {"name": "n", "type": "integer"}], ("a", SECRET, "x"))
    assert "'x'" in checked.errors[0].message


def test_raw_texts_are_lines_of_csv_with_masks_in_place_of_sensitive_cells():
    fields = [ID, {"name": "pin", "sensitive": True}, {"name": "note"}]
    checked = check(fields, ("a", SECRET, 'x,"y"'), ("b", "", "z"), ("", SECRET, "z"))
    assert checked.raw.texts == [f'a,{MASK},"x,""y"""', "b,,z"]
    assert [error.raw_data for error in checked.errors] == [f",{MASK},z"]
    assert next(iter(checked.rows))[2:] == ("a", SECRET, 'x,"y"'), "the record itself keeps the value"


def test_without_sensitive_fields_raw_texts_are_those_of_the_file():
    assert check([ID, {"name": "n"}], ("a", "b")).raw.texts == ["a;b"]


def test_of_a_record_whose_cells_are_unknown_nothing_is_shown():
    broken = Broken(2, 3, f'b;"{SECRET}', "WRONG_BYTES", {"bytes": SECRET})
    checked = check([ID, {"name": "pin", "sensitive": True}], ("a", SECRET), broken=[broken])
    assert checked.errors[0].raw_data == HIDDEN_RECORD
    assert SECRET not in told(checked)


def test_what_the_reader_says_about_a_sensitive_cell_is_masked():
    fault = CellFault(0, 2, "NOT_A_SCALAR", {"kind": SECRET, "path": SECRET})
    notice = Notice("MANY_DIGITS", 2, 2, {"value": SECRET})
    checked = check([ID, {"name": "pin", "sensitive": True}], ("a", ""), faults=[fault], notices=[notice])
    assert [error.code for error in checked.errors] == ["NOT_A_SCALAR"]
    assert SECRET not in told(checked)


def test_remarks_about_sensitive_cells_count_but_give_no_example():
    checked = check([ID, {"name": "pin", "type": "integer", "sensitive": True}], ("a", "0071234"))
    assert "LEADING_ZEROS" in [notice.code for notice in checked.notices]
    assert "0071234" not in told(checked)


def test_repeated_sensitive_values_are_not_named():
    fields = [
        ID | {"sensitive": True},
        {"name": "pin", "sensitive": True, "unique": True},
        {"name": "n", "required": True},
    ]
    row = (SECRET, SECRET, "7")
    checked = check(fields, row, row, key=("id", "n"), unique=[["n", "pin"]])
    assert [error.code for error in checked.errors] == ["DUPLICATE_KEY", "NOT_UNIQUE"]
    assert f"{MASK}#7" in checked.errors[0].message
    assert SECRET not in told(checked)


def test_a_broken_rule_names_no_values():
    rule = {"name": "r", "expression": "len(pin) < 5", "field": "pin", "message": "choose a shorter PIN"}
    checked = check([ID, {"name": "pin", "sensitive": True}], ("a", SECRET), rules=[rule])
    assert [error.message for error in checked.errors] == ["choose a shorter PIN"]


def test_the_key_of_a_row_that_is_loaded_is_shown_with_its_sensitive_values_masked():
    job = Job("demo", "j", "VALIDATED", "t", "a", None, None, "f.csv", record_type="t")
    rows = RowColumns([1], [2], [[7], [f"{SECRET}#"]])
    document = {"key": ["pin", "n"], "masked": ["pin"], "record_type": "t", "fields": ["n", "pin"], **rows.document()}
    row = rows_of(document, job)[0]
    assert (row.shown_key, SECRET in row.key) == (f"{MASK}#7", True)
    assert rows_of(document | {"masked": []}, job)[0].shown_key == ""


def test_a_mask_takes_the_place_of_one_value_whatever_it_holds():
    assert masked_key("a%23#b#c", ["x", "y", "z"], {"x", "z"}) == f"{MASK}#b#{MASK}"
    assert masked_key("a#b", ["x", "y"], ()) == "a#b"

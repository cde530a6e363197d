"""Fields of a template: every property fits the type, and what the template says is itself valid."""

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from longshore.domain.cells.columns import column_check
from longshore.domain.cells.value_types import FieldType
from longshore.domain.templates.template_field import TemplateField

NEEDED = {"reference": {"references": "thing"}}
EXAMPLES = {
    "min": {"integer": 1, "decimal": "1.5", "date": "2026-01-01", "datetime": "2026-01-01T00:00:00Z", "time": "08:00"},
    "min_length": dict.fromkeys(("string", "email", "phone", "url", "uuid", "json", "list", "reference"), 1),
    "pattern": dict.fromkeys(("string", "email", "phone", "url", "uuid", "json", "reference"), ".*"),
    "formats": {"date": ["%d/%m/%Y"], "datetime": ["%d/%m/%Y %H:%M %z"], "time": ["%H.%M"]},
    "zone": {"datetime": "Europe/Berlin"},
    "decimal_comma": {"integer": True, "decimal": True},
    "true_values": {"boolean": ["ja"]},
    "separator": {"list": ","},
    "references": {"reference": "thing"},
}


def field(**properties):
    needed = NEEDED.get(properties.get("type", "string"), {})
    return TemplateField.model_validate({"name": "f", **needed, **properties})


@pytest.mark.parametrize("kind", get_args(FieldType))
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_property_is_taken_by_the_types_it_is_for_and_refused_by_all_others(name, kind):
    examples = EXAMPLES[name]
    if kind in examples:
        assert getattr(field(type=kind, **{name: examples[kind]}), name) == examples[kind]
    else:
        with pytest.raises(ValidationError, match=f"{name} is for .*; field 'f' has type {kind}"):
            field(type=kind, **{name: next(iter(examples.values()))})


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"type": "reference", "references": None}, "needs references"),
        ({"type": "integer", "min": 1.5}, "no value of type integer"),
        ({"type": "integer", "min": True}, "min"),
        ({"type": "decimal", "max": float("nan")}, "no value of type decimal"),
        ({"type": "date", "min": "01/02/2026", "formats": ["%d/%m/%Y"]}, "no value of type date"),
        ({"type": "datetime", "min": "2026-03-01T00:00:00"}, "no value of type datetime"),
        ({"type": "decimal", "min": "0.10000000000000000001", "max": 0.1}, "greater than max"),
        ({"type": "date", "min": "2026-01-02", "max": "2026-01-01"}, "greater than max"),
        ({"min_length": 3, "max_length": 2}, "greater than its max_length|min_length is greater"),
        ({"type": "integer", "default": "x"}, "default"),
        ({"type": "integer", "default": ""}, "blank"),
        ({"default": "x", "enum": ["a"]}, "NOT_IN_ENUM"),
        ({"type": "integer", "default": "5", "max": 4}, "TOO_LARGE"),
        ({"default": "x", "pattern": "[a-c]"}, "PATTERN_MISMATCH"),
        ({"type": "list", "default": "a;x", "enum": ["a"]}, "NOT_IN_ENUM"),
        ({"type": "date", "enum": ["2026-02-30"]}, "no value of type date"),
        ({"enum": [""]}, "blank"),
        ({"type": "boolean", "true_values": ["No"]}, "both true and false"),
        ({"type": "boolean", "true_values": ["x"], "false_values": ["X"]}, "both true and false"),
        ({"type": "boolean", "false_values": [" "]}, "blank"),
        ({"type": "datetime", "zone": "Berlin"}, "IANA"),
        ({"type": "datetime", "formats": ["%d/%m/%Y %H:%M"]}, "needs a zone"),
        ({"type": "date", "formats": ["%d/%m"]}, "lacks"),
        ({"pattern": "(?=x)"}, "RE2"),
        ({"transforms": [{"trim": True}] * 21}, "20"),
        ({"lookup": {"a": "b"}}, "lookup"),
    ],
)
def test_what_cannot_be_kept_is_refused_when_the_template_is_saved(properties, named):
    with pytest.raises(ValidationError, match=named):
        field(**properties)


@pytest.mark.parametrize(
    ("properties", "cells", "codes"),
    [
        ({"type": "integer", "min": -5, "max": "5"}, ["-5", "5", "-6", "6"], ["TOO_SMALL", "TOO_LARGE"]),
        ({"type": "decimal", "min": 0.1}, ["0.1", "0.10000000000000000001", "0.09999999999999999999"], ["TOO_SMALL"]),
        ({"type": "decimal", "max": "0.10000000000000000001"}, ["0.1", "0.10000000000000000002"], ["TOO_LARGE"]),
        ({"type": "date", "min": "2026-01-01"}, ["2026-01-01", "2025-12-31"], ["TOO_EARLY"]),
        ({"type": "time", "max": "08:00"}, ["08:00", "08:00:00.000001"], ["TOO_LATE"]),
        (
            {
                "type": "datetime",
                "zone": "Europe/Berlin",
                "min": "2026-07-01T12:00:00",
                "max": "2026-07-01T10:00:00.5Z",
            },
            ["2026-07-01T10:00:00Z", "2026-07-01T12:00:00.5", "2026-07-01T09:59:59.999Z", "2026-07-01T10:00:01Z"],
            ["TOO_EARLY", "TOO_LATE"],
        ),
        (
            {"type": "list", "min_length": 2, "max_length": 2},
            ["a;b", "a", "a;b;c"],
            ["TOO_FEW_ITEMS", "TOO_MANY_ITEMS"],
        ),
        ({"type": "list", "enum": ["a", "b"]}, ["a;b;a", "a;c"], ["NOT_IN_ENUM"]),
        ({"type": "decimal", "enum": ["1.50"]}, ["1.5", "+1.500", "1.51"], ["NOT_IN_ENUM"]),
        ({"type": "email", "pattern": ".*@example.com"}, ["a@EXAMPLE.com", "a@example.org"], ["PATTERN_MISMATCH"]),
        ({"type": "phone", "min_length": 6}, ["+49 30 1234", "1-2-3-4-5"], ["TOO_SHORT"]),
    ],
)
def test_bounds_lengths_enums_and_patterns_judge_the_canonical_value(properties, cells, codes):
    faults = column_check(field(**properties))(cells).faults
    assert [fault.code for at in sorted(faults) for fault in faults[at]] == codes
    assert min(faults) == len(cells) - len(codes)


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=18)


@given(NUMBERS, NUMBERS, st.lists(NUMBERS, min_size=1))
def test_bounds_of_decimals_are_exact(one, other, numbers):
    low, high = sorted((one, other))
    check = column_check(field(type="decimal", min=f"{low:f}", max=f"{high:f}"))
    faults = check([f"{number:f}" for number in [*numbers, low, high]]).faults
    assert sorted(faults) == [at for at, number in enumerate(numbers) if not low <= Decimal(number) <= high]

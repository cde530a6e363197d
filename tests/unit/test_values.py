"""Canonical values: what each type accepts, what it becomes, and what it refuses by which code."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.values import BadValue, parse_value

ACCEPTED = [
    ("string", " kept as it is\t", " kept as it is\t"),
    ("string", "007", "007"),
    ("integer", "+007", 7),
    ("integer", " -12\t", -12),
    ("integer", "9223372036854775807", 2**63 - 1),
    ("decimal", "1.50", "1.5"),
    ("decimal", "-0.00", "0"),
    ("decimal", "+.5", "0.5"),
    ("decimal", "5.", "5"),
    ("decimal", "1.25e3", "1250"),
    ("decimal", "1E-3", "0.001"),
    ("decimal", "00012.10", "12.1"),
    ("decimal", "1" * 38 + "000", "1" * 38 + "000"),
    ("boolean", "TRUE", True),
    ("boolean", "No", False),
    ("boolean", "1", True),
    ("date", "2024-02-29", "2024-02-29"),
    ("datetime", "2026-03-01T12:30:00Z", "2026-03-01T12:30:00Z"),
    ("datetime", "2026-03-01 12:30+02:00", "2026-03-01T10:30:00Z"),
    ("datetime", "2026-03-01t12:30:15.5z", "2026-03-01T12:30:15.500000Z"),
    ("datetime", "2025-12-31T23:30:00-0530", "2026-01-01T05:00:00Z"),
]
REFUSED = [
    ("integer", "1_000", "NOT_AN_INTEGER"),
    ("integer", "１２", "NOT_AN_INTEGER"),
    ("integer", "12.0", "NOT_AN_INTEGER"),
    ("integer", "9223372036854775808", "INTEGER_TOO_LARGE"),
    ("integer", "9" * 10_000, "INTEGER_TOO_LARGE"),
    ("decimal", "NaN", "NOT_A_DECIMAL"),
    ("decimal", "Infinity", "NOT_A_DECIMAL"),
    ("decimal", "1,5", "NOT_A_DECIMAL"),
    ("decimal", ".", "NOT_A_DECIMAL"),
    ("decimal", "1_0", "NOT_A_DECIMAL"),
    ("decimal", "1" * 39, "DECIMAL_TOO_LONG"),
    ("decimal", "1e126", "DECIMAL_TOO_LONG"),
    ("decimal", "1e-131", "DECIMAL_TOO_LONG"),
    ("boolean", "maybe", "NOT_A_BOOLEAN"),
    ("date", "2023-02-29", "NOT_A_DATE"),
    ("date", "20230228", "NOT_A_DATE"),
    ("date", "2023-W01-1", "NOT_A_DATE"),
    ("date", "0000-01-01", "NOT_A_DATE"),
    ("date", "01/02/2023", "NOT_A_DATE"),
    ("datetime", "2026-03-01T12:30:00", "NOT_A_DATETIME"),
    ("datetime", "2026-03-01", "NOT_A_DATETIME"),
    ("datetime", "2026-02-30T12:30:00Z", "NOT_A_DATETIME"),
    ("datetime", "2026-03-01T24:00:00Z", "NOT_A_DATETIME"),
    ("datetime", "2026-03-01T12:30:00.1234567Z", "NOT_A_DATETIME"),
    ("datetime", "0001-01-01T00:00:00+01:00", "NOT_A_DATETIME"),
]


@pytest.mark.parametrize(("kind", "text", "value"), ACCEPTED)
def test_a_spelling_becomes_its_canonical_value(kind, text, value):
    assert parse_value(kind, text) == value
    assert type(parse_value(kind, text)) is type(value)


@pytest.mark.parametrize(("kind", "text", "code"), REFUSED)
def test_a_wrong_spelling_is_refused_by_code(kind, text, code):
    with pytest.raises(BadValue) as refusal:
        parse_value(kind, text)
    assert refusal.value.code == code


@pytest.mark.parametrize("kind", ["integer", "decimal", "boolean", "date", "datetime"])
def test_blank_cells_are_no_value_except_that_a_string_of_spaces_is_one(kind):
    assert parse_value(kind, "") is None
    assert parse_value(kind, " \t") is None
    assert parse_value("string", "") is None
    assert parse_value("string", " ") == " "


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=6))
def test_equal_decimals_become_equal_texts_and_stay_exact(number):
    value = parse_value("decimal", str(number))
    assert Decimal(value) == number
    assert value == parse_value("decimal", f"{number:f}00")


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(-1439, 1439))
def test_a_datetime_is_the_same_instant_in_utc(moment, minutes):
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    value = parse_value("datetime", moment.isoformat())
    assert value.endswith("Z")
    assert datetime.fromisoformat(value) == moment.astimezone(UTC)

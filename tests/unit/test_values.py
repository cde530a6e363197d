"""Canonical values: what each type accepts, what it becomes, and what it refuses by which code."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Context, Decimal, InvalidOperation
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.cells.value_types import BadValue, FieldType, Spelling
from longshore.domain.cells.values import parse_value, parser

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
    ("date", "2026-03-01T00:00:00", "2026-03-01"),
    ("date", "2026-03-01 00:00:00.000", "2026-03-01"),
    ("time", "12:30", "12:30:00"),
    ("time", "23:59:59.5", "23:59:59.500000"),
    ("email", "Ana.Souza+x@Example.COM", "Ana.Souza+x@example.com"),
    ("email", "ü@müller.example", "ü@müller.example"),
    ("email", "o'neil@a-b.c0.example", "o'neil@a-b.c0.example"),
    ("phone", "+49 (30) 12-34.56/7", "+49301234567"),
    ("phone", "(030) 123456", "030123456"),
    ("phone", "112", "112"),
    ("url", "HTTPS://Example.COM/Path?q=ä#x", "https://example.com/Path?q=ä#x"),
    ("url", "http://localhost:8080", "http://localhost:8080"),
    ("url", "http://192.0.2.1/", "http://192.0.2.1/"),
    ("url", "http://[2001:DB8::1]:80/", "http://[2001:db8::1]:80/"),
    ("uuid", "123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
    ("uuid", "{123e4567e89b12d3a456426614174000}", "123e4567-e89b-12d3-a456-426614174000"),
    ("uuid", "urn:uuid:123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
    ("json", ' {"a" : [1.50, 1e999, "x  y\\""],\n"b": null} ', '{"a":[1.50,1e999,"x  y\\""],"b":null}'),
    ("json", '"\\ud800"', '"\\ud800"'),
    ("json", "12345678901234567890123", "12345678901234567890123"),
    ("list", "a; b ;;c", ["a", "b", "c"]),
    ("list", '["a;b", 1.50, true, null, " "]', ["a;b", "1.50", "true"]),
    ("list", "[draft]; [final]", ["[draft]", "[final]"]),
    ("list", "; ;", None),
    ("reference", " 007", " 007"),
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
    ("date", "2026-03-01T00:00:01", "NOT_A_DATE"),
    ("date", "2026-03-01T00:00:00Z", "NOT_A_DATE"),
    ("time", "24:00", "NOT_A_TIME"),
    ("time", "12", "NOT_A_TIME"),
    ("time", "23:59:60", "NOT_A_TIME"),
    ("email", "a@b", "NOT_AN_EMAIL"),
    ("email", "a..b@example.com", "NOT_AN_EMAIL"),
    ("email", '"a b"@example.com', "NOT_AN_EMAIL"),
    ("email", "Ana <a@example.com>", "NOT_AN_EMAIL"),
    ("email", "a@example.com,b@example.com", "NOT_AN_EMAIL"),
    ("email", "a@-example.com", "NOT_AN_EMAIL"),
    ("email", "a@192.0.2.1", "NOT_AN_EMAIL"),
    ("email", "a@b.example.12", "NOT_AN_EMAIL"),
    ("email", "a" * 65 + "@example.com", "NOT_AN_EMAIL"),
    ("email", "ü" * 33 + "@example.com", "NOT_AN_EMAIL"),
    ("email", "a@" + "b" * 64 + ".com", "NOT_AN_EMAIL"),
    ("email", "a@" + "b.c" * 84 + ".com", "NOT_AN_EMAIL"),
    ("email", "a\u00a0b@example.com", "NOT_AN_EMAIL"),
    ("phone", "+49 (0)30 123456", "NOT_A_PHONE_NUMBER"),
    ("phone", "030 123456 ext. 7", "NOT_A_PHONE_NUMBER"),
    ("phone", "+0301234567", "NOT_A_PHONE_NUMBER"),
    ("phone", "030 (123", "NOT_A_PHONE_NUMBER"),
    ("phone", "-030", "NOT_A_PHONE_NUMBER"),
    ("phone", "1234567890123456", "NOT_A_PHONE_NUMBER"),
    ("phone", "４９３０", "NOT_A_PHONE_NUMBER"),
    ("url", "www.example.com", "NOT_A_URL"),
    ("url", "ftp://example.com", "NOT_A_URL"),
    ("url", "javascript:alert(1)", "NOT_A_URL"),
    ("url", "https://user:secret@example.com", "NOT_A_URL"),
    ("url", "https://example.com/a b", "NOT_A_URL"),
    ("url", "https://example.com:65536", "NOT_A_URL"),
    ("url", "https://", "NOT_A_URL"),
    ("url", "https://300.1.1.1", "NOT_A_URL"),
    ("url", "https://[::g]", "NOT_A_URL"),
    ("url", "https://example.com/" + "x" * 8000, "NOT_A_URL"),
    ("uuid", "123e4567-e89b-12d3-a456-42661417400", "NOT_A_UUID"),
    ("uuid", "123e4567e89b-12d3-a456-426614174000", "NOT_A_UUID"),
    ("uuid", "{123e4567-e89b-12d3-a456-426614174000", "NOT_A_UUID"),
    ("json", "{'a': 1}", "NOT_JSON"),
    ("json", "[1,]", "NOT_JSON"),
    ("json", "NaN", "NOT_JSON"),
    ("json", "-Infinity", "NOT_JSON"),
    ("json", "plain", "NOT_JSON"),
    ("json", "[" * 100_000, "NOT_JSON"),
    ("list", '[["a"]]', "NOT_A_LIST"),
    ("list", '["\\ud800"]', "NOT_A_LIST"),
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


@pytest.mark.parametrize("kind", [kind for kind in get_args(FieldType) if kind not in ("string", "reference")])
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


TEXTS = st.text(max_size=20) | st.text('0123456789+-.,:/ TZeE()@ab[]{}"', max_size=20)
SCALARS = [kind for kind in get_args(FieldType) if kind not in ("integer", "boolean", "list")]


@settings(max_examples=500)
@given(st.sampled_from(SCALARS), TEXTS | st.sampled_from([text for _, text, _ in ACCEPTED]))
def test_canonical_values_are_fixed_points(kind, text):
    try:
        value = parse_value(kind, text)
    except BadValue:
        return
    assert value is None or parse_value(kind, value) == value


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip(" \t") == text)
    )
)
def test_a_list_is_its_own_json_array(items):
    assert (parse_value("list", json.dumps(items)) or []) == items


def outcome(kind, text):
    """The value of a text, or the code by which it is refused."""
    try:
        return parse_value(kind, text)
    except BadValue as refusal:
        return refusal.code


def decimal_of_python(text):
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "NOT_A_DECIMAL"
    return "DECIMAL_TOO_LONG" if len(number.normalize(Context(prec=100)).as_tuple().digits) > 38 else number


@given(st.from_regex(r"[+-]?[0-9]{0,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,2})?", fullmatch=True).filter(bool))
def test_decimals_are_what_python_says_exactly(text):
    value = outcome("decimal", text)
    assert (value if value.isupper() else Decimal(value)) == decimal_of_python(text)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=3), st.booleans()
)
def test_a_decimal_comma_changes_the_spelling_only(number, grouped):
    text = f"{number:,f}" if grouped else f"{number:f}"
    comma = text.translate(str.maketrans({",": ".", ".": ","}))
    assert Decimal(parser("decimal", Spelling(decimal_comma=True))(comma)) == number


@pytest.mark.parametrize(
    "text", ["12.5", "1.23", "1.2345", "12.345.67", "0.123", "1,234.5", ",", "1,2,3", "1.234.", "1 234,5"]
)
def test_points_that_do_not_group_three_digits_are_refused_under_decimal_comma(text):
    with pytest.raises(BadValue, match="NOT_A_DECIMAL"):
        parser("decimal", Spelling(decimal_comma=True))(text)


def test_booleans_know_the_words_of_the_template_too():
    read = parser("boolean", Spelling(true_values=(" Ja ", "x"), false_values=("nein",)))
    assert [read(text) for text in ("JA", "X", "Nein", "yes", "0")] == [True, True, False, True, False]


@pytest.mark.parametrize(
    ("kind", "hostile"),
    [
        ("email", "a." * 50_000 + "@"),
        ("email", "a@" + "a-" * 50_000),
        ("phone", "(1)" * 50_000),
        ("phone", "1 " * 50_000),
        ("url", "http://" + "a." * 3_900),
        ("json", '"' + "\\" * 99_999),
        ("json", "[" + '"a" ' * 50_000),
        ("list", "[" * 50_000 + "]"),
        ("decimal", "1" * 100_000 + "x"),
    ],
)
def test_long_hostile_texts_are_refused_or_read_in_one_pass(kind, hostile):
    """A pattern that backtracks would not come back from here."""
    assert outcome(kind, hostile)

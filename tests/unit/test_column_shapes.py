"""Shapes of texts: they match nothing but values within the bounds, and bad texts do not change the path of others."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.cells.columns import FieldCheck, column_check
from longshore.domain.cells.line_shape import LineShape
from longshore.domain.cells.number_shapes import GREATEST, decimals, integers, numerals_between
from longshore.domain.cells.texts import Texts
from longshore.domain.templates.template_field import TemplateField

LIMITS = st.integers(-150, 150) | st.integers(-GREATEST, GREATEST)
NEAR = st.sampled_from([-1, 0, 1, 9, 10, -10])
BOUNDED = [
    TemplateField(name="f", type="decimal", min="-10000", max="1000000"),
    TemplateField(name="f", type="decimal", min="0", max="1"),
    TemplateField(name="f", type="decimal", min="-2.5"),
    TemplateField(name="f", type="integer", min=0, max=400, required=True),
    TemplateField(name="f", type="integer", min=10**16),
    TemplateField(
        name="f", type="date", formats=["%d/%m/%Y"], min="1930-01-01", max="2020-12-31", default="1999-12-31"
    ),
    TemplateField(name="f", type="date", formats=["%Y%m%d"], min="0930-01-01"),
    TemplateField(name="f", type="date", formats=["%d.%m.%Y %% -"], max="2020-12-30"),
    TemplateField(name="f", type="datetime", zone="UTC", min="1999-12-31T23:59:59Z"),
    TemplateField(
        name="f", type="datetime", formats=["%d/%m/%Y %H:%M"], zone="Europe/Berlin", max="2026-03-29T01:00:00Z"
    ),
    TemplateField(name="f", type="time", min="08:00"),
    TemplateField(name="f", type="decimal", decimal_comma=True, min="0", max="100"),
    TemplateField(name="f", type="integer", decimal_comma=True, max=1000),
    TemplateField(name="f", type="email", max_length=40),
    TemplateField(name="f", type="phone", pattern=r"\+.*"),
    TemplateField(name="f", type="url"),
    TemplateField(name="f", type="uuid", pattern="[0-9a-f-]+"),
    TemplateField(name="f", pattern="[A-Z]{2}[0-9]*", min_length=3, required=True),
    TemplateField(name="f", null_markers=["NULL"], default="x"),
]
DAYS = st.dates(date(1925, 1, 1), date(2030, 12, 31)) | st.sampled_from([date(2020, 2, 29), date(1930, 1, 1)])
MOMENTS = st.builds(lambda day, second: f"{day}T{timedelta(seconds=second)!s:0>8}", DAYS, st.integers(0, 86_399))
TEXTS = {
    "decimal": st.decimals(-20_000, 2_000_000, places=2).map(str)
    | st.sampled_from(["1", "1.00", "1.01", "-0", "-0.0"]),
    "integer": st.integers(-500, 500).map(str) | st.integers(-(10**17), 10**17).map(str) | st.just("+7"),
    "date": DAYS.map(str) | DAYS.map(lambda day: f"{day:%d/%m/%Y}") | DAYS.map(lambda day: f"{day:%Y%m%d}"),
    "datetime": MOMENTS | MOMENTS.map(lambda text: text.replace("T", " ")) | MOMENTS.map(lambda text: text + "Z"),
    "time": MOMENTS.map(lambda text: text[11:]),
    "email": st.from_regex(r"[a-z.]{1,8}@([a-z0-9-]{1,3}\.){1,3}[a-z]{2}", fullmatch=True) | st.emails(),
    "phone": st.from_regex(r"\+?[0-9]{1,3} ?(\([0-9 ]{1,4}\))?[ /-]?([0-9][ .]?){1,14}", fullmatch=True),
    "url": st.from_regex(
        r"https?://([a-z0-9-]{1,45}\.){1,7}[a-z0-9]{1,3}(:[0-9]{1,5})?([/?#][a-z%]*)?", fullmatch=True
    ),
    "uuid": st.uuids().map(str) | st.uuids().map(lambda one: str(one).upper()),
    "string": st.from_regex("[A-Z]{2}[0-9]{0,3}", fullmatch=True),
}
ANY = st.sampled_from(
    ["", " ", "x", "0", "NULL", "ü", "1.234,5", "1,5", "1.234", "1.23E+11", "A1\n", "a" * 70 + "@b.de"]
)


@settings(max_examples=250)
@given(st.sampled_from(BOUNDED), st.data(), st.integers(0, 30), st.integers(0, 30))
def test_columns_with_any_share_of_bad_texts_agree_with_the_slow_function(field, data, sound, others):
    column = data.draw(st.lists(TEXTS[field.type], min_size=sound, max_size=sound))
    column += data.draw(st.lists(ANY | TEXTS[field.type], min_size=others, max_size=others))
    column = data.draw(st.permutations(column))
    values, faults, remarks = column_check(field, ["n/a"])(column)
    expected = list(map(FieldCheck(field, ["n/a"]), column))
    assert faults == {at: cell.faults for at, cell in enumerate(expected) if cell.faults}
    assert [value for at, value in enumerate(values) if at not in faults] == [
        cell.value for cell in expected if not cell.faults
    ]
    assert [(at, code) for at, code, _ in remarks] == [
        (at, code) for at, cell in enumerate(expected) for code in cell.remarks
    ]


@given(LIMITS, LIMITS, st.data())
def test_integers_of_a_shape_are_those_between_its_limits(one, other, data):
    low, high = sorted((one, other))
    shape = re.compile(integers(low, high))
    for number in (low, high, data.draw(LIMITS), low + data.draw(NEAR), high + data.draw(NEAR)):
        if abs(number) <= GREATEST:
            assert (shape.fullmatch(str(number)) is not None) == (low <= number <= high)


@given(LIMITS, LIMITS, st.sampled_from(["", ".0", ".00", ".5", ".01", ".999"]), st.data())
def test_decimals_of_a_shape_are_those_between_its_limits(one, other, fraction, data):
    low, high = sorted((one, other))
    shape = re.compile(decimals(low, high))
    for number in (low, high, data.draw(LIMITS), low + data.draw(NEAR), high + data.draw(NEAR)):
        text = f"{number}{fraction}"
        if sum(map(str.isdigit, text)) <= 15:
            assert (shape.fullmatch(text) is not None) == (low <= Decimal(text) <= high)


@given(st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 9999))
def test_numerals_between_two_are_those(one, other, number):
    low, high = sorted((one, other))
    shape = re.compile(numerals_between(f"{low:04}", f"{high:04}"))
    assert (shape.fullmatch(f"{number:04}") is not None) == (low <= number <= high)


@given(st.lists(st.sampled_from(["a", "aa", "b", "", "é", "ab" * 60])), st.integers(1, 5))
def test_lines_of_another_shape_are_found_and_mended(texts, times):
    texts = (texts * times) or ["a"]
    column, lines = Texts(texts), LineShape("a+")
    others = [at for at, text in enumerate(texts) if text.strip("a")]
    assert lines.others(column) == others
    mended = ["aaa" if at in others or not text else text for at, text in enumerate(texts)]
    assert lines.mended(column, "aaa") == (("\n".join(mended) + "\n").encode(), others)


@pytest.mark.parametrize("first", ["", "31/02/1999", "nothing", "1999-01-01"])
def test_a_bad_first_text_leaves_the_others_their_values(first):
    field = TemplateField(name="f", type="date", formats=["%d/%m/%Y"])
    days = [f"{day:02}/11/2025" for day in range(1, 31)]
    values, faults, _ = column_check(field)([first, *days])
    assert values[1:] == [f"2025-11-{day:02}" for day in range(1, 31)]
    assert set(faults) <= {0}


def test_an_offset_that_cannot_be_is_no_instant():
    offsets = ["+05:30", "+05:90", "-23:59", "+24:00", "-00:00", "+45:30"]
    _, faults, _ = column_check(TemplateField(name="f", type="datetime"))([f"2026-03-01T12:00:00{o}" for o in offsets])
    assert list(faults) == [1, 3, 5]


@pytest.mark.parametrize(
    ("kind", "marker", "other"),
    [
        ("boolean", "yes", "no"),
        ("json", "{}", "[]"),
        ("integer", "0", "1"),
        ("list", "a", "b"),
        ("date", "-", "1 Mar 2026"),
    ],
)
def test_a_null_marker_with_blanks_around_it_is_one_in_columns_of_any_length(kind, marker, other):
    formats = ["%d %b %Y"] if kind == "date" else []
    field = TemplateField(name="f", type=kind, null_markers=[marker], formats=formats)
    for times in (1, 2, 10):
        values, faults, _ = column_check(field)([marker, f" {marker}", f"{marker} ", other] * times)
        assert faults == {}
        assert [value is None for value in values] == [True, True, True, False] * times

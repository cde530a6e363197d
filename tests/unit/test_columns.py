"""Column checks: the fast paths accept only what the slow function accepts, with equal values, faults and remarks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.cells.columns import FieldCheck, column_check
from longshore.domain.cells.fast_paths import MEMO_LIMIT
from longshore.domain.cells.patterns import Pattern
from longshore.domain.templates.template_field import TemplateField

FIELDS = [
    TemplateField(name="f"),
    TemplateField(name="f", required=True),
    TemplateField(name="f", min_length=2, max_length=4),
    TemplateField(name="f", required=True, pattern="[a-c]+|[0-9]{2}", max_length=3),
    TemplateField(name="f", pattern="[^,]+"),
    TemplateField(name="f", pattern="(?s)a.*"),
    TemplateField(name="f", enum=["a", "b", "1.5"]),
    TemplateField(name="f", default="none", null_markers=["a", " "]),
    TemplateField(name="f", type="integer"),
    TemplateField(name="f", type="integer", min=-1, max=10),
    TemplateField(name="f", type="integer", required=True, enum=["1", "007"]),
    TemplateField(name="f", type="integer", decimal_comma=True),
    TemplateField(name="f", type="integer", default="7", null_markers=["0", "a"]),
    TemplateField(name="f", type="decimal"),
    TemplateField(name="f", type="decimal", min="0.0000000000000000001", max=1.5),
    TemplateField(name="f", type="decimal", required=True, enum=["1.50"]),
    TemplateField(name="f", type="decimal", decimal_comma=True, max=1000),
    TemplateField(name="f", type="boolean", true_values=["a"], false_values=["b"]),
    TemplateField(name="f", type="date", required=True),
    TemplateField(name="f", type="date", formats=["%d/%m/%Y", "%m/%d/%Y", "%d %b %y"], min="2000-01-01"),
    TemplateField(name="f", type="date", formats=["%d%m%Y"]),
    TemplateField(name="f", type="datetime"),
    TemplateField(name="f", type="datetime", zone="Australia/Lord_Howe", formats=["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]),
    TemplateField(
        name="f",
        type="datetime",
        zone="Europe/Berlin",
        formats=["%d.%m.%Y %H:%M:%S", "%d/%m/%Y"],
        min="2026-03-01T12:30:00.5Z",
        max="2026-10-25T01:30:00Z",
    ),
    TemplateField(name="f", type="time", formats=["%H.%M", "%I:%M %p"], max="23:00"),
    TemplateField(name="f", type="email", max_length=9),
    TemplateField(name="f", type="phone"),
    TemplateField(name="f", type="url", pattern="https.*"),
    TemplateField(name="f", type="uuid"),
    TemplateField(name="f", type="json", max_length=8),
    TemplateField(name="f", type="list"),
    TemplateField(name="f", type="list", separator=", ", enum=["a", "b"], max_length=2, default="a"),
    TemplateField(name="f", type="reference", references="thing"),
    TemplateField(name="f", transforms=[{"trim": True}, {"collapse_spaces": True}, {"case": "lower"}], required=True),
    TemplateField(name="f", transforms=[{"case": "title"}, {"split": {"separator": ";", "take": 2}}]),
    TemplateField(
        name="f",
        type="integer",
        transforms=[{"replace": {"find": ",", "by": ""}}, {"lookup": {"a": "1", "b": "NULL"}}],
        null_markers=["NULL", "00"],
    ),
    TemplateField(name="f", transforms=[{"replace": {"pattern": "([0-9])[/.]?", "by": r"\1-\0"}}]),
    TemplateField(name="f", transforms=[{"replace": {"pattern": "^a|b*", "by": "cc"}}], sensitive=True),
]
TELLING = r"""a|b|ab|abcd|abcde|a,b| |  a|1|-0|0|+1|007| 7 |1.50|-0.00|10|100|1.0|1e3|99999999999999999999|true|NO
0|NULL| NULL |1,5|1.234|1.234,50|-1.234.567|0,10|12.34|123456789012345|1234567890123456|0.1234567890123456|1.23E+11
2E+05|2024-02-29|2023-02-29|2023-02-28|2023-12-31|2023-04-31|0000-01-01|0001-01-01|2026-03-01T12:30:00Z|2026-02-29T00:00:00Z
2026-03-01T12:30:00+02:00|2026-03-01T24:00:00Z|2026-03-01T00:00:00|2026-03-01 00:00:00|2026-10-25T01:30:00Z|01/02/2026
13/02/2026|02/13/2026|1/2/2026|30/02/2026|29/02/2024|01022026|1 Mar 68|01 mar 69|29/03/2026 02:30|25/10/2026 02:30
29.03.2026 02:30:00|25.10.2026 02:30:00|25.10.2026 01:30:00|01.07.2026 12:00:00|05/04/2026 01:45|04/10/2026 02:10
2026-03-01 12:30:00|2026-03-01T12:30:00|2026-03-01T12:30:00.5Z|2026-03-01T12:30:00+05:45|9999-12-31T23:59:59-01:00
12:30|12.30|23:00:00|23:00:01|24:00|1:05 pm|13:00 PM|09:08:07.5|a@b.de|A@B.de|a..b@c.de|ü@ö.at|a@b|a@1.2.3.4|@|a@-b.de
+49 30 123456|+49 (0)30 123|(030) 12-34|030/1234|112|+1234567|0 0|(1|1)|1--2|+0123456|1234567890123456|1-2-3
http://a.de|https://A.de/x|https://a.de:99999|https://u@a.de|http://[::1]/|http://1.2.3.4|http://1.2|https://a.de/ä?b#c|https://a
123e4567-e89b-12d3-a456-426614174000|123E4567-E89B-12D3-A456-426614174000|{123e4567e89b12d3a456426614174000}|[]|{}|[1
{"a": 1}|{"a":1}| {} |[ "a b" ]|null|NaN|1e999|"\ud800"|["a", "b"]|["a", 1.50, null, true]|[[1]]|["\ud800"]|{"a": 1,
a;b|a; b|;a;;b;|;;|a, b|a, b, a|b, c|[a]|[a];b|[|a;b;c|it's o'neil|ǅ|ß|İ|٣|é"""
CELLS = st.sampled_from([part for line in TELLING.splitlines() for part in line.split("|")])
TEXTS = (
    CELLS
    | st.sampled_from(["\0suspect", "x\ny", "a\n", "\n", "\r", "1\n2", "{\n}", "a|b", "\ta \u00a0 b\t"])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    | st.text("0123456789+-.,:/ TZeE()", max_size=12)
)


def assert_equal_to_the_slow_function(field, column, **options):
    values, faults, remarks = column_check(field, **options)(column)
    expected = list(map(FieldCheck(field, **options), column))
    right = [at for at, cell in enumerate(expected) if not cell.faults]
    assert [values[at] for at in right] == [expected[at].value for at in right]
    assert [type(values[at]) for at in right] == [type(expected[at].value) for at in right]
    assert faults == {at: cell.faults for at, cell in enumerate(expected) if cell.faults}
    assert [(at, code) for at, code, _ in remarks] == [
        (at, code) for at, cell in enumerate(expected) for code in cell.remarks
    ]


@settings(max_examples=600)
@given(st.sampled_from(FIELDS), st.lists(TEXTS, min_size=1, max_size=30), st.booleans())
def test_the_fast_path_says_exactly_what_the_slow_function_says(field, column, native):
    assert_equal_to_the_slow_function(field, column, null_markers=["n/a", "b"], native_numbers=native)


@settings(max_examples=500)
@given(st.sampled_from(FIELDS), CELLS, st.integers(1, 4))
def test_columns_of_one_form_take_the_fast_path_and_agree(field, text, times):
    assert_equal_to_the_slow_function(field, [text, "", text] * times)
    assert_equal_to_the_slow_function(field, [text] * times)


@settings(max_examples=300)
@given(
    st.sampled_from([field for field in FIELDS if field.type == "datetime"]),
    st.lists(st.datetimes(), min_size=1, max_size=20),
    st.sampled_from(
        ["%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S+05:30", "%Y-%m-%d %H:%M:%SZ"]
    ),
)
def test_local_times_of_any_year_agree(field, moments, form):
    texts = [form.replace("%Y", f"{moment.year:04}") for moment in moments]
    assert_equal_to_the_slow_function(
        field, [moment.strftime(text) for moment, text in zip(moments, texts, strict=True)]
    )


@given(
    st.lists(
        st.sampled_from(["a", "b", "[ab]", "[0-9]", r"\d", r"\w", "(a)", r"\+", " ", "[a-z.]", ".", "é", "[^a]", "$"])
    ),
    st.sampled_from(["", "?", "*", "+", "{1,3}", "|b"]),
    st.lists(st.text("ab01 +é.x\n\r\x0b\u2028", max_size=5), min_size=1, max_size=12),
)
def test_matching_a_whole_column_agrees_with_matching_each_value(parts, repeat, values):
    text = "".join(parts)
    try:
        pattern = Pattern(f"(?:{text}){repeat}" if repeat != "|b" else text + repeat)
    except ValueError:
        return
    assert pattern.misses(values) == [at for at, value in enumerate(values) if value and not pattern.matches(value)]


def test_every_rule_a_value_breaks_is_a_fault():
    field = TemplateField(name="f", pattern="[a-z]+", max_length=3, enum=["abc"])
    faults = column_check(field)(["ABCD", "abc"]).faults
    assert [fault.code for fault in faults[0]] == ["NOT_IN_ENUM", "TOO_LONG", "PATTERN_MISMATCH"]
    assert 1 not in faults


def test_a_blank_breaks_no_rule_but_required():
    strict = {"min_length": 3, "pattern": "[a-z]+", "enum": ["abc"]}
    assert column_check(TemplateField(name="f", **strict))([""]) == ([None], {}, [])
    faults = column_check(TemplateField(name="f", required=True, **strict))([""]).faults
    assert [fault.code for fault in faults[0]] == ["REQUIRED"]


def test_a_default_fills_blank_cells_whatever_made_them_blank():
    field = TemplateField(
        name="f",
        type="integer",
        required=True,
        default="007",
        null_markers=["none"],
        transforms=[{"lookup": {"?": "none"}}],
    )
    assert column_check(field, ["NULL"])(["", " ", "NULL", "none", " none ", "?", "8"]) == ([7] * 6 + [8], {}, [])


def test_the_order_is_marker_transforms_marker_default_type_rules():
    field = TemplateField(
        name="f",
        type="decimal",
        transforms=[{"trim": True}, {"replace": {"find": " EUR", "by": ""}}, {"lookup": {"free": "0", "-": "tbd"}}],
        null_markers=["tbd"],
        decimal_comma=True,
        min=0,
    )
    values, faults, _ = column_check(field)([" 1.234,50 EUR", "free", "-", "tbd", "-1"])
    assert values[:4] == ["1234.5", "0", None, None]
    assert [fault.code for fault in faults[4]] == ["TOO_SMALL"]


def test_messages_and_remarks_quote_the_cell_as_it_stands_in_the_file():
    field = TemplateField(name="f", type="integer", transforms=[{"trim": True}, {"case": "lower"}])
    checked = column_check(field)([" ABC ", " 007 "])
    assert checked.faults[0][0].data["value"] == "' ABC '"
    assert checked.remarks == [(1, "LEADING_ZEROS", " 007 ")]


def test_nothing_of_a_sensitive_cell_is_shown():
    field = TemplateField(name="f", type="list", sensitive=True, enum=["a"], max_length=1)
    number = TemplateField(name="f", type="decimal", sensitive=True)
    shown = repr([column_check(field)(["secret;hidden"]), column_check(number)(["007000", "secret"])[1:]])
    assert "hidden" not in shown.partition("faults=")[2]
    assert "007" not in shown
    assert "secret" not in shown.partition("faults=")[2]


@pytest.mark.parametrize(
    ("field", "cell", "codes"),
    [
        ({"type": "integer"}, "007", ["LEADING_ZEROS"]),
        ({"type": "decimal"}, "-00.5", ["LEADING_ZEROS"]),
        ({"type": "decimal"}, "0.5", []),
        ({"type": "decimal"}, "1e3", ["E_NOTATION"]),
        ({"type": "integer"}, "1234567890123456", ["MANY_DIGITS"]),
        ({"type": "integer"}, "123456789012345", []),
        ({"type": "decimal"}, "0.000000000000000000012", []),
        ({}, "1.23E+11", ["E_NOTATION"]),
        ({}, "1.23e+11", ["E_NOTATION"]),
        ({}, "ABE+11", []),
        ({"type": "reference", "references": "x"}, "2E+05", ["E_NOTATION"]),
        ({"type": "date", "formats": ["%d/%m/%Y", "%m/%d/%Y"]}, "01/02/2026", ["AMBIGUOUS_DATE"]),
        ({"type": "date", "formats": ["%d/%m/%Y", "%m/%d/%Y"]}, "02/02/2026", []),
        ({"type": "date", "formats": ["%d/%m/%Y", "%m/%d/%Y"]}, "13/02/2026", []),
        ({"type": "decimal", "decimal_comma": True}, "1.234", []),
    ],
)
def test_what_a_spreadsheet_may_have_done_is_remarked_and_never_refused(field, cell, codes):
    checked = column_check(TemplateField(name="f", **field))([cell])
    assert [code for _, code, _ in checked.remarks] == codes
    assert checked.faults == {}


def test_a_number_of_a_workbook_has_a_point_although_texts_have_a_comma():
    check = column_check(TemplateField(name="f", type="decimal", decimal_comma=True), native_numbers=True)
    values, faults, remarks = check(["12.5", "1.234", "1.234,5", "-1E-3"])
    assert (values, faults) == (["12.5", "1.234", "1234.5", "-0.001"], {})
    assert [(at, code) for at, code, _ in remarks] == [(1, "AMBIGUOUS_NUMBER"), (3, "E_NOTATION")]


def test_more_distinct_texts_than_are_remembered_change_nothing():
    allowed = [str(n) for n in range(MEMO_LIMIT + 50)]
    check = column_check(TemplateField(name="f", enum=allowed))
    assert check(allowed) == (allowed, {}, [])
    assert list(check([*allowed, "x"])[1]) == [len(allowed)]


def test_cells_that_are_alike_share_no_list():
    first, second, *_ = column_check(TemplateField(name="f", type="list"))([" a ; b "] * 8).values
    assert first == second == ["a", "b"]
    assert first is not second


def test_a_pattern_that_would_hang_a_backtracking_engine_is_linear():
    values, faults, _ = column_check(TemplateField(name="f", pattern="(a+)+b"))(["a" * 20_000])
    assert (len(values), list(faults)) == (1, [0])


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "a(", "*"])
def test_syntax_that_is_not_linear_time_is_refused(pattern):
    with pytest.raises(ValueError, match=r"."):
        Pattern(pattern)

"""Column checks: the fast paths accept only what the slow function accepts, with the same values and faults."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.columns import MEMO_LIMIT, FieldCheck, column_check
from longshore.domain.patterns import Pattern
from longshore.domain.template_field import TemplateField

FIELDS = [
    TemplateField(name="f"),
    TemplateField(name="f", required=True),
    TemplateField(name="f", min_length=2, max_length=4),
    TemplateField(name="f", required=True, pattern="[a-c]+|[0-9]{2}", max_length=3),
    TemplateField(name="f", pattern="[^,]+"),
    TemplateField(name="f", pattern="(?s)a.*"),
    TemplateField(name="f", enum=["a", "b", "1.5"]),
    TemplateField(name="f", type="integer"),
    TemplateField(name="f", type="integer", required=True, enum=["1", "007"]),
    TemplateField(name="f", type="decimal"),
    TemplateField(name="f", type="decimal", required=True, enum=["1.50"]),
    TemplateField(name="f", type="boolean"),
    TemplateField(name="f", type="date", required=True),
    TemplateField(name="f", type="datetime"),
]
TELLING = """
|a|b|ab|abcd|abcde|a,b|x\ny|a\n|\n|\r| |  a|1|-0|0|+1|007| 7 |1.50|-0.00|10|100|1.0|1e3|99999999999999999999|true|NO|0
2024-02-29|2023-02-29|2023-02-28|2023-12-31|2023-04-31|0000-01-01|0001-01-01|2026-03-01T12:30:00Z|2026-02-29T00:00:00Z
2026-03-01T12:30:00+02:00|2026-03-01T24:00:00Z|٣|é|\0suspect
"""
CELLS = st.sampled_from([part for line in TELLING.split("\n2") for part in line.split("|")]) | st.text(max_size=5)


@settings(max_examples=300)
@given(st.sampled_from(FIELDS), st.lists(CELLS, min_size=1, max_size=30), st.integers(1, 30))
def test_the_fast_path_says_exactly_what_the_slow_function_says(field, cells, cut):
    check, slow = column_check(field), FieldCheck(field)
    for column in filter(None, (cells[:cut], cells[cut:], cells)):
        values, faults = check(column)
        expected = [slow(text) for text in column]
        assert [value for at, value in enumerate(values) if at not in faults] == [
            value for value, found in expected if not found
        ]
        assert faults == {at: found for at, (_, found) in enumerate(expected) if found}


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
    _, faults = column_check(TemplateField(name="f", pattern="[a-z]+", max_length=3, enum=["abc"]))(["ABCD", "abc"])
    assert [fault.code for fault in faults[0]] == ["NOT_IN_ENUM", "TOO_LONG", "PATTERN_MISMATCH"]
    assert 1 not in faults


def test_a_blank_breaks_no_rule_but_required():
    strict = {"min_length": 3, "pattern": "[a-z]+", "enum": ["abc"]}
    assert column_check(TemplateField(name="f", **strict))([""]) == ([None], {})
    _, faults = column_check(TemplateField(name="f", required=True, **strict))([""])
    assert [fault.code for fault in faults[0]] == ["REQUIRED"]


def test_more_distinct_texts_than_are_remembered_change_nothing():
    allowed = [str(n) for n in range(MEMO_LIMIT + 50)]
    check = column_check(TemplateField(name="f", enum=allowed))
    assert check(allowed) == (allowed, {})
    assert list(check([*allowed, "x"])[1]) == [len(allowed)]


def test_a_pattern_that_would_hang_a_backtracking_engine_is_linear():
    values, faults, _ = column_check(TemplateField(name="f", pattern="(a+)+b"))(["a" * 20_000])
    assert (len(values), list(faults)) == (1, [0])


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "a(", "*"])
def test_syntax_that_is_not_linear_time_is_refused(pattern):
    with pytest.raises(ValueError, match=r"."):
        Pattern(pattern)

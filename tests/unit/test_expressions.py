"""Rule expressions: what they mean, what is refused and where, and that no text at all does harm."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.expressions.expression import FUNCTION_NAMES, TYPES, Expression
from longshore.domain.expressions.tokens import ExpressionError
from longshore.domain.templates.template import parse_template
from longshore.errors import InvalidTemplate

FIELDS = {
    "n": "decimal",
    "i": "integer",
    "s": "string",
    "in": "string",
    "ok": "boolean",
    "d": "date",
    "until": "date",
    "at": "datetime",
    "clock": "time",
    "tags": "list",
    "more": "json",
}


def holds(text, **row):
    """Whether a rule holds in one row whose other fields are blank."""
    values = {name: [row.get(name)] for name in FIELDS}
    return not Expression(text, FIELDS).broken(values, 1)


TRUE = [
    ("d <= until", {"d": "2026-01-31", "until": "2026-02-01"}),
    ("n = 1.50 and n > i", {"n": "1.5", "i": 1}),
    ("n >= 9", {"n": "10"}),
    ("n = i", {"n": "12345678901234567890123456789012345678", "i": 12345678901234567890123456789012345678}),
    ("n + 0.2 = 0.3", {"n": "0.1"}),
    ("1 + 2 * 3 - 4 / 2 = 5 and (1 + 2) * 3 = 9 and 10 - 3 - 2 = 5 and -i = -2 and --i = 2", {"i": 2}),
    ("not ok or n = 1", {"ok": True, "n": "1"}),
    ("not ok and i = 1", {"ok": False, "i": 1}),
    ("s IN ('a', 'it''s') AND s NOT IN ('b')", {"s": "it's"}),
    ("i in (1.0, 2) and n not in (-3)", {"i": 2, "n": "3"}),
    ("at < datetime'2026-03-01T00:00:00.5Z'", {"at": "2026-03-01T00:00:00Z"}),
    ("at = datetime'2026-03-01T02:00:00+02:00'", {"at": "2026-03-01T00:00:00Z"}),
    ("date(at) > d and date(at) = date'2026-03-01'", {"at": "2026-03-01T23:59:59.5Z", "d": "2026-02-28"}),
    ("clock >= time'12:30'", {"clock": "12:30:00.000001"}),
    ("len(s) = 2 and lower(s) = 'ab' and upper(s) = 'AB'", {"s": "aB"}),
    ("starts_with(s, 'a') and ends_with(s, 'c') and contains(s, 'b')", {"s": "abc"}),
    ("matches(s, '[a-z]+') and not matches(s, '[a-z]')", {"s": "abc"}),
    ("not matches(coalesce(s, ''), 'a+') and matches(coalesce(s, ''), 'a*')", {}),
    ("days_between(d, until) = 29", {"d": "2024-02-01", "until": "2024-03-01"}),
    ("if(ok, n, 0) = 7 and if(n = 8, 1, 2) = 2", {"ok": True, "n": "7"}),
    ("coalesce(n, i, 0) = 5", {"i": 5}),
    ("contains(tags, 'b') and len(tags) = 2", {"tags": ["a", "b"]}),
    ("more is not blank and s is blank", {"more": "{}"}),
    ("\"in\" = 'x'", {"in": "x"}),
    ("ok = (n > 1)", {"ok": True, "n": "2"}),
    ("ok", {"ok": True}),
]


@pytest.mark.parametrize(("text", "row"), TRUE)
def test_it_is_true(text, row):
    assert holds(text, **row)
    assert not holds(f"not ({text})", **row)


@pytest.mark.parametrize(
    "text",
    ["n > 1", "not n > 1", "n = n", "n in (1)", "n + 1 = 1", "1 / i = 1", "len(s) = 0", "s = ''", "ok", "d = until"],
)
def test_what_is_unknown_holds_and_so_does_its_contrary(text):
    assert holds(text, i=0)
    assert holds(f"not ({text})", i=0)


def test_and_and_or_know_their_answer_where_one_side_is_enough():
    assert not holds("n > 1 and 1 = 2")
    assert not holds("not (n > 1 or 1 = 1)")
    assert not holds("if(n > 1, true, false)"), "an unknown condition is not true"


def test_results_are_exact_to_the_digits_of_two_longest_decimals():
    digits = "9" * 38
    assert holds("n * n - (n - 1) * (n + 1) = 1", n=digits)


REFUSED = [
    ("d > 5", 3, "> cannot be applied to a date and a number"),
    ("d > '2026-01-01'", 5, "date'…'"),
    ("d = at", 3, "a date and a datetime"),
    ("ok < ok", 4, "boolean"),
    ("s + s = 'ab'", 3, "+ cannot be applied"),
    ("i", 1, "true or false"),
    ("", 1, "not its end"),
    ("i = ", 5, "not its end"),
    ("i = 1 i", 7, "'i'"),
    ("(i = 1", 7, "')'"),
    ("unknown = 1", 1, "'unknown' is no field"),
    ("i == 1", 3, "write = instead of =="),
    ("i <> 1", 3, "write !="),
    ("i = 1 && ok", 7, "write and"),
    ("s = 'a", 5, "not closed"),
    ("s = “a”", 5, "no part of an expression"),
    ("\x1f", 1, "no part of an expression"),
    ("i =\xa01", 4, "no part of an expression"),
    ("i.bit_length() = 1", 2, "no part of an expression"),
    ("__import__('os') = 1", 1, "no function __import__"),
    ("len(i) = 1", 1, "len() takes (text) or (list), not (number)"),
    ("matches(s, '(?=a)')", 12, "RE2"),
    ("matches(s, s)", 12, "literal"),
    ("s in ()", 6, "empty"),
    ("s in ('a', 1)", 12, "number"),
    ("s in (i)", 7, "literals"),
    ("i in ('a')", 3, "in cannot be applied"),
    ("s = blank", 5, "is blank"),
    ("d = date'2026-02-30'", 5, "no date"),
    ("n = 123456789012345678901234567890123456789", 5, "no decimal"),
    ("more = 'x'", 6, "json"),
]


@pytest.mark.parametrize(("text", "character", "named"), REFUSED)
def test_it_is_refused_naming_the_character(text, character, named):
    with pytest.raises(ExpressionError) as refusal:
        Expression(text, FIELDS)
    assert str(refusal.value).startswith(f"character {character}: ")
    assert named in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    ["(" * 900 + "ok" + ")" * 900, "not " * 400 + "ok", "-" * 900 + "i = 1", "i" + "+i" * 500 + " = 1", "len(" * 400],
)
def test_what_is_nested_too_deeply_is_refused(text):
    with pytest.raises(ExpressionError, match="too deep"):
        Expression(text, FIELDS)


def test_a_long_chain_of_conditions_is_no_deep_one():
    assert holds(" and ".join(["i != 3"] * 200), i=2)
    assert not holds(" or ".join(["i = 3"] * 200), i=2)


PIECES = [
    *FIELDS,
    *FUNCTION_NAMES,
    *"()+-*/=<>,'\"",
    "!=",
    "and",
    "or",
    "not",
    "is blank",
    "date'2026-01-01'",
    "1.5",
    " ",
]


@settings(max_examples=500)
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_any_text_is_an_expression_or_refused_with_a_place_in_it(text):
    try:
        expression = Expression(text, FIELDS)
    except ExpressionError as refusal:
        place = int(str(refusal).removeprefix("character ").split(":")[0])
        assert 1 <= place <= len(text) + 1
    else:
        assert expression.fields <= FIELDS.keys()


def test_every_type_of_field_is_something_in_an_expression():
    for field_type in TYPES:
        assert not Expression("f is blank", {"f": field_type}).broken({"f": [None]}, 1)


PAGE = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")


def test_the_example_of_the_documentation_judges_rows_as_it_says():
    template = parse_template(json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1]))
    types = {field.name: field.type for field in template.fields}
    row = {"starts_on": "2026-03-01", "ends_on": "2026-04-15", "price": "10", "discount": "6", "country": "DE"}
    values = {name: [row.get(name)] for name in types}
    broken = [rule.name for rule in template.rules if Expression(rule.expression, types).broken(values, 1)]
    assert broken == ["short", "discount", "vat-needed"]


def test_every_function_is_documented():
    assert set(re.findall(r"`([a-z_]+)\(", PAGE)) == set(FUNCTION_NAMES)


def test_a_refusal_is_worded_as_documented():
    quoted = re.search(r"as in `(.*?)`", PAGE)[1]
    with pytest.raises(InvalidTemplate) as refusal:
        parse_template(
            {
                "name": "t",
                "record_type": "t",
                "key": ["id"],
                "fields": [{"name": "id", "required": True}, {"name": "starts_on", "type": "date"}],
                "rules": [{"name": "r", "expression": "starts_on >= 5"}],
            }
        )
    assert quoted in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rules": [{"name": "r", "expression": "id = 1"}]}, "rule 'r', character 4"),
        ({"rules": [{"name": "r", "expression": "id = 'a'"}] * 2}, "two rules are called 'r'"),
        ({"rules": [{"name": "r", "expression": "id = 'a'", "field": "x"}]}, "'x', which is not among the fields"),
        ({"unique": [["id", "x"]]}, "unique names 'x'"),
        ({"unique": [["id", "id"]]}, "twice"),
        ({"unique": [["id"]] * 11}, "at most 10"),
    ],
)
def test_rules_that_cannot_be_checked_are_refused_with_the_template(change, named):
    minimal = {"name": "t", "record_type": "t", "key": ["id"], "fields": [{"name": "id", "required": True}]}
    with pytest.raises(InvalidTemplate) as refusal:
        parse_template(minimal | change)
    assert named in str(refusal.value)

"""Rule expressions: what they mean, what is refused and where, and that no text at all does harm."""

import operator
from datetime import date
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.expression_operations import DIGITS
from longshore.domain.expression_tokens import ExpressionError
from longshore.domain.expressions import FUNCTION_NAMES, TYPES, Expression

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
    ('"in" = \'x\'', {"in": "x"}),
    ("ok = (n > 1)", {"ok": True, "n": "2"}),
    ("ok", {"ok": True}),
]


@pytest.mark.parametrize(("text", "row"), TRUE)
def test_it_is_true(text, row):
    assert holds(text, **row)
    assert not holds(f"not ({text})", **row)


@pytest.mark.parametrize(
    "text", ["n > 1", "not n > 1", "n = n", "n in (1)", "n + 1 = 1", "1 / i = 1", "len(s) = 0", "s = ''", "ok", "d = until"]
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
    ("d > 5", 3, "a date and a number"),
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


PIECES = [*FIELDS, *FUNCTION_NAMES, *"()+-*/=<>,'\"", "!=", "and", "or", "not", "is blank", "date'2026-01-01'", "1.5", " "]


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


def known(function):
    return lambda *values: None if None in values else function(*values)


def exact(function):
    def compute(left, right):
        with localcontext(prec=DIGITS, Emin=-10000, Emax=10000):
            return None if function is operator.truediv and right == 0 else function(Decimal(left), Decimal(right))

    return known(compute)


def node(text, value):
    return st.just((text, value))


def applied(form, function, *operands):
    """A text with operands in parentheses, and the naive function of a row that it must equal."""
    return st.tuples(*operands).map(
        lambda parts: (
            form.format(*(f"({text})" for text, _ in parts)),
            lambda row: function(*(value(row) for _, value in parts)),
        )
    )


NUMBER_LEAF = node("n", lambda row: row["n"] and Decimal(row["n"])) | node("i", lambda row: row["i"])
NUMBER_LEAF |= st.sampled_from(["0", "1.5", "2", "10"]).map(lambda text: (text, lambda _: Decimal(text)))
TEXT_LEAF = node("s", lambda row: row["s"]) | node('"in"', lambda row: row["in"])
TEXT_LEAF |= st.sampled_from(["", "a", "Ab"]).map(lambda text: (f"'{text}'", lambda _: text))
TEXTS = TEXT_LEAF | applied("lower({0})", known(str.lower), TEXT_LEAF) | applied("upper({0})", known(str.upper), TEXT_LEAF)
DATES = node("d", lambda row: row["d"]) | node("until", lambda row: row["until"])
DATES |= node("date'2026-02-28'", lambda _: "2026-02-28")


def numbers(inner):
    return st.one_of(
        applied("{0} + {1}", exact(operator.add), inner, inner),
        applied("{0} - {1}", exact(operator.sub), inner, inner),
        applied("{0} * {1}", exact(operator.mul), inner, inner),
        applied("{0} / {1}", exact(operator.truediv), inner, inner),
        applied("-{0}", known(operator.neg), inner),
        applied("coalesce({0}, {1})", lambda a, b: b if a is None else a, inner, inner),
        applied("len({0})", known(len), TEXTS),
        applied(
            "days_between({0}, {1})",
            known(lambda a, b: (date.fromisoformat(b) - date.fromisoformat(a)).days),
            DATES,
            DATES,
        ),
    )


NUMBERS = st.recursive(NUMBER_LEAF, numbers, max_leaves=5)
COMPARISONS = st.sampled_from(
    [("=", "eq"), ("!=", "ne"), ("<", "lt"), ("<=", "le"), (">", "gt"), (">=", "ge")]
).flatmap(
    lambda sign: st.sampled_from([NUMBERS, TEXTS, DATES]).flatmap(
        lambda kind: applied(f"{{0}} {sign[0]} {{1}}", known(getattr(operator, sign[1])), kind, kind)
    )
)
TESTS = st.one_of(
    COMPARISONS,
    node("ok", lambda row: row["ok"]),
    applied("{0} is blank", lambda value: value is None, NUMBERS),
    applied("{0} is not blank", lambda value: value is not None, TEXTS),
    applied("starts_with({0}, {1})", known(str.startswith), TEXTS, TEXTS),
    applied("{0} in ('a', '')", known(lambda text: text in ("a", "")), TEXTS),
    applied("{0} not in (1.50, 0)", known(lambda number: number not in (Decimal("1.5"), 0)), NUMBERS),
    applied("matches({0}, 'a*')", known(lambda text: set(text) <= {"a"}), TEXTS),
)


def conditions(inner):
    return st.one_of(
        applied("{0} and {1}", lambda a, b: False if False in (a, b) else None if None in (a, b) else True, inner, inner),
        applied("{0} or {1}", lambda a, b: True if True in (a, b) else None if None in (a, b) else False, inner, inner),
        applied("not {0}", known(operator.not_), inner),
        applied("if({0}, {1}, {2})", lambda c, a, b: a if c else b, inner, inner, inner),
    )


ROWS = st.fixed_dictionaries(
    {
        "n": st.sampled_from([None, "0", "1.5", "-2", "0.1", "10"]),
        "i": st.sampled_from([None, 0, 1, 2, -10]),
        "s": st.sampled_from([None, "a", "Ab", "aa"]),
        "in": st.sampled_from([None, "a", "b"]),
        "ok": st.sampled_from([None, True, False]),
        "d": st.sampled_from([None, "2026-02-28", "2024-02-29"]),
        "until": st.sampled_from([None, "2026-02-28", "2026-03-01"]),
    }
)


@settings(max_examples=400)
@given(st.recursive(TESTS, conditions, max_leaves=6), st.lists(ROWS, max_size=8))
def test_a_rule_means_what_a_naive_evaluation_row_by_row_says(made, rows):
    text, value = made
    columns = {name: [row[name] for row in rows] for name in ("n", "i", "s", "in", "ok", "d", "until")}
    expected = [at for at, row in enumerate(rows) if value(row) is False]
    assert Expression(text, FIELDS).broken(columns, len(rows)) == expected


def test_every_type_of_field_is_something_in_an_expression():
    for field_type in TYPES:
        assert not Expression("f is blank", {"f": field_type}).broken({"f": [None]}, 1)

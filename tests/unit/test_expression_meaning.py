"""Rule expressions mean what a naive evaluation says: the same conditions, made twice and judged row by row."""

import operator
from datetime import date
from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.expressions.expression import Expression
from longshore.domain.expressions.operations import DIGITS

FIELDS = {
    "n": "decimal",
    "i": "integer",
    "s": "string",
    "in": "string",
    "ok": "boolean",
    "d": "date",
    "until": "date",
    "at": "datetime",
}


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
TEXTS = (
    TEXT_LEAF | applied("lower({0})", known(str.lower), TEXT_LEAF) | applied("upper({0})", known(str.upper), TEXT_LEAF)
)
DATES = node("d", lambda row: row["d"]) | node("until", lambda row: row["until"])
DATES |= node("date'2026-02-28'", lambda _: "2026-02-28") | node("date(at)", lambda row: row["at"] and row["at"][:10])
INSTANTS = node("at", lambda row: row["at"] and row["at"][:-1])
INSTANTS |= node("datetime'2026-02-28T10:00:00Z'", lambda _: "2026-02-28T10:00:00")
INSTANTS |= applied("coalesce({0}, {1})", lambda a, b: b if a is None else a, INSTANTS, INSTANTS)
DATES |= applied("date({0})", known(lambda instant: instant[:10]), INSTANTS)


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
    lambda sign: st.sampled_from([NUMBERS, TEXTS, DATES, INSTANTS]).flatmap(
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
        applied(
            "{0} and {1}", lambda a, b: False if False in (a, b) else None if None in (a, b) else True, inner, inner
        ),
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
        "at": st.sampled_from([None, "2026-02-28T10:00:00Z", "2026-02-28T10:00:00.5Z", "2026-03-01T00:00:00Z"]),
    }
)


FULL = {"n": "1", "i": 1, "s": "a", "in": "b", "ok": True, "d": "2026-02-28", "until": "2026-02-28"}
FULL |= {"at": "2026-02-28T10:00:00Z"}
FULL_ROWS = ROWS.map(lambda row: {name: FULL[name] if value is None else value for name, value in row.items()})


@settings(max_examples=400)
@given(st.recursive(TESTS, conditions, max_leaves=6), st.lists(ROWS, max_size=8) | st.lists(FULL_ROWS, max_size=8))
def test_a_rule_means_what_a_naive_evaluation_row_by_row_says(made, rows):
    text, value = made
    columns = {name: [row[name] for row in rows] for name in FIELDS}
    expected = [at for at, row in enumerate(rows) if value(row) is False]
    assert Expression(text, FIELDS).broken(columns, len(rows)) == expected

"""The operators and functions of expressions: what they take, what they give, and how they are done column by column.

A column is a list with a value for each row, None where the value is unknown. Unless it says otherwise, an operation
on an unknown value gives an unknown value, as in SQL.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from functools import reduce
from typing import Any

from longshore.domain.expressions.parser import NEGATION, Type

Column = Sequence[Any]
Run = Callable[..., Column]
"""Takes the columns of the operands, at least one, and gives the column of the results."""

DIGITS = 80
"""Significant digits of a result: the product of two decimals of the longest kind is exact."""

EXPONENT = 10_000

_ARITHMETIC = Context(prec=DIGITS, Emin=-EXPONENT, Emax=EXPONENT, traps=[])
_ORDERED: tuple[Type, ...] = ("number", "text", "date", "datetime", "time")
_KEPT: tuple[Type, ...] = (*_ORDERED, "boolean")


@dataclass(frozen=True)
class Form:
    """A combination of operand types that an operation takes; `more` allows further operands of the last one's type."""

    operands: tuple[Type, ...]
    result: Type
    more: bool = False

    def takes(self, types: Sequence[Type]) -> bool:
        """Whether operands of these types fit."""
        extra = len(types) - len(self.operands)
        wanted = self.operands + self.operands[-1:] * extra if self.more else self.operands
        return extra >= 0 and tuple(types) == wanted

    def __str__(self) -> str:
        return f"({', '.join(self.operands)}{', …' if self.more else ''})"


@dataclass(frozen=True)
class Meaning:
    """What an operation takes and how it is done."""

    forms: tuple[Form, ...]
    run: Run


def has_unknown(column: Column) -> bool:
    """Whether a value of the column is unknown; `None in column` would ask each value whether it equals None."""
    return bool([value for value in column if value is None])


def of_one(function: Callable[[Any], Any]) -> Run:
    """Apply a function to a column, where its value is known."""

    def run(column: Column) -> Column:
        if has_unknown(column):
            return [None if value is None else function(value) for value in column]
        return list(map(function, column))

    return run


def of_two(function: Callable[[Any, Any], Any]) -> Run:
    """Apply a function to two columns, where both values are known."""

    def run(left: Column, right: Column) -> Column:
        if has_unknown(left) or has_unknown(right):
            return [None if a is None or b is None else function(a, b) for a, b in zip(left, right, strict=True)]
        return list(map(function, left, right))

    return run


def _and(*columns: Column) -> Column:
    if any(map(has_unknown, columns)):
        return [False if False in row else None if None in row else True for row in zip(*columns, strict=True)]
    return reduce(lambda left, right: list(map(operator.and_, left, right)), columns)


def _or(*columns: Column) -> Column:
    if any(map(has_unknown, columns)):
        return [True if True in row else None if None in row else False for row in zip(*columns, strict=True)]
    return reduce(lambda left, right: list(map(operator.or_, left, right)), columns)


def _if(conditions: Column, then: Column, otherwise: Column) -> Column:
    return [a if condition else b for condition, a, b in zip(conditions, then, otherwise, strict=True)]


def _coalesce(*columns: Column) -> Column:
    return [next((value for value in row if value is not None), None) for row in zip(*columns, strict=True)]


def _arithmetic(compute: Callable[[Any, Any], Decimal]) -> Meaning:
    def function(left: Any, right: Any) -> Decimal | None:
        result = compute(left, right)
        return result if result.is_finite() else None

    return Meaning((Form(("number", "number"), "number"),), of_two(function))


def _days_between(first: str, second: str) -> int:
    return date.fromisoformat(second).toordinal() - date.fromisoformat(first).toordinal()


def _alike(types: Sequence[Type], result: Type) -> tuple[Form, ...]:
    return tuple(Form((kind, kind), result) for kind in types)


def _text_test(function: Callable[[str, str], bool]) -> Meaning:
    return Meaning((Form(("text", "text"), "boolean"),), of_two(function))


def _comparison(function: Callable[[Any, Any], bool], types: Sequence[Type]) -> Meaning:
    return Meaning(_alike(types, "boolean"), of_two(function))


_ANY: tuple[Type, ...] = (*_KEPT, "list", "json")

OPERATIONS: dict[str, Meaning] = {
    "or": Meaning((Form(("boolean", "boolean"), "boolean", more=True),), _or),
    "and": Meaning((Form(("boolean", "boolean"), "boolean", more=True),), _and),
    "not": Meaning((Form(("boolean",), "boolean"),), of_one(operator.not_)),
    "=": _comparison(operator.eq, _KEPT),
    "!=": _comparison(operator.ne, _KEPT),
    "<": _comparison(operator.lt, _ORDERED),
    "<=": _comparison(operator.le, _ORDERED),
    ">": _comparison(operator.gt, _ORDERED),
    ">=": _comparison(operator.ge, _ORDERED),
    "is blank": Meaning(tuple(Form((kind,), "boolean") for kind in _ANY), lambda column: [v is None for v in column]),
    "is not blank": Meaning(
        tuple(Form((kind,), "boolean") for kind in _ANY), lambda column: [v is not None for v in column]
    ),
    "+": _arithmetic(_ARITHMETIC.add),
    "-": _arithmetic(_ARITHMETIC.subtract),
    "*": _arithmetic(_ARITHMETIC.multiply),
    "/": _arithmetic(_ARITHMETIC.divide),
    NEGATION: Meaning((Form(("number",), "number"),), of_one(operator.neg)),
    "len": Meaning((Form(("text",), "number"), Form(("list",), "number")), of_one(len)),
    "lower": Meaning((Form(("text",), "text"),), of_one(str.lower)),
    "upper": Meaning((Form(("text",), "text"),), of_one(str.upper)),
    "starts_with": _text_test(str.startswith),
    "ends_with": _text_test(str.endswith),
    "contains": Meaning(
        (Form(("text", "text"), "boolean"), Form(("list", "text"), "boolean")), of_two(operator.contains)
    ),
    "date": Meaning((Form(("datetime",), "date"),), of_one(operator.itemgetter(slice(len("2026-03-01"))))),
    "days_between": Meaning((Form(("date", "date"), "number"),), of_two(_days_between)),
    "if": Meaning(tuple(Form(("boolean", kind, kind), kind) for kind in _KEPT), _if),
    "coalesce": Meaning(tuple(Form((kind, kind), kind, more=True) for kind in _KEPT), _coalesce),
}
"""Every operation but `in` and `matches`, whose last operand is a constant that is prepared once."""

CONSTANT_LAST: dict[str, tuple[Form, ...]] = {"in": _alike(_KEPT, "boolean"), "matches": _alike(("text",), "boolean")}

"""Expressions of rules: checked against the types of the fields, and compiled to functions over whole columns."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from longshore.domain.cells.patterns import Pattern
from longshore.domain.cells.value_types import FieldType
from longshore.domain.expressions.operations import CONSTANT_LAST, OPERATIONS, Column, Form, Run, of_one
from longshore.domain.expressions.parser import FieldValue, Literals, Node, Operation, Type, parse
from longshore.domain.expressions.tokens import KEYWORDS, ExpressionError

TYPES: dict[FieldType, Type] = {
    "string": "text",
    "integer": "number",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "email": "text",
    "phone": "text",
    "url": "text",
    "uuid": "text",
    "json": "json",
    "list": "list",
    "reference": "text",
}
"""What a field of a type is in an expression."""

FUNCTION_NAMES = sorted(name for name in {*OPERATIONS, *CONSTANT_LAST} - KEYWORDS if name.isidentifier())

Values = Mapping[str, Sequence[Any]]
"""The canonical values of some rows, column by column, by field; None for a blank one."""

_Evaluate = Callable[[Values, int], Column]

_WITHOUT_Z = itemgetter(slice(-1))
"""Without the Z that ends every instant, those with a fraction of a second sort after those without."""


class Expression:
    """A condition on the fields of a row; raises ExpressionError, with the character, for one that cannot be used.

    `fields` are those that it names. Time and memory are bounded by the lengths of the expression and of the columns.
    """

    def __init__(self, text: str, types: Mapping[str, FieldType]) -> None:
        self._types = types
        self._named: set[str] = set()
        tree = parse(text)
        kind, self._evaluate = self._compile(tree)
        if kind != "boolean":
            raise ExpressionError(tree.at, f"a rule must be true or false, this is a {kind}")
        self.fields = frozenset(self._named)

    def broken(self, values: Values, size: int) -> list[int]:
        """Return the positions of the rows in which it is false; where it is unknown, it holds."""
        found = self._evaluate(values, size)
        return [] if all(found) else [at for at, holds in enumerate(found) if holds is False]

    def _compile(self, node: Node) -> tuple[Type, _Evaluate]:
        if isinstance(node, Literals):
            return node.type, _constant(_comparable(node.type, node.values[0]))
        if isinstance(node, FieldValue):
            return self._field(node)
        if node.name in CONSTANT_LAST:
            return self._with_constant(node)
        return self._operation(node)

    def _field(self, node: FieldValue) -> tuple[Type, _Evaluate]:
        if node.name not in self._types:
            raise ExpressionError(node.at, f"{node.name!r} is no field; texts stand in single quotes, as '{node.name}'")
        self._named.add(node.name)
        field_type = self._types[node.name]
        return TYPES[field_type], _field(node.name, field_type)

    def _operation(self, node: Operation) -> tuple[Type, _Evaluate]:
        meaning = OPERATIONS.get(node.name)
        if meaning is None:
            raise ExpressionError(node.at, f"there is no function {node.name}; there are {', '.join(FUNCTION_NAMES)}")
        compiled = [self._compile(operand) for operand in node.operands]
        if node.name == "date" and len(compiled) == 1 and isinstance(operand := node.operands[0], FieldValue):
            compiled = [(compiled[0][0], _column(operand.name))]  # the date is cut off the text; the Z may stay there
        types = [kind for kind, _ in compiled]
        form = next((form for form in meaning.forms if form.takes(types)), None)
        if form is None:
            raise _misfit(node, types, meaning.forms)
        return form.result, _applied(meaning.run, [evaluate for _, evaluate in compiled])

    def _with_constant(self, node: Operation) -> tuple[Type, _Evaluate]:
        """Compile an operation whose last operand is known beforehand: the list of `in`, the pattern of matches()."""
        forms = CONSTANT_LAST[node.name]
        compiled = [self._compile(operand) for operand in node.operands]
        types = [kind for kind, _ in compiled]
        constant = node.operands[-1] if node.operands else None
        if not any(form.takes(types) for form in forms):
            raise _misfit(node, types, forms)
        if not isinstance(constant, Literals):
            raise ExpressionError(node.operands[-1].at, "the pattern of matches() must be a literal")
        run = _member(constant) if node.name == "in" else _matching(constant)
        return "boolean", _applied(run, [compiled[0][1]])


def _constant(value: object) -> _Evaluate:
    return lambda _, size: [value] * size


def _applied(run: Run, operands: Sequence[_Evaluate]) -> _Evaluate:
    return lambda values, size: run(*[operand(values, size) for operand in operands])


def _field(name: str, field_type: FieldType) -> _Evaluate:
    """Return the column of a field in a form in which the values compare as what they mean."""
    raw = _column(name)
    match field_type:
        case "decimal":
            return _applied(of_one(Decimal), [raw])
        case "datetime":
            return _applied(of_one(_WITHOUT_Z), [raw])
    return raw


def _column(name: str) -> _Evaluate:
    return lambda values, _: values[name]


def _comparable(kind: Type, value: Any) -> Any:
    return _WITHOUT_Z(value) if kind == "datetime" else value


def _member(constant: Literals) -> Run:
    allowed = frozenset(_comparable(constant.type, value) for value in constant.values)
    return of_one(allowed.__contains__)


def _matching(constant: Literals) -> Run:
    try:
        pattern = Pattern(str(constant.values[0]))
    except ValueError as error:
        raise ExpressionError(constant.at, f"the pattern is not RE2 syntax: {error}") from None
    matches_empty = pattern.matches("")

    def run(column: Column) -> Column:
        if all(column):
            holds = [True] * len(column)
            for at in pattern.misses(column):
                holds[at] = False
            return holds
        misses = set(pattern.misses([value or "" for value in column]))
        return [
            None if value is None else at not in misses and (value != "" or matches_empty)
            for at, value in enumerate(column)
        ]

    return run


def _misfit(node: Operation, types: Sequence[Type], forms: Sequence[Form]) -> ExpressionError:
    name, text = node.name, " and ".join(f"a {kind}" for kind in types)
    if name in FUNCTION_NAMES:
        takes = " or ".join(map(str, forms[:2])) if len(forms) <= 2 else "values of one type"
        return ExpressionError(node.at, f"{name}() takes {takes}, not ({', '.join(types)})")
    moment = next((kind for kind in types if kind in ("date", "datetime", "time")), None)
    for operand, kind in zip(node.operands, types, strict=True):
        if moment and kind == "text" and isinstance(operand, Literals):
            return ExpressionError(operand.at, f"a {moment} is written as {moment}'…', this is a text")
    return ExpressionError(node.at, f"{name} cannot be applied to {text}")

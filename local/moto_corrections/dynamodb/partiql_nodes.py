"""The tree of a PartiQL statement: values, conditions and the four statements.

Conditions follow DynamoDB's condition expressions: values of different types are never equal and never ordered, and an
attribute that is missing is unequal to everything.
"""

import copy
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from moto.dynamodb.exceptions import AttributeDoesNotExist, IncorrectDataType
from moto.dynamodb.models.dynamo_type import DynamoType

Wire = dict[str, Any]
"""A value as DynamoDB's JSON has it: {"S": "text"}, {"N": "1"}, {"M": {...}}, ..."""
Attributes = Mapping[str, DynamoType]
ORDERINGS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ORDERED_TYPES = {"S", "N", "B"}


# -- values: resolve(parameters) gives the value on the wire


@dataclass(frozen=True)
class Parameter:
    """The n-th `?` of the statement."""

    index: int

    def resolve(self, parameters: Sequence[Wire]) -> Wire:
        return parameters[self.index]


@dataclass(frozen=True)
class Literal:
    """A value written in the statement."""

    wire: Wire = field(hash=False)

    def resolve(self, parameters: Sequence[Wire]) -> Wire:
        return self.wire


@dataclass(frozen=True)
class ListValue:
    """A list whose members may be parameters."""

    members: "tuple[Value, ...]"

    def resolve(self, parameters: Sequence[Wire]) -> Wire:
        return {"L": [member.resolve(parameters) for member in self.members]}


@dataclass(frozen=True)
class MapValue:
    """A map whose values may be parameters."""

    entries: "tuple[tuple[str, Value], ...]"

    def resolve(self, parameters: Sequence[Wire]) -> Wire:
        return {"M": {name: value.resolve(parameters) for name, value in self.entries}}


Value = Parameter | Literal | ListValue | MapValue


@dataclass(frozen=True)
class Path:
    """An attribute, or a place inside of one: names and list positions."""

    steps: tuple[str | int, ...]

    def find(self, attributes: Attributes) -> DynamoType | None:
        """The value there, or None when it is missing."""
        found = attributes.get(str(self.steps[0]))
        for step in self.steps[1:]:
            found = found.child_attr(step) if found else None
        return found


Operand = Path | Value


def read(operand: Operand, attributes: Attributes, parameters: Sequence[Wire]) -> DynamoType | None:
    """The value of an operand, or None when it is an attribute that the item does not have."""
    return operand.find(attributes) if isinstance(operand, Path) else DynamoType(operand.resolve(parameters))


@dataclass(frozen=True)
class Sum:
    """`left + right` or `left - right`: numbers only."""

    left: Operand
    right: Operand
    sign: int

    def evaluate(self, attributes: Attributes, parameters: Sequence[Wire]) -> DynamoType:
        left, right = read(self.left, attributes, parameters), read(self.right, attributes, parameters)
        if left is None or right is None:
            raise AttributeDoesNotExist
        if (left.type, right.type) != ("N", "N"):
            raise IncorrectDataType
        return DynamoType({"N": format(Decimal(left.value) + self.sign * Decimal(right.value), "f")})


# -- conditions: holds(attributes, parameters) gives the truth


@dataclass(frozen=True)
class Comparison:
    """`left comparator right`."""

    comparator: str
    left: Operand
    right: Operand

    def holds(self, attributes: Attributes, parameters: Sequence[Wire]) -> bool:
        left, right = read(self.left, attributes, parameters), read(self.right, attributes, parameters)
        if self.comparator in ("=", "<>"):
            return _equal(left, right) == (self.comparator == "=")
        return _ordered(self.comparator, left, right)


def _equal(left: DynamoType | None, right: DynamoType | None) -> bool:
    return left is not None and right is not None and left == right


def _ordered(comparator: str, left: DynamoType | None, right: DynamoType | None) -> bool:
    if left is None or right is None or left.type != right.type or left.type not in ORDERED_TYPES:
        return False
    return bool(ORDERINGS[comparator](left.cast_value, right.cast_value))


@dataclass(frozen=True)
class Between:
    """`operand BETWEEN low AND high`, both ends included."""

    operand: Operand
    low: Operand
    high: Operand

    def holds(self, attributes: Attributes, parameters: Sequence[Wire]) -> bool:
        value = read(self.operand, attributes, parameters)
        low, high = read(self.low, attributes, parameters), read(self.high, attributes, parameters)
        return _ordered(">=", value, low) and _ordered("<=", value, high)


@dataclass(frozen=True)
class In:
    """`operand IN [...]`."""

    operand: Operand
    choices: tuple[Value, ...]

    def holds(self, attributes: Attributes, parameters: Sequence[Wire]) -> bool:
        value = read(self.operand, attributes, parameters)
        return any(_equal(value, DynamoType(choice.resolve(parameters))) for choice in self.choices)


@dataclass(frozen=True)
class Missing:
    """`path IS MISSING`."""

    operand: Operand

    def holds(self, attributes: Attributes, parameters: Sequence[Wire]) -> bool:
        return read(self.operand, attributes, parameters) is None


@dataclass(frozen=True)
class TextTest:
    """`begins_with(path, value)` or `contains(path, value)`."""

    function: str
    path: Path
    value: Value

    def holds(self, attributes: Attributes, parameters: Sequence[Wire]) -> bool:
        found, wanted = self.path.find(attributes), DynamoType(self.value.resolve(parameters))
        if found is None:
            return False
        if self.function == "begins_with":
            return found.type == wanted.type == "S" and found.value.startswith(wanted.value)
        if found.type == "S":
            return wanted.type == "S" and wanted.value in found.value
        if found.type == "L":
            return any(_equal(member, wanted) for member in found.value)
        return found.type == wanted.type + "S" and wanted.cast_value in found.cast_value


@dataclass(frozen=True)
class Not:
    """`NOT condition`."""

    condition: "Condition"

    def holds(self, attributes: Attributes, parameters: Sequence[Wire]) -> bool:
        return not self.condition.holds(attributes, parameters)


@dataclass(frozen=True)
class And:
    """All of the parts hold."""

    parts: "tuple[Condition, ...]"

    def holds(self, attributes: Attributes, parameters: Sequence[Wire]) -> bool:
        return all(part.holds(attributes, parameters) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """One of the parts holds."""

    parts: "tuple[Condition, ...]"

    def holds(self, attributes: Attributes, parameters: Sequence[Wire]) -> bool:
        return any(part.holds(attributes, parameters) for part in self.parts)


Condition = Comparison | Between | In | Missing | TextTest | Not | And | Or


def pinned(condition: Condition | None) -> dict[str, Value]:
    """The attributes that the condition holds equal to one value each, by name: what can name a key."""
    parts = condition.parts if isinstance(condition, And) else (condition,)
    found: dict[str, Value] = {}
    for part in parts:
        if isinstance(part, And):
            found |= pinned(part)
        elif isinstance(part, Comparison) and part.comparator == "=":
            for path, value in ((part.left, part.right), (part.right, part.left)):
                if isinstance(path, Path) and len(path.steps) == 1 and not isinstance(value, Path):
                    found[str(path.steps[0])] = value
    return found


# -- statements: `parameters` is the number of `?`


@dataclass(frozen=True)
class Setting:
    """`SET path = term`."""

    path: Path
    term: Operand | Sum

    def apply(self, attributes: dict[str, DynamoType], before: Attributes, parameters: Sequence[Wire]) -> None:
        """Set it in `attributes`; what the term reads is read from the item before the statement."""
        new = (
            self.term.evaluate(before, parameters)
            if isinstance(self.term, Sum)
            else read(self.term, before, parameters)
        )
        if new is None:
            raise AttributeDoesNotExist
        if len(self.path.steps) == 1:
            attributes[str(self.path.steps[0])] = new
        else:
            _parent(attributes, self.path)[self.path.steps[-1]] = new


@dataclass(frozen=True)
class Removal:
    """`REMOVE path`."""

    path: Path

    def apply(self, attributes: dict[str, DynamoType], before: Attributes, parameters: Sequence[Wire]) -> None:
        """Remove it from `attributes` if it is there."""
        if len(self.path.steps) == 1:
            attributes.pop(str(self.path.steps[0]), None)
        elif self.path.find(attributes) is not None:
            _parent(attributes, self.path).pop(self.path.steps[-1])  # type: ignore[arg-type]


def _parent(attributes: dict[str, DynamoType], path: Path) -> DynamoType:
    """The map or list that holds the end of the path, in a copy of the whole attribute."""
    first = str(path.steps[0])
    if first not in attributes:
        raise AttributeDoesNotExist
    attributes[first] = copy.deepcopy(attributes[first])
    found = attributes[first]
    for step in path.steps[1:-1]:
        inner: Any = found.value
        if not (found.is_map() and step in inner) and not (
            found.is_list() and isinstance(step, int) and step < len(inner)
        ):
            raise AttributeDoesNotExist
        found = inner[step]
    return found


@dataclass(frozen=True)
class Insert:
    """`INSERT INTO table VALUE {...}`."""

    table: str
    parameters: int
    attributes: tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Update:
    """`UPDATE table SET ... REMOVE ... WHERE ...`."""

    table: str
    parameters: int
    condition: Condition
    returning: str | None
    changes: tuple[Setting | Removal, ...]


@dataclass(frozen=True)
class Delete:
    """`DELETE FROM table WHERE ...`."""

    table: str
    parameters: int
    condition: Condition
    returning: str | None


@dataclass(frozen=True)
class Select:
    """`SELECT ... FROM table WHERE ...`; no paths means all attributes."""

    table: str
    parameters: int
    index: str | None
    paths: tuple[Path, ...]
    condition: Condition | None


Statement = Insert | Update | Delete | Select

"""The conditions of a PartiQL statement.

They follow DynamoDB's condition expressions: values of different types are never equal and never ordered, and an
attribute that is missing is unequal to everything.
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass

from moto.dynamodb.models.dynamo_type import DynamoType

from local.moto_corrections.dynamodb.partiql.values import Attributes, Operand, Path, Value, Wire, read

ORDERINGS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ORDERED_TYPES = {"S", "N", "B"}


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

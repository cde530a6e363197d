"""What a PartiQL statement reads: parameters, literals, and places in an item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType

Wire = dict[str, Any]
"""A value as DynamoDB's JSON has it: {"S": "text"}, {"N": "1"}, {"M": {...}}, ..."""
Attributes = Mapping[str, DynamoType]


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

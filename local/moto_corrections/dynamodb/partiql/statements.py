"""The four PartiQL statements and the changes that an UPDATE makes; `parameters` is the number of `?`."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from moto.dynamodb.exceptions import AttributeDoesNotExist, IncorrectDataType
from moto.dynamodb.models.dynamo_type import DynamoType

from local.moto_corrections.dynamodb.partiql.conditions import Condition
from local.moto_corrections.dynamodb.partiql.values import Attributes, Operand, Path, Value, Wire, read


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

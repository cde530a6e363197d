"""The rules of a field: compiled from what the template says, and asked about one canonical value at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from longshore.domain.cells.patterns import Pattern
from longshore.domain.cells.value_types import MOMENT_TYPES, BadValue, FieldType, Spelling
from longshore.domain.cells.values import Parse, parser
from longshore.domain.records import Value

Key = Callable[[Any], Any]

ITEMS_NAMED = 20
"""So many wrong items of a list are errors of their own, one more error counts the rest: a cell may have 100,000s."""


class Breach(NamedTuple):
    """A rule that a value breaks: a code of the catalogue, the data of its message, the item of a list to blame."""

    code: str
    data: dict[str, Any]
    item: str | None = None


@dataclass(frozen=True)
class Limit:
    """A bound: its canonical value, and the same in the form in which values of the type are compared."""

    value: str | int
    key: Any


class FieldRules:
    """What values of a field must be besides of its type. Raises ValueError, in one line, for rules that cannot be."""

    def __init__(
        self,
        field_type: FieldType,
        spelling: Spelling,
        *,
        enum: Sequence[str] | None = None,
        least: str | float | None = None,
        most: str | float | None = None,
        min_length: int | None = None,
        max_length: int | None = None,
        pattern: str | None = None,
    ) -> None:
        self._type = field_type
        self._parse = parser(field_type, spelling)
        self._bound = parser(field_type, Spelling(zone=spelling.zone))
        self.allowed = None if enum is None else frozenset(item for text in enum for item in self._listed(text))
        self._shown_enum = tuple(enum or ())
        self.key: Key = _KEYS.get(field_type, _same)
        self.least = self._limit("min", least)
        self.most = self._limit("max", most)
        if self.least and self.most and self.least.key > self.most.key:
            raise ValueError(f"min {least} is greater than max {most}")
        if min_length is not None and max_length is not None and min_length > max_length:
            raise ValueError("min_length is greater than max_length")
        self.min_length, self.max_length = min_length or 0, max_length
        self.pattern = None if pattern is None else Pattern(pattern)
        self._shown_pattern = pattern

    def broken(self, value: Value) -> Iterator[Breach]:
        """Yield every rule that a value breaks."""
        yield from self._not_allowed(value)
        yield from self._out_of_bounds(value)
        yield from self._of_wrong_length(value)
        if self.pattern is not None and not self.pattern.matches(str(value)):
            yield Breach("PATTERN_MISMATCH", {"pattern": self._shown_pattern})

    def check(self, what: str, text: str) -> Value:
        """Return the value of a text in the template; raise ValueError if it is none or breaks a rule."""
        value = self._value(what, text, self._parse)
        breach = next(self.broken(value), None)
        if breach:
            raise ValueError(f"{what} {text!r} breaks a rule of the field: {breach.code}")
        return value

    def _not_allowed(self, value: Value) -> Iterator[Breach]:
        if self.allowed is None:
            return
        if not isinstance(value, list):
            if value not in self.allowed:
                yield Breach("NOT_IN_ENUM", {"allowed": self._shown_enum})
            return
        wrong = [item for item in value if item not in self.allowed]
        for item in wrong[:ITEMS_NAMED]:
            yield Breach("NOT_IN_ENUM", {"allowed": self._shown_enum}, item)
        if len(wrong) > ITEMS_NAMED:
            more = f"each of {len(wrong) - ITEMS_NAMED} further items"
            yield Breach("NOT_IN_ENUM", {"allowed": self._shown_enum, "value": more})

    def _out_of_bounds(self, value: Value) -> Iterator[Breach]:
        low, high = ("TOO_EARLY", "TOO_LATE") if self._type in MOMENT_TYPES else ("TOO_SMALL", "TOO_LARGE")
        if self.least and self.key(value) < self.least.key:
            yield Breach(low, {"limit": self.least.value})
        if self.most and self.key(value) > self.most.key:
            yield Breach(high, {"limit": self.most.value})

    def _of_wrong_length(self, value: Value) -> Iterator[Breach]:
        if not isinstance(value, str | list):
            return
        low, high = ("TOO_FEW_ITEMS", "TOO_MANY_ITEMS") if isinstance(value, list) else ("TOO_SHORT", "TOO_LONG")
        if len(value) < self.min_length:
            yield Breach(low, {"length": len(value), "limit": self.min_length})
        if self.max_length is not None and len(value) > self.max_length:
            yield Breach(high, {"length": len(value), "limit": self.max_length})

    def _listed(self, text: str) -> list[Any]:
        value = [text] if self._type == "list" else self._value("enum", text, self._parse)
        return value if isinstance(value, list) else [value]

    def _limit(self, what: str, bound: str | float | None) -> Limit | None:
        if bound is None:
            return None
        value = self._value(what, str(bound), self._bound)
        assert isinstance(value, str | int)
        return Limit(value, self.key(value))

    def _value(self, what: str, text: str, parse: Parse) -> Value:
        try:
            value = parse(text)
        except BadValue:
            raise ValueError(f"{what}: {text!r} is no value of type {self._type}") from None
        if value is None:
            raise ValueError(f"{what}: a blank text is no value; leave required out to allow blank cells")
        return value


def _same(value: Any) -> Any:
    return value


def _instant(value: str) -> str:
    """Without the Z: a fraction of a second sorts after the second itself."""
    return value[:-1]


_KEYS: dict[FieldType, Key] = {"decimal": Decimal, "datetime": _instant}

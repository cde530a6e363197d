"""Plain values to DynamoDB attribute values and back: the one codec, of the PynamoDB models and the hot path alike.

A dataclass becomes a map of its fields; one that is None, an empty set or an empty tuple is left out (DynamoDB has no
empty set) and comes back as None or as the field's default. Times are ISO 8601 in UTC with microseconds, so that their
texts sort.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Item = dict[str, Any]
"""Attribute values by name, as DynamoDB's API takes and gives them."""

T = TypeVar("T")
Decoder = Callable[[dict[str, Any]], Any]


def time_text(at: datetime) -> str:
    """Return a time as text that sorts in order of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def encode_fields(value: object) -> Item:
    """Return the fields of a dataclass as attribute values."""
    named = ((f.name, getattr(value, f.name)) for f in fields(value))  # type: ignore[arg-type]
    return {name: encode(v) for name, v in named if v is not None and v not in (frozenset(), ())}


def encode(value: object) -> dict[str, Any]:
    """Return any plain value as one attribute value; raises TypeError for what has no place in an item."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": str(value)}
        case int() | float():
            return {"N": repr(value)}
        case datetime():
            return {"S": time_text(value)}
        case frozenset():
            return {"SS": sorted(value)}
        case Mapping():
            return {"M": {name: encode(v) for name, v in value.items()}}
        case list() | tuple():
            return {"L": [encode(v) for v in value]}
    if is_dataclass(value):
        return {"M": encode_fields(value)}
    raise TypeError(f"a {type(value).__name__} has no place in an item")


def decode(cls: type[T], item: Mapping[str, Any]) -> T:
    """Return the dataclass that `encode_fields` gave; attributes that are no field of it are ignored."""
    decoders, none = _decoders(cast(Hashable, cls))
    return cls(**none | {name: read(item[name]) for name, read in decoders.items() if name in item})


@cache
def _decoders(cls: Any) -> tuple[dict[str, Decoder], dict[str, None]]:
    """Return how each field is read, and None for those that may be None."""
    hints = get_type_hints(cls)
    may_be_none = [f.name for f in fields(cls) if NoneType in get_args(hints[f.name])]
    return {f.name: _decoder(hints[f.name]) for f in fields(cls)}, dict.fromkeys(may_be_none)


def _decoder(hint: Any) -> Decoder:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _decoder(next(a for a in arguments if a is not NoneType))
    if origin is dict and arguments[1] is not object:
        value = _decoder(arguments[1])
        return lambda attribute: {name: value(v) for name, v in attribute["M"].items()}
    if origin is tuple:
        return lambda attribute: tuple(plain(v) for v in attribute["L"])
    if origin is frozenset:
        return lambda attribute: frozenset(attribute["SS"])
    if hint is datetime:
        return lambda attribute: datetime.fromisoformat(attribute["S"])
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return lambda attribute: hint(attribute["S"])
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda attribute: decode(hint, attribute["M"])
    return plain


def plain(attribute: Mapping[str, Any]) -> Any:
    """Return an attribute value as the plain value that it stands for."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return float(value) if set(value) & set(".eEn") else int(value)
        case "NULL":
            return None
        case "M":
            return {name: plain(v) for name, v in value.items()}
        case "L":
            return [plain(v) for v in value]
    return value

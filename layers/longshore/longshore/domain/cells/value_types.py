"""The types of fields, how a template spells their values, and the refusal of a text that is none."""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal[
    "string",
    "integer",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "time",
    "email",
    "phone",
    "url",
    "uuid",
    "json",
    "list",
    "reference",
]

EXACT_TYPES: frozenset[FieldType] = frozenset({"string", "reference"})
"""Kept character by character; around values of every other type spaces and tabs are ignored."""

TEXT_TYPES: frozenset[FieldType] = EXACT_TYPES | {"email", "phone", "url", "uuid", "json"}
NUMBER_TYPES: frozenset[FieldType] = frozenset({"integer", "decimal"})
MOMENT_TYPES: frozenset[FieldType] = frozenset({"date", "datetime", "time"})

BLANKS = " \t"
"""Stripped around values of every type but the exact ones."""


class BadValue(ValueError):
    """The text is no value of the type; `code` is of the catalogue."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Spelling:
    """How a template says that the values of a field are written, besides what its type always accepts.

    `native_numbers`: the format of the file knows numbers (XLSX, JSON), and writes them with a point whatever
    `decimal_comma` says about texts.
    """

    formats: tuple[str, ...] = ()
    zone: str | None = None
    decimal_comma: bool = False
    native_numbers: bool = False
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()
    separator: str = ";"

"""From the text of a cell to its canonical value, type by type; every spelling not listed here is refused."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Literal

from longshore.domain.records import Scalar

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

BLANKS = " \t"
"""Stripped around values of every type but string; a string cell is kept as it is, character by character."""

DECIMAL_DIGITS = 38
DECIMAL_EXPONENTS = range(-130, 126)
"""The precision and magnitude of a DynamoDB number (developer guide, "Supported data types", Number)."""

INTEGERS = range(-(2**63), 2**63)

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"([+-]?)(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,6}))?)?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])"
)
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class BadValue(ValueError):
    """The text is no value of the type; `code` is of the catalogue."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_value(field_type: FieldType, text: str) -> Scalar:
    """Return the canonical value of a cell, None for a blank one; raise BadValue."""
    if field_type == "string":
        return text or None
    stripped = text.strip(BLANKS)
    return _PARSERS[field_type](stripped) if stripped else None


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise BadValue("NOT_AN_INTEGER")
    # Leading zeros do not count; the length is checked first because int() of a very long text is slow.
    if len(text.lstrip("+-0")) > 19 or (value := int(text)) not in INTEGERS:
        raise BadValue("INTEGER_TOO_LARGE")
    return value


def _decimal(text: str) -> str:
    """Return plain notation without exponent, needless zeros or plus sign, so that equal numbers are equal texts."""
    match = _DECIMAL.fullmatch(text)
    if not match:
        raise BadValue("NOT_A_DECIMAL")
    sign, whole, fraction, exponent = match.groups("")
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    if not significant:
        return "0"
    shift = int(exponent or "0") - len(fraction) + len(digits) - len(significant)
    if len(significant) > DECIMAL_DIGITS or len(significant) + shift - 1 not in DECIMAL_EXPONENTS:
        raise BadValue("DECIMAL_TOO_LONG")
    return ("-" if sign == "-" else "") + _plain(significant, shift)


def _plain(digits: str, exponent: int) -> str:
    if exponent >= 0:
        return digits + "0" * exponent
    whole, fraction = digits[:exponent], digits[exponent:].rjust(-exponent, "0")
    return f"{whole or '0'}.{fraction}"


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise BadValue("NOT_A_BOOLEAN") from None


def _date(text: str) -> str:
    if not _DATE.fullmatch(text):
        raise BadValue("NOT_A_DATE")
    try:
        date.fromisoformat(text)
    except ValueError:
        raise BadValue("NOT_A_DATE") from None
    return text


def _datetime(text: str) -> str:
    """Return the instant in UTC, ending in Z, with six fractional digits or none."""
    match = _DATETIME.fullmatch(text)
    if not match:
        raise BadValue("NOT_A_DATETIME")
    day, hour, minute, second, fraction, offset = match.groups()
    clock = f"{hour}:{minute}:{second or '00'}.{(fraction or '').ljust(6, '0')}"
    try:
        instant = datetime.fromisoformat(f"{day}T{clock}{offset.upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue("NOT_A_DATETIME") from None
    return instant.replace(tzinfo=None).isoformat() + "Z"


_PARSERS: dict[FieldType, Callable[[str], Scalar]] = {
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}

"""What a cell would lose if its column had a type: what looks like a number or a time may be more than that."""

import re

from longshore.domain.values import BLANKS, FieldType, parse_value

SAFE_DIGITS = 15
"""Spreadsheets and other readers of floating-point numbers keep no more digits of a number than these."""

_LEADING_ZEROS = re.compile(r"[+-]?0[0-9]")
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NEGATIVE_ZERO = re.compile(r"-[0.]+")
_UTC = ("Z", "z", "+00:00", "+0000")


def loss(field_type: FieldType, text: str) -> str | None:
    """Return what would be lost of a cell that is not "", None if nothing; raise BadValue for no value of the type."""
    parse_value(field_type, text)
    if field_type == "string":
        return None
    if text != text.strip(BLANKS):
        return "the spaces around it"
    if field_type in ("integer", "decimal"):
        return _loss_of_number(text)
    if field_type == "datetime" and not text.endswith(_UTC):
        return "its offset"
    return None


def _loss_of_number(text: str) -> str | None:
    if _LEADING_ZEROS.match(text):
        return "leading zeros"
    if "e" in text.lower():
        return "its E notation"
    if sum(map(str.isdigit, text)) > SAFE_DIGITS:
        return f"digits where only {SAFE_DIGITS} are kept"
    if not _PLAIN.fullmatch(text) or _NEGATIVE_ZERO.fullmatch(text):
        return "its spelling"
    return None

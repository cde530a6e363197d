"""What a spreadsheet may have done to a cell, and what a cell would lose if its column had a type."""

import re
from collections.abc import Callable, Sequence

from longshore.domain.cells.value_types import BLANKS, EXACT_TYPES, NUMBER_TYPES, FieldType, Spelling
from longshore.domain.cells.values import moment_reader, parse_value

SAFE_DIGITS = 15
"""Spreadsheets and other readers of floating-point numbers keep no more digits of a number than these."""

SHORTENED = re.compile(r"[ \t]*[+-]?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}[ \t]*")
"""What spreadsheets make of a long number: 1.23E+11."""

Remarks = Callable[[str], Sequence[str]]
"""From an accepted text to the codes of what a person should know about it."""

_LEADING_ZEROS = re.compile(r"[+-]?0[0-9]")
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NEGATIVE_ZERO = re.compile(r"-[0.]+")
_POINT_OR_GROUP = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_UTC = ("Z", "z", "+00:00", "+0000")


def remarks(field_type: FieldType, spelling: Spelling) -> Remarks:
    """Compile what is noticed about the accepted texts of a field; they are kept or read as they are all the same."""
    if field_type in EXACT_TYPES:
        return _of_text
    if field_type in NUMBER_TYPES:
        return _of_number_or_groups if spelling.decimal_comma and spelling.native_numbers else _of_number
    reader = moment_reader(field_type, spelling)
    if reader is None or len(spelling.formats) < 2:
        return _none
    return lambda text: ("AMBIGUOUS_DATE",) if reader.is_ambiguous(text.strip(BLANKS)) else ()


def _none(_: str) -> Sequence[str]:
    return ()


def _of_text(text: str) -> Sequence[str]:
    return ("E_NOTATION",) if SHORTENED.fullmatch(text) else ()


def _of_number(text: str) -> Sequence[str]:
    text = text.strip(BLANKS)
    mantissa, e, _ = text.lower().partition("e")
    found = ["LEADING_ZEROS"] if _LEADING_ZEROS.match(text) else []
    if len("".join(filter(str.isdigit, mantissa)).lstrip("0")) > SAFE_DIGITS:
        found.append("MANY_DIGITS")
    if e:
        found.append("E_NOTATION")
    return found


def _of_number_or_groups(text: str) -> Sequence[str]:
    return [*_of_number(text), *(["AMBIGUOUS_NUMBER"] if _POINT_OR_GROUP.fullmatch(text.strip(BLANKS)) else [])]


def loss(field_type: FieldType, text: str) -> str | None:
    """Return what would be lost of a cell that is not "", None if nothing; raise BadValue for no value of the type."""
    parse_value(field_type, text)
    if field_type == "string":
        return None
    if text != text.strip(BLANKS):
        return "the spaces around it"
    if field_type in NUMBER_TYPES:
        return _loss_of_number(text)
    if field_type == "datetime" and not text.endswith(_UTC):
        return "its offset"
    if field_type == "date" and text != parse_value("date", text):
        return "its time of day"
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

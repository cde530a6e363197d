"""Shapes that are certainly values of a type without anything to remark, and how columns of them become values.

Numbers have at most 15 digits and no leading zeros (see fidelity). Hosts end with a letter, so they are no IP address.
"""

from collections.abc import Callable
from typing import NamedTuple

import orjson

from longshore.domain.cells.addresses import URL_LENGTH
from longshore.domain.cells.number_shapes import decimals, integers
from longshore.domain.cells.texts import Texts
from longshore.domain.cells.value_types import FieldType
from longshore.domain.records import Value

Convert = Callable[[Texts, bytes], list[Value]]
"""From a column, and its joined texts, to values; None for blank texts. Values of suspects mean nothing."""


class Shape(NamedTuple):
    """What texts look like (of the syntax of LineShape), and how a column of them becomes values.

    `stand_in`: a text to be put in the place of blank texts and suspects before they are converted, where that is
    needed. Texts of more than `longest` characters are suspects.
    """

    text: str
    convert: Convert
    stand_in: str | None = None
    longest: int | None = None


def shape_of(field_type: FieldType, decimal_comma: bool, numbers: tuple[int, int]) -> Shape:
    """Return the shape of a type; `numbers` are the least and the greatest that it has."""
    if decimal_comma:
        return _SHAPES_WITH_COMMA[field_type]
    if field_type == "integer":
        return Shape(integers(*numbers), _integers, stand_in="0")
    return Shape(decimals(*numbers), _decimals) if field_type == "decimal" else _SHAPES[field_type]


def _kept(column: Texts, _: bytes) -> list[Value]:
    return column.values()


def _integers(column: Texts, joined: bytes) -> list[Value]:
    """Return integers; all have at most 15 digits, which JSON writes alike but for a plus sign and points between."""
    values: list[Value] = orjson.loads(b"[%b]" % joined[:-1].translate(_COMMA_FOR_LINE_FEED, b"+."))
    return column.without_blanks(values)


def _decimals(column: Texts, _: bytes) -> list[Value]:
    """Return decimals without needless zeros; all are in plain notation already."""
    if column.has_blank:
        return [_decimal(text) if text[-1:] == "0" else text or None for text in column.texts]
    return [text if text[-1] != "0" else _decimal(text) for text in column.texts]


def _decimal(text: str) -> str:
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short == "-0" else short


def _decimals_with_comma(column: Texts, joined: bytes) -> list[Value]:
    return _decimals(Texts(_split(joined.translate(_POINT_FOR_COMMA, b"."))), joined)


def _lower(column: Texts, joined: bytes) -> list[Value]:
    return _changed(column, joined.lower())


def _without_punctuation(column: Texts, joined: bytes) -> list[Value]:
    return _changed(column, joined.translate(None, b" ./-()"))


def _changed(column: Texts, joined: bytes) -> list[Value]:
    return column.values() if joined == column.joined else [text or None for text in _split(joined)]


def _split(joined: bytes) -> list[str]:
    texts = joined.decode().split("\n")
    texts.pop()
    return texts


_COMMA_FOR_LINE_FEED = bytes.maketrans(b"\n", b",")
_POINT_FOR_COMMA = bytes.maketrans(b",", b".")

_GROUPS = r"[1-9][0-9]{0,2}(?:\.[0-9]{3})"


_FRACTIONS = "|".join(
    ["0,[0-9]{1,15}"]
    + [f"[1-9][0-9]{{{digits - 1}}},[0-9]{{1,{15 - digits}}}" for digits in range(1, 15)]
    + [f"{_GROUPS}{{{groups}}},[0-9]{{1,{12 - 3 * groups}}}" for groups in range(1, 4)]
)

_LABEL = "[0-9a-z](?:[0-9a-z-]{0,38}[0-9a-z])?"


def _host(most: int) -> str:
    """Return the shape of hosts of at most so many labels and one more; none has more than 40 characters."""
    return rf"(?:{_LABEL}\.){{1,{most}}}(?:[0-9a-z][0-9a-z-]{{0,38}})?[a-z]"


_ATOM = "[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]"
_EMAIL = rf"{_ATOM}(?:\.?{_ATOM}){{0,30}}@{_host(3)}"
"""At most 61 characters before the @ and 163 behind it, so that no address of this shape is too long."""

_URL = rf"https?://{_host(5)}(?::[0-9]{{1,4}})?(?:[/?#][!#-;=?-\[\]-~]*)?"

_DIGIT = "[ ./-]{0,3}[0-9]"
_PHONES = (
    rf"\+[1-9](?:{_DIGIT}){{6,14}}",
    rf"\+[1-9][0-9]{{0,2}}[ ./-]{{0,3}}\([1-9][0-9]{{0,3}}\)(?:{_DIGIT}){{5,8}}",
    rf"\([0-9]{{1,5}}\)(?:{_DIGIT}){{2,10}}",
    rf"[0-9](?:{_DIGIT}){{2,14}}",
)
"""Numbers of E.164 (7 to 15 digits) and national ones (3 to 15), with at most one pair of brackets."""

_SHAPES: dict[FieldType, Shape] = {
    "email": Shape(_EMAIL, _kept),
    "phone": Shape("|".join(_PHONES), _without_punctuation),
    "url": Shape(_URL, _kept, longest=URL_LENGTH),
    "uuid": Shape("[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}", _lower),
}

_SHAPES_WITH_COMMA: dict[FieldType, Shape] = {
    "integer": Shape(rf"0|-?(?:[1-9][0-9]{{0,14}}|{_GROUPS}{{1,4}})", _integers, stand_in="0"),
    "decimal": Shape(rf"0|-?(?:[1-9][0-9]{{0,14}}|{_GROUPS}{{1,4}}|{_FRACTIONS})", _decimals_with_comma),
}

"""JSON texts and lists: values with a structure of their own inside one cell."""

import json
import re
from collections.abc import Callable

from longshore.domain.cells.value_types import BLANKS, BadValue

_STRING_OR_SPACE = re.compile(r'("(?:[^"\\]++|\\.)*+")|[ \t\r]++')

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""A surrogate without its other half, which an escape of JSON can spell but no encoding of text can hold."""


class _Number(str):
    """The text of a number in JSON: it is never turned into a float."""


def json_text(text: str) -> str:
    """Return a JSON text (RFC 8259) without the spaces between its parts, all else as written; raise BadValue."""
    _read(text, "NOT_JSON")
    return compact(text.replace("\n", " "))


def compact(text: str) -> str:
    """Return valid JSON texts, one a line, without the spaces between their parts."""
    return _STRING_OR_SPACE.sub(r"\1", text)


def list_reader(separator: str) -> Callable[[str], list[str] | None]:
    """Return what reads the items of a cell: between separators, or a JSON array of texts, numbers, true and false.

    Items are trimmed, blank ones are dropped; a cell without any item is no value. A text in square brackets that is
    no JSON array is read like any other text.
    """

    def read(text: str) -> list[str] | None:
        items = _items_of_array(text) if text[:1] == "[" and text[-1:] == "]" else None
        pieces = text.split(separator) if items is None else items
        return [item for piece in pieces if (item := piece.strip(BLANKS))] or None

    return read


def _items_of_array(text: str) -> list[str] | None:
    try:
        array = _read(text, "NOT_A_LIST")
    except BadValue:
        return None
    if not isinstance(array, list) or any(isinstance(item, list | dict) for item in array):
        raise BadValue("NOT_A_LIST")
    items = [str(item).lower() if isinstance(item, bool) else item for item in array if item is not None]
    if _HALF_CHARACTER.search("".join(items)):
        raise BadValue("NOT_A_LIST")
    return items


def _read(text: str, code: str) -> object:
    def refuse(_: str) -> object:
        raise BadValue(code)

    try:
        return json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=refuse)
    except (json.JSONDecodeError, RecursionError):
        raise BadValue(code) from None

"""One JSON value at a time, read strictly by RFC 8259; numbers stay the texts that they are in the file."""

import json
import re
from collections import Counter
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any, cast

MAX_DEPTH = 100
"""How deep a record may nest; RFC 8259 (section 9) lets a parser set a limit."""

Scan = Callable[[str, int], tuple[Any, int]]
"""Reads the value that begins at a position; returns it and its end. Raises one of UNREADABLE."""


class Number(str):
    """A number as it is written in the file, told from a string of the same characters."""

    __slots__ = ()


class NotRead(ValueError):
    """No value can be taken from here: what is wrong and where in the text, a code, and the value's end if known."""

    def __init__(self, at: int, problem: str, *, code: str = "MALFORMED_RECORD", end: int | None = None) -> None:
        super().__init__(problem)
        self.at = at
        self.problem = problem
        self.code = code
        self.end = end


class _RepeatedKey(ValueError):
    """An object has a key twice."""


class _NoJson(ValueError):
    """A word that other parsers take for a number."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedKey(Counter(key for key, _ in pairs).most_common(1)[0][0])
    return found


def _refuse_constant(name: str) -> None:
    raise _NoJson(name)


def _scanner(number: type[str]) -> Scan:
    return _scanner_of(
        json.JSONDecoder(
            parse_int=number, parse_float=number, parse_constant=_refuse_constant, object_pairs_hook=_object
        )
    )


def _scanner_of(decoder: json.JSONDecoder) -> Scan:
    return cast(Scan, decoder.scan_once)  # type: ignore[attr-defined]  # documented only as raw_decode, which adds a frame


scan_plain: Scan = _scanner(str)
"""Numbers as plain texts: all that cells need, and the fastest."""

scan_marked: Scan = _scanner(Number)
"""Numbers as Number, so that nested values can be written out again."""

scan_syntax: Scan = _scanner_of(json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant))
"""For values that nobody asked for: their keys may repeat."""

scan_loosely: Scan = _scanner_of(json.JSONDecoder(parse_int=str, parse_float=str))
"""For finding out where a value ends that has NaN or a key twice inside."""

UNREADABLE = (ValueError, StopIteration, RecursionError)
"""What the scanners raise; see `why_unreadable`."""


def why_unreadable(error: Exception, text: str, at: int) -> NotRead:
    """Say what a scanner's error means for the value at a position of the text."""
    if isinstance(error, json.JSONDecodeError):
        return NotRead(error.pos, _worded(error.msg))
    if isinstance(error, StopIteration):
        return NotRead(error.value, "a value is missing, or is none of JSON")
    if isinstance(error, RecursionError):
        return NotRead(at, f"it nests more than {MAX_DEPTH} levels deep", code="NESTED_TOO_DEEPLY")
    try:
        end = scan_loosely(text, at)[1]
    except UNREADABLE as worse:
        return why_unreadable(worse, text, at)
    if isinstance(error, _RepeatedKey):
        return NotRead(at, str(error), code="REPEATED_KEY", end=end)
    return NotRead(text.find(str(error), at), f"{error} is no JSON value; write null or a number", end=end)


CUT_SHORT = 16
r"""An error this near to the end of a text may only come from the text being cut there, as in `fal` or `\u00`."""


def may_be_cut(why: NotRead, text: str) -> bool:
    """Whether the value might be read all the same if the text went on."""
    return why.end is None and (why.at > len(text) - CUT_SHORT or why.problem == UNENDED)


UNENDED = "a string does not end"

_PROBLEMS = {
    "Unterminated string": UNENDED,
    "Expecting ','": "a comma or a closing bracket is missing",
    "Expecting ':'": "a colon is missing after a key",
    "Expecting property name": "a key in double quotes is missing",
    "Illegal trailing comma": "a comma stands before a closing bracket",
    "Invalid control character": r"a line end, tab or control character in a string is not escaped as \n, \t or \u…",
    "Invalid \\escape": "a backslash in a string is not doubled, or an unknown letter follows it",
    "Invalid \\u": r"four hexadecimal digits are missing after \u",
}
"""How the messages of the standard library's parser begin, and what a person is told."""


def _worded(message: str) -> str:
    return next((ours for theirs, ours in _PROBLEMS.items() if message.startswith(theirs)), message)


def compact(value: Any) -> str:
    """Return the compact JSON text of a value that `scan_marked` read, numbers as they were written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{encode_basestring(key)}:{compact(inner)}" for key, inner in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    return CONSTANTS[value]


CONSTANTS = {None: "null", True: "true", False: "false"}


def kind_of(value: Any) -> str:
    """Name the type of a value for a message."""
    if isinstance(value, Number):
        return "a number"
    return _KINDS[type(value)]


_KINDS = {dict: "an object", list: "an array", str: "a string or a number", bool: "true or false", type(None): "null"}


_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]]', re.DOTALL)


def nests_too_deeply(text: str) -> bool:
    """Whether the text of a sound value nests more than MAX_DEPTH levels deep."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return False
    depth = 0
    for token in _STRUCTURE.finditer(text):
        depth += (token[0] in "{[") - (token[0] in "}]")
        if depth > MAX_DEPTH:
            return True
    return False

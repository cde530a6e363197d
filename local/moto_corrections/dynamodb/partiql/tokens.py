"""The tokens of PartiQL."""

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")+")|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><>|!=|<=|>=|[=<>(){}\[\],:.?*+-]))""",
    re.VERBOSE,
)


class NotWellFormed(Exception):
    """The text is no statement of this grammar; the message says where it stops being one."""


class Token(NamedTuple):
    """One token: its kind ("text", "quoted", "number", "word", "sign", "end") and its text without quotes."""

    kind: str
    text: str


def tokens(statement: str) -> list[Token]:
    """The tokens of a statement, the last of kind "end". Raises NotWellFormed."""
    found, position, text = [], 0, statement.rstrip().rstrip(";").rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise NotWellFormed(f"unexpected character at {position + 1}: {text[position : position + 20]!r}")
        raw, kind = match.group(match.lastgroup), match.lastgroup
        if kind in ("text", "quoted"):
            raw = raw[1:-1].replace(raw[0] * 2, raw[0])
        found.append(Token(kind, raw))
        position = match.end()
    return [*found, Token("end", "the end of the statement")]

"""The words and signs of which the expressions of rules are made."""

import re
from typing import NamedTuple

KEYWORDS = frozenset({"and", "or", "not", "in", "is", "blank", "true", "false"})
"""Words that name no field unless they stand in double quotes; upper and lower case do not matter."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<moment>(?:datetime|date|time)'[^']*')
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"[^"]*")
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><=|>=|!=|=(?!=)|<(?!>)|[>+\-*/(),])
      | (?P<end>\Z))""",
    re.VERBOSE | re.ASCII,
)
_SPACES = " \t\n\r\f\v"
_INSTEAD = {"==": "=", "&&": "and", "||": "or", "<>": "!="}


class ExpressionError(ValueError):
    """An expression that cannot be used; the message names the character, counted from 1."""

    def __init__(self, at: int, problem: str) -> None:
        super().__init__(f"character {at + 1}: {problem}")


class Token(NamedTuple):
    """A piece of an expression; `text` is as written but for keywords, which are in lower case."""

    kind: str
    text: str
    at: int

    def __str__(self) -> str:
        return "its end" if self.kind == "end" else repr(self.text)


def tokens_of(text: str) -> list[Token]:
    """Cut an expression into tokens, the last of which is of the kind `end`; raise ExpressionError."""
    tokens: list[Token] = []
    at = 0
    while not tokens or tokens[-1].kind != "end":
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        kind, at = str(match.lastgroup), match.end()
        found = match[kind]
        if kind == "word" and found.lower() in KEYWORDS:
            kind, found = "keyword", found.lower()
        tokens.append(Token(kind, found, match.start(str(match.lastgroup))))
    return tokens


def _unreadable(text: str, at: int) -> ExpressionError:
    at = len(text) - len(text[at:].lstrip(_SPACES))
    if text[at] in "'\"":
        return ExpressionError(at, f"the quote {text[at]} is not closed")
    if instead := _INSTEAD.get(text[at : at + 2]):
        return ExpressionError(at, f"write {instead} instead of {text[at : at + 2]}")
    return ExpressionError(at, f"{text[at]!r} is no part of an expression")

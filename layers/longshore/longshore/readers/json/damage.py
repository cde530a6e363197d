"""Where a damaged element of an array ends, told by its brackets and quotes or by the lines of the file."""

import re

from longshore.readers.json.text import BLANK

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[{}\[\]]|\n[ \t]*+(?=[{\]])', re.DOTALL)
_LINE = re.compile(r"\n([ \t]*+)(?=([{\]]))")
_FOLLOWED = re.compile(r"[ \t\r\n]*+(?:,[ \t\r\n]*+(?=[^ \t\r\n,\]])|(?=\]))")
_CLOSES = {"}": "{", "]": "["}


class MoreNeeded(Exception):
    """The window ends before the element does."""


def damage_end(text: str, start: int, gap: str, ended: bool) -> tuple[int, int] | None:
    """Return where a damaged element ends and where reading goes on: at the next element or the array's bracket.

    `gap` is the white space before the element. It ends where its brackets are closed, if its quotes can be trusted and
    another element or the end of the array follows; or before a line that begins as its own first line does, if that
    comes first. None if neither can be told. Raises MoreNeeded where the text may go on.
    """
    indent = _indent(text, start, gap)
    brackets = _Brackets(text, start)
    for token in _TOKEN.finditer(text, start):
        if "\n" in token[0]:
            if line := _element_line(text, token, indent):
                return line
            if token[0][0] == "\n":
                continue
        if brackets.closed_by(token):
            if follows := _FOLLOWED.match(text, token.end()):
                return token.end(), follows.end()
            if not ended and not text[token.end() :].strip(BLANK + ","):
                raise MoreNeeded
            brackets.trusted = False
    if not ended:
        raise MoreNeeded
    return None


def _indent(text: str, start: int, gap: str) -> str | None:
    """Return what stands before an element on its line, None if other lines may begin alike inside of elements."""
    _, line_end, indent = gap.rpartition("\n")
    bracket_alone = text[start + 1 : start + 3].strip("\r")[:1] == "\n"
    return None if not line_end or (not indent and bracket_alone) else indent


def _element_line(text: str, token: re.Match[str], indent: str | None) -> tuple[int, int] | None:
    if indent is None:
        return None
    for line in _LINE.finditer(text, token.start(), token.end() + 1):
        begins_element = line[2] == "{" and line[1] == indent
        ends_array = line[2] == "]" and (len(line[1]) < len(indent) or not indent)
        if begins_element or ends_array:
            return line.start(), line.end()
    return None


class _Brackets:
    """Follows the brackets of an element; `trusted` no more once a quote or a bracket is out of place."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._open: list[str] = []
        self._last = ""
        self._end = start
        self.trusted = True

    def closed_by(self, token: re.Match[str]) -> bool:
        """Take the next string or bracket; whether it closes the element."""
        piece = token[0]
        if self.trusted:
            between = self._text[self._end : token.start()].strip(BLANK)
            self.trusted = self._in_place(piece, between) and self._balanced(piece)
        self._last, self._end = piece, token.end()
        return self.trusted and not self._open

    def _in_place(self, piece: str, between: str) -> bool:
        """Whether strings stand where strings may: after a bracket, colon or comma, and before one."""
        after_string = self._last[:1] != '"' or (between[0] in ",:" if between else piece in "}]")
        before_string = piece[0] != '"' or (between[-1] in ",:" if between else self._last in ("{", "["))
        return after_string and before_string

    def _balanced(self, piece: str) -> bool:
        if piece in "{[":
            self._open.append(piece)
        elif piece in "}]":
            return bool(self._open) and self._open.pop() == _CLOSES[piece]
        return True

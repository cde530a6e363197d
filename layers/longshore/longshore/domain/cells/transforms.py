"""Transforms: changes of a cell's text before it is checked, declared in a template and applied to whole columns.

A blank cell stays blank whatever the transforms. Each transform is one function of a text; what it does to a column is
the same to each cell of it, only faster.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from longshore.domain.cells.patterns import compile_re2, is_joinable
from longshore.domain.cells.value_types import BadValue
from longshore.domain.templates.document import Document

CELL_LIMIT = 350 * 1024
"""Longest text, in characters, that transforms may make of a shorter one: no record could hold a longer one."""

COLUMN_LIMIT = 16 * 1024 * 1024
"""Where transforms could make more characters than these of a column, they are applied cell by cell, and bounded."""

MEMO_LIMIT = 4096
"""How many distinct texts a substitution remembers."""

_MORE_THAN_A_SPACE = re.compile(r"[^\S ]|  ")
_SPACES = re.compile(r"\s+")
_AFTER_APOSTROPHE = re.compile(r"(?<=[^\W\d_]['’])[^\W\d_]")
_TEMPLATE = re.compile(r"\\([0-9\\])|([^\\]+)", re.DOTALL)
_ONE_BYTE = re.compile(r"(?:[^\\]|\\[^C])*+\\C", re.DOTALL)


class Replace(Document):
    """Replaces every occurrence of a text, or of a pattern in RE2 syntax; exactly one of both is given."""

    find: str = Field(default="", description="A text to be replaced wherever it stands.")
    pattern: str = Field(default="", description="RE2 syntax instead of find; every match is replaced.")
    by: str = Field(
        default="",
        max_length=200,
        description=r"What it is replaced by; after a pattern \1 to \9 stand for its groups, \0 for the whole match.",
    )

    @model_validator(mode="after")
    def _finds_something(self) -> Self:
        if bool(self.find) == bool(self.pattern):
            raise ValueError("replace needs find or pattern, not both")
        if self.pattern:
            Substitution(self.pattern, self.by)
        return self


class Split(Document):
    """Takes one piece of a cell."""

    separator: str = Field(min_length=1, description="Text between the pieces.")
    take: int = Field(default=1, ge=1, le=1000, description="Which piece, from 1; a cell with fewer becomes blank.")


class Transform(Document):
    """One change of a cell's text before it is checked; exactly one property is set."""

    trim: Literal[True] | None = Field(default=None, description="Strip white space from both ends.")
    collapse_spaces: Literal[True] | None = Field(
        default=None, description="One space instead of each run of spaces, tabs and other white space."
    )
    case: Literal["lower", "upper", "title"] | None = Field(default=None, description="Change to this case.")
    replace: Replace | None = None
    split: Split | None = None
    lookup: dict[str, str] | None = Field(
        default=None,
        min_length=1,
        description="Texts and what they become; others stay as they are, and rules judge them.",
    )

    @field_validator("lookup")
    @classmethod
    def _blank_stays_blank(cls, lookup: dict[str, str] | None) -> dict[str, str] | None:
        if lookup and "" in lookup:
            raise ValueError("a blank cell is not looked up; set default instead")
        return lookup

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        if sum(getattr(self, name) is not None for name in type(self).model_fields) != 1:
            raise ValueError("a transform sets exactly one property; list several transforms instead")
        return self


class Step(NamedTuple):
    """A compiled transform: of one text, of a column, and how many times longer it may make a text."""

    one: Callable[[str], str]
    column: Callable[[Sequence[str]], list[str]]
    growth: int = 1


class Transforms:
    """The transforms of a field, in their order."""

    def __init__(self, transforms: Sequence[Transform]) -> None:
        self._steps = [_step(transform) for transform in transforms]
        self._growth = 1
        for step in self._steps:
            self._growth *= step.growth

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._steps)

    @property
    def growth(self) -> int:
        """How many times longer they may make a text, but for case mappings, which triple it at most."""
        return self._growth

    def one(self, text: str) -> str:
        """Return the transformed text of a cell; raise BadValue where it grows beyond every record."""
        limit = max(CELL_LIMIT, len(text))
        for step in self._steps:
            text = step.one(text)
            if step.growth > 1 and len(text) > limit:
                raise BadValue("TRANSFORMED_TOO_LONG")
        return text

    def column(self, texts: Sequence[str]) -> tuple[Sequence[str], list[int]]:
        """Return the transformed texts of a column, and the positions of those that grow too long (given as "")."""
        if self._growth > 1 and self._may_grow_too_long(texts):
            return self._one_by_one(texts)
        for step in self._steps:
            texts = step.column(texts)
        return texts, []

    def _may_grow_too_long(self, texts: Sequence[str]) -> bool:
        lengths = list(map(len, texts))
        return max(lengths) * self._growth > CELL_LIMIT or sum(lengths) * self._growth > COLUMN_LIMIT

    def _one_by_one(self, texts: Sequence[str]) -> tuple[list[str], list[int]]:
        done, too_long = [], []
        for at, text in enumerate(texts):
            try:
                done.append(self.one(text))
            except BadValue:
                done.append("")
                too_long.append(at)
        return done, too_long


class Substitution:
    """Replaces every match of a pattern; raises ValueError for what is no RE2 syntax, and for unknown groups."""

    def __init__(self, pattern: str, by: str) -> None:
        if _ONE_BYTE.match(pattern):
            raise ValueError(rf"the pattern {pattern!r} has \C, which could cut a character in two")
        try:
            in_text, self._in_bytes = compile_re2(pattern, capture=True), compile_re2(pattern.encode(), capture=True)
        except ValueError as error:
            raise ValueError(f"{pattern!r} is not RE2 syntax: {error}") from None
        self._in_text, self._memo = in_text, dict[str, str]()
        self._parts = _parts(by, in_text.groups)
        self._byte_parts = [part if isinstance(part, int) else part.encode() for part in self._parts]
        may_be_empty = not is_joinable(pattern) or in_text.fullmatch("") is not None
        self._is_joinable = not may_be_empty and "\n" not in by
        self.growth = max(1, len(by) + 2 * may_be_empty)

    def one(self, text: str) -> str:
        """Return the text with every match replaced, from left to right; a blank one stays blank."""
        return _substituted(self._in_text, self._parts, text, "") if text else ""

    def column(self, texts: Sequence[str]) -> list[str]:
        """Return the texts, each with every match replaced."""
        if self._is_joinable:
            joined = "\n".join(texts).encode()
            if joined.count(b"\n") == len(texts) - 1:
                done: bytes = _substituted(self._in_bytes, self._byte_parts, joined, b"")
                return done.decode().split("\n")
        return list(map(self._remembered, texts))

    def _remembered(self, text: str) -> str:
        done = self._memo.get(text)
        if done is None:
            if len(self._memo) >= MEMO_LIMIT:
                self._memo.clear()
            done = self._memo[text] = self.one(text)
        return done


def _substituted(pattern: Any, parts: Sequence[Any], text: Any, nothing: Any) -> Any:
    """Return `text` with every match replaced; all three are texts, or all are bytes."""
    pieces, end = [], 0
    for match in pattern.finditer(text):
        pieces.append(text[end : match.start()])
        pieces += [(match[part] or nothing) if isinstance(part, int) else part for part in parts]
        end = match.end()
    return nothing.join([*pieces, text[end:]]) if pieces else text


def _parts(by: str, groups: int) -> list[str | int]:
    parts: list[str | int] = []
    end = 0
    for match in _TEMPLATE.finditer(by):
        if match.start() != end:
            break
        end = match.end()
        group, literal = match.groups()
        parts.append(literal or ("\\" if group == "\\" else int(group)))
    if end < len(by):
        raise ValueError(rf"by has a lone backslash; write \\ for one, or \0 to \{groups} for what was matched")
    if (highest := max((part for part in parts if isinstance(part, int)), default=0)) > groups:
        raise ValueError(rf"by names \{highest}, but the pattern has {groups} groups")
    return parts


def _step(transform: Transform) -> Step:
    if transform.trim:
        return Step(str.strip, lambda texts: list(map(str.strip, texts)))
    if transform.collapse_spaces:
        return Step(_collapsed, _collapsed_column)
    if transform.case:
        return _CASES[transform.case]
    if transform.replace:
        return _replacing(transform.replace)
    if transform.split:
        return _splitting(transform.split)
    return _looking_up(transform.lookup or {})


def _collapsed(text: str) -> str:
    return _SPACES.sub(" ", text)


def _collapsed_column(texts: Sequence[str]) -> list[str]:
    # Joined by a character that is no space, so that a space at the end of one text and the next do not meet.
    return [_collapsed(text) for text in texts] if _MORE_THAN_A_SPACE.search("\0".join(texts)) else list(texts)


def _titled(text: str) -> str:
    """Return words with a capital each; what follows an apostrophe is no new word."""
    return _AFTER_APOSTROPHE.sub(lambda match: match[0].lower(), text.title())


def _titled_column(texts: Sequence[str]) -> list[str]:
    joined = "".join(texts)
    return list(map(_titled if "'" in joined or "’" in joined else str.title, texts))


_CASES = {
    "lower": Step(str.lower, lambda texts: list(map(str.lower, texts))),
    "upper": Step(str.upper, lambda texts: list(map(str.upper, texts))),
    "title": Step(_titled, _titled_column),
}
CASE_GROWTH = 3
"""A case mapping makes at most three characters of one (Unicode, SpecialCasing.txt): that is no growth to bound."""


def _replacing(replace: Replace) -> Step:
    if replace.pattern:
        substitution = Substitution(replace.pattern, replace.by)
        return Step(substitution.one, substitution.column, substitution.growth)
    find, by = replace.find, replace.by

    def column(texts: Sequence[str]) -> list[str]:
        if "\n" not in find and "\n" not in by:
            joined = "\n".join(texts)
            if joined.count("\n") == len(texts) - 1:
                return joined.replace(find, by).split("\n")
        return [text.replace(find, by) for text in texts]

    return Step(lambda text: text.replace(find, by), column, max(1, -(-len(by) // len(find))))


def _splitting(split: Split) -> Step:
    separator, at = split.separator, split.take - 1

    def one(text: str) -> str:
        pieces = text.split(separator, at + 1)
        return pieces[at] if at < len(pieces) else ""

    return Step(one, lambda texts: list(map(one, texts)))


def _looking_up(table: dict[str, str]) -> Step:
    found = table.get
    return Step(
        lambda text: found(text, text),
        lambda texts: list(map(found, texts, texts)),
        max(1, *map(len, table.values())),
    )

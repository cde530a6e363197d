"""What the cells of a column have in common, so that a template can be proposed for it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.cells.fidelity import loss
from longshore.domain.cells.value_types import BLANKS, BadValue, FieldType
from longshore.domain.templates.moment_survey import MomentSurvey

_ANY = re.compile(r".*", re.DOTALL)
_SHAPES: dict[FieldType, re.Pattern[str]] = {
    **dict.fromkeys(("integer", "decimal", "date", "datetime", "boolean", "email", "url"), _ANY),
    # Of what a type takes besides these, much is something else: a duration, a digest, any number.
    "time": re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "phone": re.compile(r"\+.*"),
    "json": re.compile(r"[\[{].*", re.DOTALL),
}
"""The types in the order in which they are tried, and how a value of each must look."""

_TRUE_AND_FALSE = (
    *(("true", "false"), ("yes", "no")),
    *(("y", "n"), ("t", "f"), ("on", "off"), ("ja", "nein"), ("oui", "non")),
)
_BUILT_IN = _TRUE_AND_FALSE[:2]
"""Both words of a pair must occur, and no others: a column of NO alone may be one of countries."""

_COMMA_NUMBER = re.compile(r"-?[0-9]+(?:,[0-9]{1,2})?")

KEY_TYPES: tuple[FieldType, ...] = ("string", "integer", "uuid", "email", "phone", "url")
"""Of these a key may be; that no amount, date or JSON repeats is chance."""

NEARLY = 20
"""A type that so many different values had before one was no such value is named, for that one may be a slip."""

MAX_WORDS, WORD_LENGTH, WORD_REPEATS = 12, 40, 10
"""Few short texts that are met again and again are a choice; each is seen so often on average."""


@dataclass(frozen=True)
class Guess:
    """Properties of a field that takes every cell seen and loses nothing; for a string, why it is not what it looks."""

    properties: dict[str, Any] = field(default_factory=dict)
    why: str = ""

    @property
    def type(self) -> FieldType:
        """The type."""
        found: FieldType = self.properties.get("type", "string")
        return found


class ColumnSurvey:
    """Looks at each different cell of a column once; blank cells have no say in its type.

    It remembers a hash of each different text: 64 bytes for each, whatever the texts are. Of JSON a cell that holds an
    object or an array makes the column JSON, whatever else is in it: no other type takes such a value.
    """

    def __init__(self, *, native_json: bool = False) -> None:
        self._native_json = native_json
        self.is_nested = False
        self._first_loss: dict[FieldType, str] = dict.fromkeys(_SHAPES, "")
        self._moments = MomentSurvey()
        self._seen: set[int] = set()
        self._words: Counter[str] | None = Counter()
        self._decimals: set[int] = set()
        self._lengths: set[int] = set()
        self._trailing_zero = self._slip = ""
        self._comma = True
        self._repeats = self.has_blanks = False

    def add(self, texts: Sequence[str], lines: Sequence[int]) -> None:
        """Take some cells, and the lines on which their records begin."""
        for text, line in zip(texts, lines, strict=True):
            if not text:
                self.has_blanks = True
                continue
            if (met := hash(text)) in self._seen:
                self._repeats = True
            else:
                self._seen.add(met)
                self._look_at(text, line)
            if self._words is not None:
                self._words[text] += 1
                if len(self._words) > MAX_WORDS or len(text) > WORD_LENGTH:
                    self._words = None

    @property
    def is_unique(self) -> bool:
        """Whether every record has a value of its own here."""
        return bool(self._seen) and not self._repeats and not self.has_blanks

    @property
    def choices(self) -> list[str]:
        """The few texts that are met again and again, most frequent first; none where they are no clear choice."""
        words = self._words or Counter[str]()
        is_choice = len(words) > 1 and words.total() >= WORD_REPEATS * len(words)
        return [word for word, _ in words.most_common()] if is_choice else []

    def guess(self) -> Guess:
        """Return the first type that loses nothing."""
        if not self._seen:
            return Guess()
        if self.is_nested:
            return Guess({"type": "json"})
        why = ""
        for field_type, problem in self._first_loss.items():
            problem = problem or self._loss_of_column(field_type)
            if not problem:
                return Guess({"type": field_type} | (self._booleans() if field_type == "boolean" else {}))
            why = why or f"as {field_type} {problem}"
        if booleans := self._booleans():
            return Guess({"type": "boolean"} | booleans)
        if moments := self._moments.guess():
            return Guess(moments.properties, why or moments.why)
        if not why and self._comma:
            why = "its numbers seem to have a decimal comma: if so, set type decimal and decimal_comma"
        return Guess(why=why or self._slip)

    def _look_at(self, text: str, line: int) -> None:
        for field_type, found in list(self._first_loss.items()):
            try:
                lost = _loss(field_type, text)
            except BadValue:
                del self._first_loss[field_type]
                if len(self._seen) > NEARLY and not self._slip:
                    self._slip = f"as {field_type} {shown(text)} in line {line} is none, but all before it are"
                continue
            if lost and not found:
                self._first_loss[field_type] = f"{shown(text)} in line {line} would lose {lost}"
        self.is_nested = self.is_nested or (self._native_json and _is_nested(text))
        if not self._moments.is_over:
            self._moments.add(text, line)
        self._comma = self._comma and bool(_COMMA_NUMBER.fullmatch(text))
        self._lengths.add(len(text))
        if "decimal" in self._first_loss and (decimals := text.partition(".")[2]):
            self._decimals.add(len(decimals))
            if decimals.endswith("0"):
                self._trailing_zero = self._trailing_zero or f"{shown(text)} in line {line}"

    def _loss_of_column(self, field_type: FieldType) -> str:
        # 1.50 beside 1.25 is an amount written with two decimals; 1.10 beside 1.9 is a version, or a place in a list.
        if field_type == "decimal" and self._trailing_zero and len(self._decimals) > 1:
            return f"{self._trailing_zero} would lose its last zero"
        if field_type == "boolean" and self._folded() not in map(set, _BUILT_IN):
            return f"it would lose which of {listed(sorted(self._folded()))} was written"
        if field_type == "time" and len(self._lengths) > 1:
            return "it would lose whether seconds were written"
        return ""

    def _booleans(self) -> dict[str, Any]:
        """Return the words for true and false that the type itself does not know."""
        for true, false in _TRUE_AND_FALSE:
            if self._folded() == {true, false}:
                return {"true_values": [true], "false_values": [false]} if (true, false) not in _BUILT_IN else {}
        return {}

    def _folded(self) -> set[str]:
        return {word.lower() for word in self._words or ()}


def _is_nested(text: str) -> bool:
    try:
        return _loss("json", text) is None
    except BadValue:
        return False


def _loss(field_type: FieldType, text: str) -> str | None:
    if not _SHAPES[field_type].fullmatch(text.strip(BLANKS)):
        raise BadValue("")
    return loss(field_type, text)

"""Kinds of cells, each with its way from the text in the XML to the canonical text; whole columns at a time.

The way for a column may only accept; the one for a single cell is the only source of faults.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from longshore.domain.catalogue.row_errors import shown
from longshore.readers.workbook.formats import Look, Styles
from longshore.readers.workbook.strings import SharedStrings, come_again
from longshore.readers.workbook.values import (
    BadCell,
    date_text,
    date_texts,
    datetime_texts,
    day_number_text,
    iso_text,
    number_text,
    unescaped,
)

_SHORT = 15
_AS_WRITTEN = re.compile(r"(?:(?!-0(?:\.0)?\n)-?+(?:[1-9][0-9]*+|0)(?:\.(?:0|[0-9]*[1-9])(?=\n))?+\n|\n)*+")
"""Of at most 15 characters, such numbers less ".0" are their own shortest text: no double has less than 15 digits."""

_AT_ONCE = {"date": date_texts, "datetime": datetime_texts}
_MEMO_SIZE = 20_000


class CellKind(ABC):
    """One way of reading cells; a blank text is read as blank by all of them."""

    @abstractmethod
    def one(self, text: str) -> str:
        """Return the canonical text of one cell that is not blank; raise BadCell."""

    @abstractmethod
    def column(self, texts: Sequence[str]) -> Sequence[str] | None:
        """Return the canonical texts of many cells, the same sequence if nothing changes; None: look at each."""


class Number(CellKind):
    """Cells of type n that are shown as numbers."""

    def one(self, text: str) -> str:
        return number_text(text)

    def column(self, texts: Sequence[str]) -> Sequence[str] | None:
        long = [text for text in texts if len(text) > _SHORT] if max(map(len, texts)) > _SHORT else []
        short = [text for text in texts if len(text) <= _SHORT] if long else texts
        joined = "\n".join([*short, ""])
        if joined.count("\n") != len(short) or not _AS_WRITTEN.fullmatch(joined):
            return self._shortest(texts)
        if ".0\n" in joined:
            short = joined.replace(".0\n", "\n").split("\n")[:-1]
        if not long:
            return short
        replaced = self._shortest(long)
        if replaced is None:
            return None
        shorts, longs = iter(short), iter(replaced)
        return [next(shorts) if len(text) <= _SHORT else next(longs) for text in texts]

    def _shortest(self, texts: Sequence[str]) -> Sequence[str] | None:
        """Return the shortest plain texts of plain numbers."""
        if not _are_plain("".join(texts)):
            return None
        try:
            shortest = [repr(float(text)) if text else "" for text in texts]
        except ValueError:
            return None
        if not _are_plain("".join(shortest)):  # in E notation
            return None
        plain = [text[:-2] if text.endswith(".0") else text for text in shortest]
        return ["0" if text == "-0" else text for text in plain] if "-0" in plain else plain


class DayNumber(CellKind):
    """Cells of type n that are shown as dates, times or durations."""

    def __init__(self, look: Look, date1904: bool) -> None:
        self._look = look
        self._date1904 = date1904
        self._known = {"": ""}

    def one(self, text: str) -> str:
        return date_text(text, self._look, self._date1904)

    def column(self, texts: Sequence[str]) -> Sequence[str] | None:
        if not _are_plain("".join(texts)):
            return None
        try:
            if not come_again(texts):
                return self._all_at_once(texts) or self._remembered(texts)
            return self._remembered(texts)
        except (BadCell, ValueError):
            return None

    def _all_at_once(self, texts: Sequence[str]) -> Sequence[str] | None:
        way = _AT_ONCE.get(self._look)
        if way is None or "" not in texts:
            return way and way(texts, self._date1904)
        filled = way([text for text in texts if text], self._date1904)
        following = iter(filled or ())
        return [text and next(following) for text in texts] if filled else None

    def _remembered(self, texts: Sequence[str]) -> Sequence[str]:
        """Look texts up that come again and again."""
        if len(self._known) > _MEMO_SIZE:
            self._known = {"": ""}
        known = self._known
        for text in set(texts):
            if text not in known:
                known[text] = day_number_text(float(text), self._look, self._date1904)
        return [known[text] for text in texts]


class IsoDate(CellKind):
    """Cells of type d."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def one(self, text: str) -> str:
        return iso_text(text, self._look)

    def column(self, texts: Sequence[str]) -> Sequence[str] | None:
        return None


class Text(CellKind):
    """Cells of types str and inlineStr."""

    def one(self, text: str) -> str:
        return unescaped(text)

    def column(self, texts: Sequence[str]) -> Sequence[str] | None:
        return [unescaped(text) for text in texts] if "_x" in "\n".join(texts) else texts


class SharedText(CellKind):
    """Cells of type s: numbers of shared strings, counted from 0."""

    def __init__(self, strings: SharedStrings) -> None:
        self._strings = strings

    def one(self, text: str) -> str:
        text = text.strip()
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) < len(self._strings)):
            raise BadCell("UNREADABLE_CELL", problem=f"the workbook has no shared string {shown(text)}")
        return self._strings[int(text)]

    def column(self, texts: Sequence[str]) -> Sequence[str] | None:
        joined = "".join(texts)
        if not (joined.isascii() and joined.isdigit()):
            return None
        try:
            return self._strings.at(texts)
        except (IndexError, ValueError):
            return None


class Boolean(CellKind):
    """Cells of type b."""

    _WORDS: ClassVar = {"": "", "1": "true", "0": "false", "true": "true", "false": "false"}

    def one(self, text: str) -> str:
        if text not in self._WORDS:
            raise BadCell("UNREADABLE_CELL", problem=f"the workbook gives {shown(text)} as a boolean")
        return self._WORDS[text]

    def column(self, texts: Sequence[str]) -> Sequence[str] | None:
        try:
            return list(map(self._WORDS.__getitem__, texts))
        except KeyError:
            return None


class ShownError(CellKind):
    """Cells of type e: what they show is no value."""

    def one(self, text: str) -> str:
        raise BadCell("CELL_ERROR", value=shown(text))

    def column(self, texts: Sequence[str]) -> Sequence[str] | None:
        return None


class UnknownType(CellKind):
    """Cells of a type that ECMA-376 does not have."""

    def __init__(self, name: str) -> None:
        self._name = name

    def one(self, text: str) -> str:
        raise BadCell("UNREADABLE_CELL", problem=f"the workbook gives the cell the unknown type {shown(self._name)}")

    def column(self, texts: Sequence[str]) -> Sequence[str] | None:
        return None


class CellKinds:
    """The kinds of a workbook's cells; the same object for cells that are read alike."""

    def __init__(self, styles: Styles, strings: SharedStrings, date1904: bool) -> None:
        self._styles = styles
        looks: tuple[Look, ...] = ("date", "datetime", "time", "duration")
        self._numbers: dict[Look, CellKind] = {look: DayNumber(look, date1904) for look in looks}
        self._numbers["number"] = Number()
        text = Text()
        self._others: dict[str, CellKind] = {
            "s": SharedText(strings), "str": text, "inlineStr": text, "b": Boolean(), "e": ShownError(),
        }  # fmt: skip
        self._dates: dict[Look, CellKind] = {look: IsoDate(look) for look in (*looks, "number")}

    def kind(self, cell_type: str, style: str) -> CellKind:
        """Return how cells with these attributes `t` and `s` are read."""
        if other := self._others.get(cell_type):
            return other
        look = self._styles.look(int(style)) if style.isdigit() and style.isascii() and len(style) < 10 else "number"
        if cell_type in ("", "n"):
            return self._numbers[look]
        return self._dates[look] if cell_type == "d" else UnknownType(cell_type)


def _are_plain(texts: str) -> bool:
    """Whether texts have no characters but those of plain numbers; float() refuses those that are none all the same."""
    digits = texts.replace(".", "").replace("-", "")
    return digits.isdigit() and digits.isascii()

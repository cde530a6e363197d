"""The forms in which programs write rows: a pattern that takes any, and one for columns mostly of one kind."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from longshore.readers.workbook.cells import CellKind
from longshore.readers.workbook.sheet import letters_of

Meaning = tuple[CellKind, bool, bool]
"""How a cell is read, whether it has a formula, and whether it may have one whose value is no text at all."""

_FORMS = 8
"""So many patterns are compiled for a sheet; each takes some milliseconds, of a wide sheet a tenth of a second."""

_FORMULA = "<f>"
"""Stands for all spellings with a formula, which are as many as there are formulas."""

_MOST_SPELLINGS = 4
"""Ways to write one kind of cell that a pattern has room for; the styles of striped tables are two."""


@dataclass(frozen=True)
class Slot:
    """What a form finds of the cells of a column.

    Those of a `kind` give their text. Any others, if `any_others` are taken, give what precedes the text and the text.
    """

    kind: CellKind | None
    any_others: bool


@dataclass(frozen=True)
class Form:
    """A pattern for rows: it finds the number of the row, what the slots say, and in the last place what is no row."""

    rows: re.Pattern[str]
    slots: Sequence[Slot]


class SettledColumns:
    """Learns of each column how most of its cells are written, and whether there are any others."""

    def __init__(self, width: int, prefix: str) -> None:
        self._prefix = prefix
        self._meanings: list[dict[str, Meaning]] = [{} for _ in range(width)]
        self._most: list[CellKind | None] = [None] * width
        self._form: Form | None = None
        self._forms_left, self._changed = _FORMS, False

    def learn(self, at: int, spellings: Sequence[str], meanings: Mapping[str, Meaning]) -> None:
        """Take what precedes the texts of some cells of a column ("" without a text), and what it means."""
        known = self._meanings[at]
        new = {_FORMULA if meaning[1] else spelling: meaning for spelling, meaning in meanings.items()}
        if self._forms_left == 0 or new.keys() <= known.keys():
            return
        if self._most[at] is None:
            counts = Counter(spellings)
            del counts[""]
            most, _ = counts.most_common(1)[0]
            self._most[at] = None if meanings[most][1] else meanings[most][0]
        known |= new
        self._changed = True

    @property
    def form(self) -> Form:
        """The form of the rows that were seen so far; compiled a few times at most."""
        if self._form is None or (self._changed and self._forms_left):
            cells = [self._cell(at) for at in range(len(self._most))]
            self._form = Form(_rows([cell for cell, _ in cells], self._prefix), [slot for _, slot in cells])
            self._forms_left -= 1
            self._changed = False
        return self._form

    def _cell(self, at: int) -> tuple[str, Slot]:
        p = re.escape(self._prefix)
        kind, meanings = self._most[at], self._meanings[at]
        alike = [spelling for spelling, meaning in meanings.items() if meaning[0] is kind and not meaning[1]]
        value = [spelling for spelling in alike if spelling.endswith(f"<{self._prefix}v>")]
        spellings, end = (value, f"</{p}v>") if value else (alike, f"</{p}t></{p}is>")
        spellings = spellings[:_MOST_SPELLINGS]
        if not spellings:
            return _any_cell(at, p), Slot(None, any_others=True)
        text = rf"(?:{'|'.join(map(re.escape, spellings))})([^<]*+){end}</{p}c>"
        any_others = len(spellings) < len(meanings)
        others = f"|{_any_value(p)}" if any_others else ""
        return rf'(?:<{p}c r="{letters_of(at)}[0-9]++"(?:{text}{others}|{_blank(p)}))?+', Slot(kind, any_others)


def any_form(width: int, prefix: str) -> Form:
    """Return the form of all rows of a table whose cells are plain values."""
    p = re.escape(prefix)
    return Form(_rows([_any_cell(at, p) for at in range(width)], prefix), [Slot(None, any_others=True)] * width)


def _rows(cells: Sequence[str], prefix: str) -> re.Pattern[str]:
    p = re.escape(prefix)
    rest = rf'(?:<{p}c r="[A-Z]++[0-9]++"{_blank(p)})*+'
    return re.compile(rf'\s*+<{p}row r="([0-9]{{1,7}})"[^<>]*+>{"".join(cells)}{rest}</{p}row>|([\s\S]+?</{p}row>)')


def _any_cell(at: int, p: str) -> str:
    return rf'(?:<{p}c r="{letters_of(at)}[0-9]++"(?:{_any_value(p)}|{_blank(p)}))?+'


def _any_value(p: str) -> str:
    formula = rf"(?:<{p}f[^<>]*+>(?:[^<]*+</{p}f>)?+)?+"
    opened = rf"(?:<{p}v>(?=[^<]*+</{p}v>)|<{p}is><{p}t[^<>]*+>(?=[^<]*+</{p}t>))"
    return rf"([^<>]*+>{formula}{opened})([^<]*+)</{p}(?:v|t></{p}is)></{p}c>"


def _blank(p: str) -> str:
    return rf"[^<>]*+>(?:(?<=/>)|</{p}c>)"

"""The careful search for records among lines that plain splitting cannot read; damage costs only its first line."""

import csv
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile

from longshore.readers.csv.dialect import Syntax
from longshore.readers.csv.lines import MAX_RECORD_CHARS, WRONG_BYTES, Lines

LOOKAHEAD_CHARS = 16 * MAX_RECORD_CHARS
"""How many characters may be looked at in vain before lookahead has to be earned by lines read."""

LOOKAHEAD_EARNED = 8
"""Characters of lookahead earned by each character read: bounds the work to a multiple of the file's size."""

GROUP = 32
"""Suspect lines that are tried together where not each of a block is a record; bounds what is tried in vain."""

Fault = tuple[str, dict[str, object]]
"""Why a record is broken: a code of the catalogue and the data of its message."""


class Feed(Iterator[str]):
    """Gives csv.reader line after line, can be put back, and ends a record's search for its closing quote in time."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.at = 0
        self.left = 0
        self.dry = False

    def __next__(self) -> str:
        if self.at == len(self.lines):
            self.dry = True
            raise StopIteration
        if self.left <= 0:
            raise StopIteration
        line = self.lines[self.at]
        self.at += 1
        self.left -= len(line)
        return line


@dataclass
class Found:
    """Records by the index of their first line: their cells and texts, or why they are broken.

    `texts` has only records of several lines, without their last line end; `inner` are the lines inside such. `stop`
    is the index at which a record begins that may go on in the next block, else the number of lines.
    """

    stop: int
    cells: dict[int, list[str]] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    faults: dict[int, Fault] = field(default_factory=dict)
    inner: set[int] = field(default_factory=set)

    @property
    def is_regular(self) -> bool:
        """Whether every line is a record that could be read."""
        return not self.faults and not self.texts


class RecordSearch:
    """Goes on from block to block, because the work it may do in vain is bounded over the whole file.

    Between the suspect lines, those with a quote or an escape for instance, lie lines that are records by themselves.
    """

    def __init__(self, syntax: Syntax, width: int, first_line: int) -> None:
        self._syntax = syntax
        self._width = width
        self._line = first_line
        self._credit = LOOKAHEAD_CHARS
        self._doubtful_before = 0
        self._were_alone = True
        # The limit is one for the whole process, so it is only ever raised; Feed bounds what a record may grow to.
        csv.field_size_limit(max(csv.field_size_limit(), 4 * MAX_RECORD_CHARS))

    def search(self, lines: Lines, suspects: Sequence[int], clean: bool, final: bool) -> Found:
        """Find the records that begin at suspect lines; `clean` says that none has a character that breaks it."""
        found = Found(len(lines.bare))
        if clean and self._were_alone and suspects and self._line + suspects[0] >= self._doubtful_before:
            found.cells = self._all_alone(lines, suspects)
        if len(found.cells) == len(suspects):
            self._earn(lines, 0, found.stop)
        else:
            self._one_by_one(lines, suspects, clean, final, found)
        self._were_alone = found.is_regular
        self._line += found.stop
        return found

    @property
    def is_sure(self) -> bool:
        """Whether nothing before the next line casts doubt on what follows."""
        return self._line >= self._doubtful_before and self._credit >= LOOKAHEAD_CHARS

    def skip(self, lines: int) -> None:
        """Go on behind lines that were read without search()."""
        self._line += lines

    def _all_alone(self, lines: Lines, suspects: Sequence[int]) -> dict[int, list[str]]:
        """Read lines of which each is a record by itself, which is nearly always so; none if any is not.

        Each record takes a line at least: as many records as lines means that every record is one line.
        """
        readable = self._syntax.readable([lines.bare[at] for at in suspects])
        try:
            records = list(csv.reader(readable, self._syntax.dialect))
        except csv.Error:
            return {}
        return dict(zip(suspects, records, strict=True)) if len(records) == len(suspects) else {}

    def _one_by_one(self, lines: Lines, suspects: Sequence[int], clean: bool, final: bool, found: Found) -> None:
        feed = Feed(self._syntax.readable(lines.full))
        earned = at = 0
        while (at := bisect_left(suspects, feed.at, at)) < len(suspects):
            at += self._leading(lines, suspects[at : at + GROUP], clean, feed, found)
            if at == len(suspects):
                break
            first = suspects[at]
            if first < feed.at:
                continue
            self._earn(lines, earned, first)
            feed.at = earned = first
            if not self._step(lines, feed, final, found):
                found.stop = first
                return
            self._earn(lines, earned, feed.at)
            earned = feed.at
        self._earn(lines, earned, found.stop)

    def _leading(self, lines: Lines, group: Sequence[int], clean: bool, feed: Feed, found: Found) -> int:
        """Read the suspects at the beginning of a group that are each a record by itself; return how many they are."""
        if self._line + group[0] < self._doubtful_before:
            return 0
        if not clean:
            group = list(takewhile(lambda at: _illegible(lines.bare[at]) is None, group))
        records: list[list[str]] = []
        reader = csv.reader([feed.lines[at] for at in group], self._syntax.dialect)
        with suppress(csv.Error):
            for cells in reader:
                if reader.line_num > len(records) + 1:
                    break
                records.append(cells)
        found.cells.update(zip(group, records, strict=False))
        return len(records)

    def _step(self, lines: Lines, feed: Feed, final: bool, found: Found) -> bool:
        """Find the record that begins at feed.at and leave feed.at behind it; False if it may end in the next block."""
        first = feed.at
        limit = feed.left = max(1, min(MAX_RECORD_CHARS, self._credit))
        text, fault = lines.bare[first], None
        cells: list[str] = []
        try:
            cells = next(csv.reader(feed, self._syntax.dialect))
        except csv.Error:
            if feed.dry and not final:
                return False
            fault = _why_broken(text)
        else:
            if feed.at > first + 1:
                text = "".join(lines.full[first : feed.at - 1]) + lines.bare[feed.at - 1]
            fault = self._fault_of(cells, text, self._line + first, several=feed.at > first + 1)
        if fault is not None:
            self._credit -= limit - feed.left - len(lines.full[first])
            self._doubtful_before = max(self._doubtful_before, self._line + feed.at)
            feed.at = first + 1
            found.faults[first] = fault
        else:
            found.cells[first] = cells
            if feed.at > first + 1:
                found.texts[first] = text
                found.inner.update(range(first + 1, feed.at))
        return True

    def _fault_of(self, cells: list[str], text: str, line: int, several: bool) -> Fault | None:
        """Say what is wrong with a record that csv.reader could read.

        Bare quotes are refused in a record of several lines, and in lines that a broken record ran over: such lines may
        be pieces of other records. Elsewhere a quote inside an unquoted cell (5" pipe) is an ordinary character. The
        width of a record of one line is not judged here, that of several must be right: a stray quote joins records.
        """
        fault = _illegible(text)
        if fault is None and several and len(cells) != self._width:
            fault = width_fault(len(cells), self._width)
        if fault is None and (several or line < self._doubtful_before):
            fault = None if self._syntax.is_sound(text) else ("BROKEN_QUOTES", {})
        return fault

    def _earn(self, lines: Lines, start: int, stop: int) -> None:
        if self._credit < LOOKAHEAD_CHARS:
            earned = LOOKAHEAD_EARNED * sum(map(len, lines.full[start:stop]))
            self._credit = min(LOOKAHEAD_CHARS, self._credit + earned)


def width_fault(cells: int, width: int) -> Fault:
    """Return the fault of a record that has not as many cells as the header."""
    return ("TOO_FEW_CELLS" if cells < width else "TOO_MANY_CELLS"), {"cells": cells, "columns": width}


def _why_broken(line: str) -> Fault:
    """Say why no record begins here, as far as this line alone can tell."""
    return _illegible(line) or ("BROKEN_QUOTES", {})


def _illegible(text: str) -> Fault | None:
    if len(text) > MAX_RECORD_CHARS:
        return "RECORD_TOO_LONG", {"limit": MAX_RECORD_CHARS}
    if "\0" in text:
        return "NUL_CHARACTER", {}
    if not text.isascii() and (wrong := WRONG_BYTES.search(text)):
        return "WRONG_BYTES", {"bytes": wrong[0][:4].encode("ascii", "surrogateescape").hex(" ")}
    return None

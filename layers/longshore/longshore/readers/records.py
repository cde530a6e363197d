"""From physical lines to records: a broken record costs only its first line, reading goes on at the next one."""

import csv
import re
from collections.abc import Iterator, Sequence

from longshore.domain.chunk import Broken, Chunk
from longshore.domain.row_errors import RAW_LIMIT
from longshore.readers.lines import MAX_RECORD_CHARS

LOOKAHEAD_CHARS = 16 * MAX_RECORD_CHARS
"""How many characters may be looked at in vain before lookahead has to be earned by lines read."""

LOOKAHEAD_EARNED = 8
"""Characters of lookahead earned by each character read: bounds the work to a multiple of the file's size."""


Fault = tuple[str, dict[str, object]]
"""Why a record is broken: a code of the catalogue and the data of its message."""


class CsvDialect(csv.Dialect):
    """RFC 4180 with a delimiter of choice, strict; quotes inside an unquoted cell are ordinary characters."""

    quotechar = '"'
    doublequote = True
    skipinitialspace = False
    lineterminator = "\r\n"
    quoting = csv.QUOTE_MINIMAL
    strict = True

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        super().__init__()


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


class Found:
    """The records of some lines as they are found; blank lines are no records."""

    def __init__(self, first_row: int) -> None:
        self._row = first_row
        self._rows: list[int] = []
        self._lines: list[int] = []
        self._cells: list[list[str]] = []
        self._raw: list[str] = []
        self._longest = 0
        self._broken: list[Broken] = []

    def whole(self, line: int, cells: list[str], text: str) -> None:
        """Add a sound record, unless it is a blank line."""
        if cells:
            self._rows.append(self._row)
            self._lines.append(line)
            self._cells.append(cells)
            self._raw.append(text.rstrip("\r\n")[:RAW_LIMIT])
            self._longest = max(self._longest, len(text))
            self._row += 1

    def broken_line(self, line: int, text: str, code: str, data: dict[str, object]) -> None:
        """Add the first line of a broken record."""
        self._broken.append(Broken(self._row, line, text.rstrip("\r\n")[:RAW_LIMIT], code, data))
        self._row += 1

    def chunk(self) -> Chunk:
        """Return what was found."""
        return Chunk(self._rows, self._lines, self._cells, self._raw, self._longest, self._broken)


class RecordReader:
    """Finds the records in lines that come block by block; `width` is the number of cells each must have.

    What it gives does not depend on where the blocks end.
    """

    def __init__(self, delimiter: str, width: int, first_line: int) -> None:
        self._dialect = CsvDialect(delimiter)
        self._width = width
        self._line = first_line
        self._row = 1
        self._carry: list[str] = []
        self._credit = LOOKAHEAD_CHARS
        self._doubtful_before = 0
        cell = f'(?:"(?:[^"]|"")*+"|[^"{delimiter}]*+)'
        self._sound = re.compile(f"{cell}(?:[{delimiter}]{cell})*+")
        # The limit is one for the whole process, so it is only ever raised; Feed bounds what a record may grow to.
        csv.field_size_limit(max(csv.field_size_limit(), 4 * MAX_RECORD_CHARS))

    def feed(self, lines: list[str], final: bool) -> Chunk:
        """Return the records that end in these lines; one that may go on is kept for the next call."""
        lines, self._carry = self._carry + lines, []
        chunk = self._all_plain(lines) or self._one_by_one(lines, final)
        self._line += len(lines) - len(self._carry)
        self._row += len(chunk.cells) + len(chunk.broken)
        return chunk

    def _all_plain(self, lines: list[str]) -> Chunk | None:
        """Read lines of which each is one sound record, which is nearly always so; None if any is not.

        Each record takes a line at least: as many records as lines means that every record is one line.
        """
        longest = max(map(len, lines), default=0)
        if not lines or longest > MAX_RECORD_CHARS or self._line < self._doubtful_before or "\0" in "".join(lines):
            return None
        try:
            cells = list(csv.reader(lines, self._dialect))
        except csv.Error:
            return None
        if len(cells) != len(lines) or set(map(len, cells)) != {self._width}:
            return None
        self._earn(sum(map(len, lines)))
        rows, at = range(self._row, self._row + len(cells)), range(self._line, self._line + len(cells))
        return Chunk(rows, at, cells, [line.rstrip("\r\n")[:RAW_LIMIT] for line in lines], longest)

    def _one_by_one(self, lines: list[str], final: bool) -> Chunk:
        found = Found(self._row)
        feed = Feed(lines)
        reader = csv.reader(feed, self._dialect)
        while feed.at < len(lines):
            start = feed.at
            limit = feed.left = max(1, min(MAX_RECORD_CHARS, self._credit))
            fault: Fault | None
            try:
                cells = next(reader)
            except csv.Error:
                if feed.dry and not final:
                    self._carry = lines[start:]
                    break
                text, fault = lines[start], _why_broken(lines[start])
                reader = csv.reader(feed, self._dialect)
            else:
                text = lines[start] if feed.at == start + 1 else "".join(lines[start : feed.at])
                fault = _fault_of(cells, text, self._width)
                if fault is None and (feed.at > start + 1 or self._line + start < self._doubtful_before):
                    fault = self._doubt(text)
            if fault is None:
                found.whole(self._line + start, cells, text)
                self._earn(len(text))
            else:
                self._earn(len(lines[start]))
                self._credit -= limit - feed.left - len(lines[start])
                self._doubtful_before = max(self._doubtful_before, self._line + feed.at)
                feed.at = start + 1
                found.broken_line(self._line + start, lines[start], *fault)
        return found.chunk()

    def _doubt(self, text: str) -> Fault | None:
        """Refuse bare quotes in a record of several lines, and in lines that a broken record ran over.

        Such lines may be pieces of other records. Elsewhere a quote inside an unquoted cell (5" pipe) is an ordinary
        character.
        """
        return None if self._sound.fullmatch(text.rstrip("\r\n")) else ("BROKEN_QUOTES", {})

    def _earn(self, characters: int) -> None:
        self._credit = min(LOOKAHEAD_CHARS, self._credit + LOOKAHEAD_EARNED * characters)


def _why_broken(line: str) -> Fault:
    """Say why no record begins here, as far as this line alone can tell."""
    if len(line) > MAX_RECORD_CHARS:
        return "RECORD_TOO_LONG", {"limit": MAX_RECORD_CHARS}
    return ("NUL_CHARACTER", {}) if "\0" in line else ("BROKEN_QUOTES", {})


def _fault_of(cells: list[str], text: str, width: int) -> Fault | None:
    if len(text) > MAX_RECORD_CHARS:
        return "RECORD_TOO_LONG", {"limit": MAX_RECORD_CHARS}
    if "\0" in text:
        return "NUL_CHARACTER", {}
    if len(cells) in (width, 0):
        return None
    return ("TOO_FEW_CELLS" if len(cells) < width else "TOO_MANY_CELLS"), {"cells": len(cells), "columns": width}

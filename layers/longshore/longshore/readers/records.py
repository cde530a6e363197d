"""From whole lines to chunks of records: plain lines are cut all at once, only suspect ones are looked at singly."""

import re
from collections.abc import Sequence
from typing import Literal

from longshore.domain.chunk import Broken, Chunk, Notice, Table
from longshore.domain.row_errors import RAW_LIMIT
from longshore.readers.dialect import Syntax
from longshore.readers.lines import MAX_RECORD_CHARS, WRONG_BYTES, Lines
from longshore.readers.record_search import Fault, Found, RecordSearch, width_fault


class RecordReader:
    """Finds the records in text that comes in whole lines; `width` is the number of cells each must have.

    What it gives does not depend on where the blocks end.
    """

    def __init__(
        self,
        syntax: Syntax,
        width: int,
        first_line: int,
        extra_cells: Literal["reject", "ignore", "keep"] = "reject",
    ) -> None:
        self._syntax = syntax
        self._width = width
        self._extra_cells = extra_cells
        self._search = RecordSearch(syntax, width, first_line)
        self._line = first_line
        self._row = 1
        self._carry = ""

    def feed(self, text: str, final: bool, is_damaged: bool = False) -> Chunk:
        """Return the records that end in this text; one that may go on is kept for the next call.

        `is_damaged` says that there may be WRONG_BYTES in it.
        """
        lines = Lines(self._carry + text)
        longest = max(map(len, lines.bare), default=0)
        clean = "\0" not in lines.text and longest <= MAX_RECORD_CHARS
        clean = clean and not (is_damaged and WRONG_BYTES.search(lines.text))
        found = self._search.search(lines, self._suspects(lines, clean), clean, final)
        self._carry = "".join(lines.full[found.stop :]) if found.stop < len(lines.bare) else ""
        chunk = self._regular(lines.bare, found, longest) or self._irregular(lines.bare[: found.stop], found)
        self._line += found.stop
        self._row += len(chunk.cells) + len(chunk.broken)
        return chunk

    def _suspects(self, lines: Lines, clean: bool) -> Sequence[int]:
        """Return the indexes of the lines that cannot be cut at their delimiters without a look."""
        marks = [mark for mark in self._syntax.marks if mark in lines.text]
        if clean and not marks:
            return ()
        if clean and len(marks) == 1:
            mark = marks[0]
            return [at for at, line in enumerate(lines.bare) if mark in line]
        return [at for at, line in enumerate(lines.bare) if _is_suspect(line, marks)]

    def _regular(self, lines: list[str], found: Found, longest: int) -> Chunk | None:
        """Return the chunk where each line is one sound record, which is nearly always so; None if any is not.

        All lines are cut at once: joined by "delimiter, line feed, delimiter", the cells of n lines are as many as they
        should be and every cell behind the last column is that line feed only if each line has the right width.
        """
        width, delimiter = self._width, self._syntax.delimiter
        if not lines or found.stop < len(lines) or found.faults or found.texts or "" in lines:
            return None
        if any(len(cells) != width for cells in found.cells.values()):
            return None
        plain = lines
        if found.cells:
            plain = lines.copy()
            for at in found.cells:
                plain[at] = delimiter * (width - 1)
        cells = f"{delimiter}\n{delimiter}".join(plain).split(delimiter)
        if len(cells) != len(lines) * (width + 1) - 1 or cells[width :: width + 1].count("\n") != len(lines) - 1:
            return None
        columns = [cells[at :: width + 1] for at in range(width)]
        for at, texts in found.cells.items():
            for column, text in zip(columns, texts, strict=True):
                column[at] = text
        if all("" in column for column in columns) and not all(map(any, zip(*columns, strict=True))):
            return None
        raw = lines if longest <= RAW_LIMIT else [line[:RAW_LIMIT] for line in lines]
        rows, at_lines = range(self._row, self._row + len(lines)), range(self._line, self._line + len(lines))
        return Chunk(rows, at_lines, Table(columns), raw, longest)

    def _irregular(self, lines: list[str], found: Found) -> Chunk:
        sorting = _Sorting(self._row, self._line, self._width, self._extra_cells)
        delimiter = self._syntax.delimiter
        for at, line in enumerate(lines):
            if at in found.faults:
                sorting.broken(at, line, found.faults[at])
            elif at in found.cells:
                sorting.record(at, found.texts.get(at, line), found.cells[at])
            elif line and at not in found.inner:
                sorting.record(at, line, line.split(delimiter))
        return sorting.chunk()


def _is_suspect(line: str, marks: list[str]) -> bool:
    if any(mark in line for mark in marks) or "\0" in line or len(line) > MAX_RECORD_CHARS:
        return True
    return not line.isascii() and WRONG_BYTES.search(line) is not None


class _Sorting:
    """Sorts records into rows, broken ones and blank ones; blank ones are no rows, whatever their width."""

    def __init__(self, row: int, line: int, width: int, extra_cells: str) -> None:
        self._row, self._line, self._width, self._extra_cells = row, line, width, extra_cells
        self._rows: list[int] = []
        self._lines: list[int] = []
        self._cells: list[list[str]] = []
        self._raw: list[str] = []
        self._longest = 0
        self._broken: list[Broken] = []
        self._blank: list[int] = []
        self._extra: dict[int, dict[str, str]] = {}

    def record(self, at: int, text: str, cells: list[str]) -> None:
        """Take a record as it was read."""
        more = len(cells) - self._width
        if not any(cells) or (more and not any(map(str.strip, cells))):
            self._blank.append(self._line + at)
            return
        if more < 0 or (more and self._extra_cells == "reject"):
            self.broken(at, text, width_fault(len(cells), self._width))
            return
        if more and self._extra_cells == "keep":
            named = enumerate(cells[self._width :], start=self._width + 1)
            self._extra[len(self._rows)] = {f"column_{position}": cell for position, cell in named if cell}
        self._rows.append(self._row)
        self._lines.append(self._line + at)
        self._cells.append(cells[: self._width] if more else cells)
        self._raw.append(text[:RAW_LIMIT])
        self._longest = max(self._longest, len(text))
        self._row += 1

    def broken(self, at: int, line: str, fault: Fault) -> None:
        """Take the first line of a broken record."""
        raw = WRONG_BYTES.sub(_replaced, line[:RAW_LIMIT])
        self._broken.append(Broken(self._row, self._line + at, raw, *fault))
        self._row += 1

    def chunk(self) -> Chunk:
        """Return what was taken."""
        blank = [Notice("BLANK_ROWS", self._blank[0], None, {"count": len(self._blank)})] if self._blank else ()
        table = Table(list(zip(*self._cells, strict=True)))
        return Chunk(
            self._rows, self._lines, table, self._raw, self._longest, self._broken, notices=blank, extra=self._extra
        )


def _replaced(wrong: re.Match[str]) -> str:
    return "\N{REPLACEMENT CHARACTER}" * len(wrong[0])

"""From whole lines to chunks of records: plain lines are cut all at once, only suspect ones are looked at singly."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Literal

from longshore.domain.catalogue.row_errors import RAW_LIMIT
from longshore.domain.chunk import Broken, Chunk, Notice, Table
from longshore.readers.csv.dialect import Syntax
from longshore.readers.csv.lines import MAX_RECORD_CHARS, WRONG_BYTES, Lines, legible
from longshore.readers.csv.record_search import Fault, Found, RecordSearch, width_fault
from longshore.readers.csv.sure_records import SureReader

MANY = 4
"""From one special line in so many on, the rows are put together one by one: that is cheaper than to patch columns."""

_Columns = Sequence[Sequence[str]]


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
        first_row: int = 1,
    ) -> None:
        self._syntax = syntax
        self._width = width
        self._extra_cells = extra_cells
        self._search = RecordSearch(syntax, width, first_line)
        self._sure_reader = SureReader(syntax.delimiter, syntax.quote, width)
        self._line = first_line
        self._row = first_row
        self._carry = ""
        self._is_regular = True

    @property
    def place(self) -> tuple[int, int, str] | None:
        """The line and the row that come next, and what is kept of the text; None where they depend on what was before.

        Nothing before may cast doubt on the records that follow, nor make the reader look less far ahead.
        """
        return (self._line, self._row, self._carry) if self._search.is_sure else None

    def feed(self, text: str, final: bool, is_damaged: bool = False, has_nuls: bool = True) -> Chunk:
        """Return the records that end in this text; one that may go on is kept for the next call.

        `is_damaged` says that there may be WRONG_BYTES in it, `has_nuls` that there may be NUL characters.
        """
        text = self._carry + text
        is_wrong = is_damaged and WRONG_BYTES.search(text) is not None
        has_nuls = has_nuls and "\0" in text
        if not is_wrong and not has_nuls and (chunk := self._sure(text, final)):
            return chunk
        lines = Lines(text)
        longest = max(map(len, lines.bare), default=0)
        is_ill = is_wrong or longest > MAX_RECORD_CHARS
        found = self._search.search(lines, self._suspects(lines, is_ill), not is_ill and not has_nuls, final)
        self._carry = lines.rest(found.stop)
        chunk = self._regular(lines.bare, found, longest) or self._irregular(lines.bare[: found.stop], found)
        self._line += found.stop
        self._row += len(chunk.rows) + len(chunk.broken)
        return chunk

    def _sure(self, text: str, final: bool) -> Chunk | None:
        """Return the chunk of a text that leaves no doubt, which is nearly always so; else None."""
        if self._syntax.escape or not self._search.is_sure:
            return None
        found = self._sure_reader.read(text, self._line)
        if found is None or _has_blank_rows(found.columns) or (final and found.rest):
            return None
        rows = range(self._row, self._row + len(found.raw))
        self._carry = found.rest
        self._line += found.stop
        self._row += len(rows)
        self._search.skip(found.stop)
        return Chunk(rows, found.at_lines, Table(found.columns), found.raw, found.longest)

    def _suspects(self, lines: Lines, is_ill: bool) -> Sequence[int]:
        """Return the indexes of the lines that cannot be cut at their delimiters without a look."""
        marks = [mark for mark in (*self._syntax.marks, "\0") if mark in lines.text]
        marked = [[at for at, line in enumerate(lines.bare) if mark in line] for mark in marks]
        if is_ill:
            marked.append([at for at, line in enumerate(lines.bare) if _is_ill(line)])
        return marked[0] if len(marked) == 1 else sorted({at for found in marked for at in found})

    def _regular(self, lines: list[str], found: Found, longest: int) -> Chunk | None:
        """Return the chunk where each line is one sound record, which is nearly always so; None if any is not."""
        if not lines or found.stop < len(lines) or not found.is_regular or not self._is_regular or "" in lines:
            return None
        columns = self._columns(lines, found.cells)
        if columns is None or _has_blank_rows(columns):
            return None
        rows, at_lines = range(self._row, self._row + len(lines)), range(self._line, self._line + len(lines))
        return Chunk(rows, at_lines, Table(columns), _cut(lines, longest), longest)

    def _columns(self, lines: Sequence[str], special: Mapping[int, list[str]]) -> _Columns | None:
        """Return the cells of lines that are a record each, column by column; None unless all have the right width.

        `special` are the cells of lines that are not just cut at their delimiters. The others are cut all at once:
        joined by "delimiter, line feed, delimiter", n lines have n times the cells of one and that line feed, always at
        the same distance, only if each has the right width.
        """
        width, delimiter = self._width, self._syntax.delimiter
        if any(len(cells) != width for cells in special.values()):
            return None
        if len(special) * MANY > len(lines):
            table = [special[at] if at in special else line.split(delimiter) for at, line in enumerate(lines)]
            return list(zip(*table, strict=True)) if set(map(len, table)) == {width} else None
        plain = list(lines)
        for at in special:
            plain[at] = delimiter * (width - 1)
        cells = f"{delimiter}\n{delimiter}".join(plain).split(delimiter)
        if len(cells) != len(lines) * (width + 1) - 1 or cells[width :: width + 1].count("\n") != len(lines) - 1:
            return None
        columns = [cells[at :: width + 1] for at in range(width)]
        for at, texts in special.items():
            for column, text in zip(columns, texts, strict=True):
                column[at] = text
        return columns

    def _irregular(self, lines: list[str], found: Found) -> Chunk:
        """Return the chunk of lines of any kind: odd ones are sorted out first."""
        width, delimiter, others = self._width, self._syntax.delimiter, self._width - 1
        blank = delimiter * others
        odd = [at for at, line in enumerate(lines) if line.count(delimiter) != others or line == blank]
        sorting = _Sorting(width, self._extra_cells, lines, found)
        for at in odd:
            if at not in found.cells:
                sorting.sort(at, lines[at].split(delimiter))
        for at, cells in found.cells.items():
            if len(cells) != width or not any(cells):
                sorting.sort(at, cells)
        return self._chunk(lines, found, sorting)

    def _chunk(self, lines: list[str], found: Found, sorting: "_Sorting") -> Chunk:
        left_out = sorting.no_rows
        kept = [at for at in range(len(lines)) if at not in left_out]
        texts = [lines[at] for at in kept]
        special = {bisect_left(kept, at): cells for at, cells in sorting.cells.items()}
        columns = self._columns(texts, special) if kept else ()
        assert columns is not None  # what has another width was sorted out
        for at, text in found.texts.items():
            texts[bisect_left(kept, at)] = text
        longest = max(map(len, texts), default=0)
        rows, broken = self._numbered(lines, kept, sorting.faults)
        self._is_regular = len(kept) == len(lines)
        return Chunk(
            rows=rows,
            lines=[self._line + at for at in kept],
            cells=Table(columns),
            raw=_cut(texts, longest),
            longest=longest,
            broken=broken,
            notices=self._blank_rows(sorting.blank),
            extra={bisect_left(kept, at): cells for at, cells in sorting.extra.items()},
        )

    def _numbered(
        self, lines: list[str], kept: list[int], faults: Mapping[int, Fault]
    ) -> tuple[Sequence[int], list[Broken]]:
        """Return the numbers of the rows, and the broken records, which are counted with them."""
        rows: list[int] = []
        broken: list[Broken] = []
        for number, (at, fault) in enumerate(sorted(faults.items()), start=self._row):
            rows.extend(range(len(rows) + number, bisect_left(kept, at) + number))
            broken.append(Broken(len(rows) + number, self._line + at, legible(lines[at][:RAW_LIMIT]), *fault))
        first = self._row + len(broken)
        rows.extend(range(len(rows) + first, len(kept) + first))
        return rows, broken

    def _blank_rows(self, blank: list[int]) -> list[Notice]:
        return [Notice("BLANK_ROWS", self._line + min(blank), None, {"count": len(blank)})] if blank else []


class _Sorting:
    """Sorts odd records into rows, broken ones and blank ones; blank ones are no rows, whatever their width.

    By index of their first line: `cells` are those of rows, `faults` say why others are broken; `no_rows` are all lines
    at which no row begins.
    """

    def __init__(self, width: int, extra_cells: str, lines: Sequence[str], found: Found) -> None:
        self._width, self._extra_cells, self._lines = width, extra_cells, lines
        self.cells = dict(found.cells)
        self.faults: dict[int, Fault] = dict(found.faults)
        self.extra: dict[int, dict[str, str]] = {}
        self.blank: list[int] = []
        self.no_rows: set[int] = {*found.faults, *found.inner}

    def sort(self, at: int, cells: list[str]) -> None:
        """Take a record that was read, or a line cut at its delimiters."""
        if at in self.no_rows:
            return
        more = len(cells) - self._width
        if not any(cells) or (more and not any(map(str.strip, cells))):
            self._leave_out(at)
            if self._lines[at]:  # a line of no characters is not even a blank row
                self.blank.append(at)
        elif more < 0 or (more and self._extra_cells == "reject"):
            self._leave_out(at)
            self.faults[at] = width_fault(len(cells), self._width)
        else:
            self.cells[at] = cells[: self._width]
            if more and self._extra_cells == "keep":
                named = enumerate(cells[self._width :], start=self._width + 1)
                if extra := {f"column_{position}": cell for position, cell in named if cell}:
                    self.extra[at] = extra

    def _leave_out(self, at: int) -> None:
        self.no_rows.add(at)
        self.cells.pop(at, None)


def _has_blank_rows(columns: _Columns) -> bool:
    return all("" in column for column in columns) and not all(map(any, zip(*columns, strict=True)))


def _cut(texts: list[str], longest: int) -> list[str]:
    return texts if longest <= RAW_LIMIT else [text[:RAW_LIMIT] for text in texts]


def _is_ill(line: str) -> bool:
    return len(line) > MAX_RECORD_CHARS or (not line.isascii() and WRONG_BYTES.search(line) is not None)

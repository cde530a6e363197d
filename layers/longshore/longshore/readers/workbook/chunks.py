"""From blocks of rows to chunks: blank rows left out, footers dropped, what is outside of the table judged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from longshore.domain.chunk import Broken, CellFault, Chunk, Notice, Table
from longshore.domain.parse_plan import ParsePlan
from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.workbook.block import At, Block, Line
from longshore.readers.workbook.header import is_layout
from longshore.readers.workbook.raw import raw_text, raw_texts
from longshore.readers.workbook.values import BadCell

CHUNK_ROWS = 1000
CHUNK_CHARS = 4 * 1024 * 1024


@dataclass(slots=True)
class _Record:
    """A record that is more, or less, than its cells."""

    faults: list[tuple[At, BadCell]]
    beyond: dict[At, str]
    too_long: bool


class Chunks:
    """Collects blocks and gives chunks of about CHUNK_ROWS rows; the last `footer_rows` records are dropped."""

    def __init__(self, plan: ParsePlan) -> None:
        self._plan = plan
        judged = plan.unknown_columns != "ignore"
        self._layout = [c.position - 1 for c in plan.columns if judged and is_layout(c)]
        self._row = 1
        self._lines: list[Line] = []
        self._columns: list[list[str]] = [[] for _ in range(plan.width)]
        self._raw: list[str] = []
        self._chars: list[int] = []
        self._special: dict[Line, _Record] = {}
        self.cells_read = self.chars_read = 0
        self._notices: list[Notice] = []

    def note(self, notices: Sequence[Notice]) -> None:
        """Take notices that go with the next chunk."""
        self._notices += notices

    def add(self, block: Block) -> Iterator[Chunk]:
        """Take a block and give the chunks that are complete."""
        if block.lines:
            self._collect(block)
        self._notices += block.notices
        while len(self._lines) >= CHUNK_ROWS + self._plan.footer_rows:
            yield self._chunk(CHUNK_ROWS)

    def rest(self) -> Iterator[Chunk]:
        """Give what is left when the sheet has ended, without the footer."""
        footer = min(self._plan.footer_rows, len(self._lines))
        if footer:
            self._notices.append(Notice("SKIPPED_LINES", self._lines[-footer], data={"count": footer}))
        left = len(self._lines) - footer
        while left:
            chunk = self._chunk(left)
            left -= len(chunk.rows) + len(chunk.broken)
            yield chunk
        if self._notices:
            yield Chunk((), (), (), (), 0, notices=self._taken_notices())

    def _collect(self, block: Block) -> None:
        outside = self._outside_texts(block)
        columns, lines = block.columns, block.lines
        raw, chars = raw_texts(columns)
        self.cells_read += len(lines) * self._plan.width
        self.chars_read += sum(chars)
        special = block.faults.keys() | block.beyond.keys() | block.too_long | outside.keys()
        for line in special:
            beyond = outside.get(line, {}) | block.beyond.get(line, {})
            self._special[line] = _Record(block.faults.get(line, []), beyond, line in block.too_long)
        if not all(chars):
            kept = [n for n, size in enumerate(chars) if size or lines[n] in special]
            columns = [[column[n] for n in kept] for column in columns]
            raw, chars, lines = [raw[n] for n in kept], [chars[n] for n in kept], [lines[n] for n in kept]
        self._note_blank(block.lines, lines)
        self._lines += lines
        self._raw += raw
        self._chars += chars
        for whole, column in zip(self._columns, columns, strict=True):
            whole += column

    def _outside_texts(self, block: Block) -> dict[Line, dict[At, str]]:
        """Take the texts out of the columns that have no header and looked blank."""
        found: dict[Line, dict[At, str]] = {}
        for at in self._layout:
            if any(block.columns[at]):
                for line, text in zip(block.lines, block.columns[at], strict=True):
                    if text:
                        found.setdefault(line, {})[at] = text
                block.columns[at] = [""] * len(block.lines)
        return found

    def _note_blank(self, all_lines: Sequence[Line], kept: Sequence[Line]) -> None:
        blank = len(all_lines) - len(kept)
        if blank:
            present = set(kept)
            first = next(line for line in all_lines if line not in present)
            self._notices.append(Notice("BLANK_ROWS", first, data={"count": blank}))

    def _chunk(self, at_most: int) -> Chunk:
        size = self._size(at_most)
        lines, self._lines = self._lines[:size], self._lines[size:]
        cells, self._columns = Table([c[:size] for c in self._columns]), [c[size:] for c in self._columns]
        raw, self._raw = self._raw[:size], self._raw[size:]
        chars, self._chars = self._chars[:size], self._chars[size:]
        first, self._row = self._row, self._row + size
        longest = max(chars) * 2 + 3 * self._plan.width
        is_special = bool(self._special) and not self._special.keys().isdisjoint(lines)
        if not is_special and max(chars) <= MAX_RECORD_CHARS:
            return Chunk(range(first, first + size), lines, cells, raw, longest, notices=self._taken_notices())
        return self._judged(first, lines, cells, chars, raw, longest)

    def _size(self, at_most: int) -> int:
        size = min(at_most, CHUNK_ROWS)
        total = 0
        if sum(self._chars[:size]) > CHUNK_CHARS:
            for n in range(size):
                total += self._chars[n]
                if total > CHUNK_CHARS:
                    return max(1, n)
        return size

    def _judged(
        self,
        first: int,
        lines: Sequence[Line],
        cells: Table,
        chars: Sequence[int],
        raw: Sequence[str],
        longest: int,
    ) -> Chunk:
        whole: list[int] = []
        broken: list[Broken] = []
        faults: list[CellFault] = []
        extra: dict[int, dict[str, str]] = {}
        for n, line in enumerate(lines):
            record = self._special.pop(line, None) or _Record([], {}, False)
            why = self._why_broken(record, chars[n])
            if why:
                text = raw_text([*cells[n], *record.beyond.values()])
                broken.append(Broken(first + n, line, text, *why))
                continue
            at = len(whole)
            whole.append(n)
            faults += [CellFault(at, column + 1, bad.code, bad.data) for column, bad in record.faults]
            if kept := self._kept(record):
                extra[at] = kept
        return Chunk(
            [first + n for n in whole],
            [lines[n] for n in whole],
            Table([[column[n] for n in whole] for column in cells.columns]),
            [raw[n] for n in whole],
            longest,
            broken,
            faults,
            self._taken_notices(),
            extra,
        )

    def _why_broken(self, record: _Record, chars: int) -> tuple[str, dict[str, object]] | None:
        if record.too_long or chars > MAX_RECORD_CHARS:
            return "RECORD_TOO_LONG", {"limit": MAX_RECORD_CHARS}
        width = self._plan.width
        if any(self._policy(at) == "reject" for at in record.beyond):
            return "TOO_MANY_CELLS", {"cells": max(*record.beyond, width - 1) + 1, "columns": width}
        return None

    def _kept(self, record: _Record) -> dict[str, str]:
        return {f"column_{at + 1}": text for at, text in record.beyond.items() if text and self._policy(at) == "keep"}

    def _policy(self, at: At) -> str:
        """What is done with a cell outside of the table: within its width it stands in a column without a header."""
        return self._plan.unknown_columns if at < self._plan.width else self._plan.extra_cells

    def _taken_notices(self) -> list[Notice]:
        taken, self._notices = self._notices, []
        return taken

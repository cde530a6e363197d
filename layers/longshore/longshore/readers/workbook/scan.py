"""The rows of a sheet in flat memory: each piece of its XML goes the fast way where that may be, else the exact one."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.readers.archives.member import ArchiveMember
from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.workbook.block import Block, block_of, merged
from longshore.readers.workbook.cells import CellKinds
from longshore.readers.workbook.pattern import Found, RowPattern, Unusual
from longshore.readers.workbook.plain_xml import as_plain_text, is_utf8
from longshore.readers.workbook.sheet import SheetReader, SheetRow

WIDEST_PATTERN = 200
"""Columns up to which a pattern is made; wider sheets are read the exact way."""

_ROOT = re.compile(rb"<([A-Za-z_][A-Za-z0-9_.-]{0,30}:)?worksheet[\s>]")


class SheetScan:
    """Reads a sheet once, as blocks of rows from `first_line` on; raises FileRejected.

    `merged_ranges` are known at the end.
    """

    def __init__(self, member: ArchiveMember, kinds: CellKinds, what: str, width: int, first_line: int) -> None:
        self._member = member
        self._exact = SheetReader(kinds, what)
        self._kinds = kinds
        self._what = what
        self._width = width
        self._first_line = first_line

    @property
    def merged_ranges(self) -> list[str]:
        """The ranges of merged cells, such as A2:B3."""
        return self._exact.merged

    def blocks(self) -> Iterator[Block]:
        """Yield every row, also those of nothing but blank cells."""
        beginning = self._member.read()
        root = _ROOT.search(beginning)
        prefix = (root[1] or b"").decode() if root else ""
        usual = is_utf8(beginning) and self._width <= WIDEST_PATTERN
        pattern = RowPattern(self._kinds, self._width, prefix) if usual else None
        for piece in self._pieces(beginning, f"</{prefix}row>".encode()):
            yield self._fast(piece, pattern) if pattern and self._exact.in_rows else self._slow(piece)
        yield self._slow(b"", final=True)

    def _pieces(self, beginning: bytes, row_end: bytes) -> Iterator[bytes]:
        """Yield the XML cut after rows: the first one, then as many as there are; longer ones come in parts."""
        rest, cut = beginning, beginning.find(row_end)
        while True:
            if cut >= 0:
                yield rest[: cut + len(row_end)]
                rest = rest[cut + len(row_end) :]
            elif len(rest) > MAX_RECORD_CHARS:
                yield rest
                rest = b""
            block = self._member.read()
            if not block:
                break
            rest += block
            cut = rest.rfind(row_end)
        cut = rest.rfind(row_end)
        if cut >= 0:
            yield rest[: cut + len(row_end)]
            rest = rest[cut + len(row_end) :]
        yield rest

    def _slow(self, piece: bytes, final: bool = False) -> Block:
        return self._from_first_line(block_of(self._exact.feed(piece, final), self._width))

    def _fast(self, piece: bytes, pattern: RowPattern) -> Block:
        text = as_plain_text(piece)
        if text is None or not text.endswith("row>"):
            return self._slow(piece)
        form, found = pattern.find(text)
        others = [row for row in found if row[-1]]
        known = [row for row in found if not row[-1]] if others else found
        try:
            block = pattern.read(form, known, "&" in text) if known else Block([], [()] * self._width)
        except Unusual:
            return self._slow(piece)
        if others:
            return self._from_first_line(merged(block, block_of(self._others(found), self._width)))
        self._follow(block.lines[0], block.lines[-1])
        return self._from_first_line(block)

    def _others(self, found: list[Found]) -> list[SheetRow]:
        """Read what the pattern did not take, and hold that all rows together are in order."""
        rows: list[SheetRow] = []
        for row in found:
            if not row[-1]:
                self._follow(int(row[0]), int(row[0]))
            elif self._exact.in_rows:
                rows += self._exact.feed(row[-1].encode())
            else:
                raise file_rejected("DAMAGED_WORKBOOK", what=self._what, problem="rows outside of the sheet's data")
        return rows

    def _follow(self, line: int, last: int) -> None:
        """Take rows `line` to `last` for read."""
        if line <= self._exact.last_line:
            problem = f"row {line} comes after row {self._exact.last_line}"
            raise file_rejected("DAMAGED_WORKBOOK", what=self._what, problem=problem)
        self._exact.last_line = last

    def _from_first_line(self, block: Block) -> Block:
        """Return a block without the rows above the data."""
        if not block.lines or block.lines[0] >= self._first_line:
            return block
        skipped = bisect_left(block.lines, self._first_line)
        above = set(block.lines[:skipped])
        return Block(
            block.lines[skipped:],
            [column[skipped:] for column in block.columns],
            {line: faults for line, faults in block.faults.items() if line not in above},
            {line: texts for line, texts in block.beyond.items() if line not in above},
            block.too_long - above,
            [notice for notice in block.notices if notice.line not in above],
        )

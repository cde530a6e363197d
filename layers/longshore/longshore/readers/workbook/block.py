"""Some consecutive rows of a sheet, column by column, with everything that is to be said about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from longshore.domain.chunk import Notice
from longshore.readers.workbook.sheet import SheetRow
from longshore.readers.workbook.values import BadCell

Line = int
At = int
"""The 0-based number of a column."""


@dataclass
class Block:
    """Rows in the order of the sheet: `lines` are their numbers, `columns` the texts of the table's cells.

    `faults` are the cells without a usable value, `beyond` the texts of cells outside of the table.
    """

    lines: list[Line]
    columns: list[Sequence[str]]
    faults: dict[Line, list[tuple[At, BadCell]]] = field(default_factory=dict)
    beyond: dict[Line, dict[At, str]] = field(default_factory=dict)
    too_long: set[Line] = field(default_factory=set)
    notices: list[Notice] = field(default_factory=list)


def block_of(rows: Iterable[SheetRow], width: int) -> Block:
    """Make a block of rows that were read the exact way."""
    block = Block([], [[] for _ in range(width)])
    texts: list[list[str]] = []
    for row in rows:
        block.lines.append(row.line)
        texts.append([row.cells.get(at, "") for at in range(width)])
        _add_rest(block, row, width)
    if texts:
        block.columns = list(zip(*texts, strict=True))
    return block


def merged(one: Block, other: Block) -> Block:
    """Return the rows of two blocks in the order of their numbers; no number is in both."""
    rows = dict(zip(one.lines, zip(*one.columns, strict=True), strict=True))
    rows |= dict(zip(other.lines, zip(*other.columns, strict=True), strict=True))
    lines = sorted(rows)
    return Block(
        lines,
        list(zip(*(rows[line] for line in lines), strict=True)),
        one.faults | other.faults,
        one.beyond | other.beyond,
        one.too_long | other.too_long,
        one.notices + other.notices,
    )


def _add_rest(block: Block, row: SheetRow, width: int) -> None:
    if row.too_long:
        block.too_long.add(row.line)
    if max(row.cells, default=0) >= width:
        shown = {at: str(bad.data.get("value", "")) for at, bad in row.faults}
        texts = {at: text or shown[at] for at, text in sorted(row.cells.items()) if text or at in shown}
        if beyond := {at: text for at, text in texts.items() if at >= width}:
            block.beyond[row.line] = beyond
    if faults := [(at, bad) for at, bad in row.faults if at < width]:
        block.faults[row.line] = faults
    block.notices += [Notice("FORMULA", row.line, at + 1) for at in row.formulas if at < width]
    block.notices += [
        Notice("MANY_DIGITS", row.line, at + 1, {"value": row.cells[at]}) for at in row.long_numbers if at < width
    ]

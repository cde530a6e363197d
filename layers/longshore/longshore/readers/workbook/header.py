"""Where the table of a sheet begins: its header row among the first rows, and its columns."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import shown
from longshore.domain.parse_plan import Column
from longshore.readers.header import normalised, unmapped_columns
from longshore.readers.workbook.sheet import SheetRow, letters_of

SAMPLE_ROWS = 200
MAX_HEADER_COLUMNS = 1000


@dataclass(frozen=True)
class SheetHeader:
    """The row of the header, its columns, and how many rows with values come before it."""

    line: int
    columns: tuple[Column, ...]
    skipped: int


def find_header(sample: Sequence[SheetRow], header_row: int | None, wanted: Set[str], sheet: str) -> SheetHeader:
    """Choose the header among the first rows that are not blank; raise FileRejected where there is none.

    The row that has most of the `wanted` headers is it; where none has any, the first row that is at least half as
    full as the fullest one, since titles above a table fill but a cell or two.
    """
    at = _declared(sample, header_row, sheet) if header_row else _likely(sample, wanted)
    row = sample[at]
    if row.faults:
        problem = f"cell {letters_of(row.faults[0][0])}{row.line} has no value that can be used"
        raise file_rejected("MALFORMED_HEADER", line=row.line, problem=problem)
    width = max(column for column, text in row.cells.items() if text.strip()) + 1
    if width > MAX_HEADER_COLUMNS:
        what = f"the header of the sheet {shown(sheet)}"
        raise file_rejected("SHEET_TOO_LARGE", what=what, value=f"{width} columns", limit=MAX_HEADER_COLUMNS)
    columns = unmapped_columns([row.cells.get(column, "") for column in range(width)])
    return SheetHeader(row.line, _without_spacers(columns, sample[at + 1 :]), at)


def is_layout(column: Column) -> bool:
    """Whether a column of a plan has neither a header nor, as far as could be seen, values."""
    return column.reason == "ignored" and not column.header.strip()


def _declared(sample: Sequence[SheetRow], header_row: int, sheet: str) -> int:
    for at, row in enumerate(sample):
        if row.line == header_row and any(text.strip() for text in row.cells.values()):
            return at
    problem = f"row {header_row} of the sheet {shown(sheet)} is blank or lies too far down; correct file.header_row"
    raise file_rejected("MALFORMED_HEADER", line=header_row, problem=problem)


def _likely(sample: Sequence[SheetRow], wanted: Set[str]) -> int:
    matches = [len(wanted & {normalised(text) for text in row.cells.values()}) for row in sample]
    if any(matches):
        return matches.index(max(matches))
    filled = [sum(bool(text.strip()) for text in row.cells.values()) for row in sample]
    fullest = max(filled)  # 0 where all that the rows have are cells whose values cannot be used
    return next(at for at, count in enumerate(filled) if 2 * count >= fullest)


def _without_spacers(columns: tuple[Column, ...], data: Sequence[SheetRow]) -> tuple[Column, ...]:
    """Ignore columns that have neither a header nor, as far as can be seen, values: they are layout."""
    used = {column for row in data for column in row.cells}
    return tuple(
        replace(column, reason="ignored") if not column.header.strip() and column.position - 1 not in used else column
        for column in columns
    )

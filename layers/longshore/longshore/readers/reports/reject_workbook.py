"""The report of rejected rows as a workbook: every cell a text, never a formula, and the wrong ones marked.

Texts are protected as in CSV too: a workbook may be saved as CSV, and a report is restored whatever its format.
"""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from longshore.domain.parse_plan import WRITTEN_COLUMNS
from longshore.errors import InvalidRequest
from longshore.readers.reader import PartSource
from longshore.readers.reports.reject_rows import RejectedPart, ReportRow
from longshore.readers.reports.sheet_text import CELL_CHARACTERS, escaped

SHEET_ROWS = 1_048_576
"""Most rows of a sheet (Excel specifications and limits)."""

TEXT_FORMAT = "@"
"""Number format of text: what a person types over a cell stays what was typed."""

WRONG = PatternFill("solid", start_color="FFC7CE")
ADDED = PatternFill("solid", start_color="EDEDED")
WIDTH, MESSAGES_WIDTH = 16, 60


def write_workbook(
    sources: Sequence[PartSource], parts: Sequence[RejectedPart], titles: Sequence[str], job_id: str, out: BinaryIO
) -> int:
    """Write a sheet for each part and return how many rows there are; raise InvalidRequest where one has too many."""
    book = Workbook(write_only=True)
    rows = 0
    for source, part, title in zip(sources, parts, titles, strict=True):
        sheet = cast(Worksheet, book.create_sheet(title))
        rows += _Sheet(sheet, part.header).write(part.rows(source.read(part.plan), job_id))
    book.save(out)
    return rows


class _Sheet:
    def __init__(self, sheet: Worksheet, header: Sequence[str]) -> None:
        self._sheet = sheet
        self._header = header
        # Each is written again and again: a cell is on disk before the next one is asked for.
        self._plain, self._wrong, self._title, self._added = (WriteOnlyCell(sheet) for _ in range(4))
        for cell in (self._plain, self._wrong, self._title, self._added):
            cell.number_format = TEXT_FORMAT
        self._wrong.fill = WRONG
        self._title.font = self._added.font = Font(bold=True)
        self._added.fill = ADDED

    def write(self, rows: Iterator[ReportRow]) -> int:
        """Write header and rows, and return how many rows."""
        sheet, header, count = self._sheet, self._header, 0
        own = header.index(WRITTEN_COLUMNS[0])
        sheet.freeze_panes = "A2"
        for at, name in enumerate(header, start=1):
            width = MESSAGES_WIDTH if name == WRITTEN_COLUMNS[3] else WIDTH
            sheet.column_dimensions[get_column_letter(at)].width = width
        self._append(_as_text(self._added if at >= own else self._title, name) for at, name in enumerate(header))
        for row in rows:
            if count + 1 == SHEET_ROWS:
                raise InvalidRequest(f"a sheet holds {SHEET_ROWS:,} rows, and more are rejected; ask for csv instead")
            count += 1
            self._append(self._cells(row))
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{count + 1}"
        return count

    def _append(self, cells: Iterator[Cell]) -> None:
        # The types name the one class of generators that openpyxl tells from other iterables; it takes each of them.
        self._sheet.append(cast(Any, cells))

    def _cells(self, row: ReportRow) -> Iterator[Cell]:
        texts = list(map(escaped, row.texts))
        if max(map(len, texts)) > CELL_CHARACTERS:
            texts = self._without_cells(row, texts)
        for at, text in enumerate(texts):
            yield _as_text(self._wrong if at in row.wrong else self._plain, text)

    def _without_cells(self, row: ReportRow, texts: list[str]) -> list[str]:
        """Leave a row's cells blank where one is longer than a cell of a sheet can be: cut, it would be untrue."""
        if max(map(len, texts[: row.own]), default=0) <= CELL_CHARACTERS:
            return [text[:CELL_CHARACTERS] for text in texts]
        told = (
            f"a cell is longer than the {CELL_CHARACTERS:,} characters of a sheet; correct this row in the csv report"
        )
        at = self._header.index(WRITTEN_COLUMNS[3])
        short = [*[""] * row.own, *texts[row.own :]]
        short[at] = f"{told} | {short[at]}"
        return [text[:CELL_CHARACTERS] for text in short]


def _as_text(cell: Cell, text: str) -> Cell:
    cell.value = text
    # A text that begins with = has become a formula by that.
    cell.data_type = "s"
    return cell

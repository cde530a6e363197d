"""The XLSX reader: a seekable file in, the rows of its sheets out, in flat memory and whatever wrote the file."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from functools import cached_property
from itertools import islice, takewhile
from typing import BinaryIO

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.chunk import Chunk, Notice, Table
from longshore.domain.formula_safety import restored
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.readers.archives.archive import DEFAULT_LIMITS, Archive, ArchiveLimits
from longshore.readers.workbook.cells import CellKinds
from longshore.readers.workbook.chunks import Chunks
from longshore.readers.workbook.formats import Styles, read_styles
from longshore.readers.workbook.header import SAMPLE_ROWS, find_header
from longshore.readers.workbook.package import PART_BYTES, Package, SheetEntry, read_package
from longshore.readers.workbook.scan import SheetScan
from longshore.readers.workbook.sheet import SheetReader, SheetRow
from longshore.readers.workbook.strings import SharedStrings, read_strings

MAX_CELLS = 100_000_000
MAX_TEXT = 4 * 1024 * 1024 * 1024

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SCANNED = 1024 * 1024
_SAMPLED_AT_ONCE = 16 * 1024
_SAMPLED_CHARS = 8 * 1024 * 1024
_RANGE = re.compile(r"[A-Z]{1,3}([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})")


class Workbook:
    """An XLSX workbook (ECMA-376, both variants); raises FileRejected for whatever is none, or too large.

    `what` names the file in messages. The file must stay open and be seekable; sheets may be read any number of times.
    """

    def __init__(self, file: BinaryIO, limits: ArchiveLimits = DEFAULT_LIMITS, what: str = "the workbook") -> None:
        _refuse_ole(file, what)
        self._archive = Archive(file, what, limits)
        self._package: Package = read_package(self._archive, what)

    @property
    def sheets(self) -> Sequence[SheetEntry]:
        """The sheets that hold cells, in the order of the workbook."""
        return self._package.sheets

    def sheet(self, title: str) -> SheetEntry:
        """Return the sheet with a title; raise FileRejected (SHEET_NOT_FOUND), listing those that there are."""
        for same in (str, _alike):
            for entry in self.sheets:
                if same(entry.title) == same(title):
                    return entry
        titles = listed(entry.title for entry in self.sheets) or "none with cells"
        raise file_rejected("SHEET_NOT_FOUND", sheet=shown(title), sheets=titles)

    def is_empty(self, sheet: SheetEntry) -> bool:
        """Whether no cell of a sheet has a value."""
        return next(self._filled_rows(sheet), None) is None

    def unmapped_plan(self, title: str, options: FileOptions, wanted: Set[str] = frozenset()) -> ParsePlan:
        """Find out where the table of a sheet is; its columns fill no fields yet. Raises FileRejected."""
        sheet = self.sheet(title)
        sample = self._sample(sheet, options.header_row or 0)
        if not sample:
            raise file_rejected("EMPTY_FILE")
        header = find_header(sample, options.header_row, wanted, sheet.title)
        return ParsePlan(
            format="xlsx",
            encoding="",
            bom=False,
            delimiter="",
            quote="",
            header_line=header.line,
            data_line=header.line + 1,
            columns=header.columns,
            sheet=sheet.title,
            footer_rows=options.footer_rows,
            null_markers=tuple(options.null_markers),
        )

    def read_rows(self, plan: ParsePlan) -> Iterator[Chunk]:
        """Read the rows of the plan's sheet in chunks of about 1,000; raise FileRejected.

        Rows shorter than the header are filled up with blanks. The cells of a report of rejected rows become again
        what they were in the file that it reports on.
        """
        sheet = self.sheet(plan.sheet)
        what = f"the sheet {shown(sheet.title)}"
        scan = SheetScan(self._archive.open(sheet.part), self._kinds, what, plan.width, plan.data_line)
        chunks = Chunks(plan)
        chunks.note(self._skipped(sheet, plan))
        for block in scan.blocks():
            for chunk in chunks.add(block):
                yield _restored(chunk) if plan.is_report else chunk
            if chunks.cells_read > MAX_CELLS or chunks.chars_read > MAX_TEXT:
                value, limit = f"{chunks.cells_read} cells and more", f"{MAX_CELLS}, or {MAX_TEXT} characters,"
                raise file_rejected("SHEET_TOO_LARGE", what=what, value=value, limit=limit)
        chunks.note(_merged_notices(scan.merged_ranges, plan.data_line))
        yield from (_restored(chunk) if plan.is_report else chunk for chunk in chunks.rest())

    @cached_property
    def _kinds(self) -> CellKinds:
        package = self._package
        styles = read_styles(self._archive.read(package.styles, PART_BYTES)) if package.styles else Styles()
        strings = read_strings(self._archive.open(package.strings)) if package.strings else SharedStrings()
        return CellKinds(styles, strings, package.date1904)

    def _filled_rows(self, sheet: SheetEntry) -> Iterator[SheetRow]:
        """Yield the rows that have a value, read the exact way; for the beginning of a sheet only."""
        member = self._archive.open(sheet.part)
        exact = SheetReader(self._kinds, f"the sheet {shown(sheet.title)}")
        while block := member.read(_SAMPLED_AT_ONCE):
            yield from (row for row in exact.feed(block) if _is_filled(row))
        yield from (row for row in exact.feed(b"", final=True) if _is_filled(row))

    def _sample(self, sheet: SheetEntry, least: int) -> list[SheetRow]:
        """Return the first rows that have a value: enough of them, but no more text than memory can bear."""
        sample: list[SheetRow] = []
        chars = 0
        for row in islice(self._filled_rows(sheet), max(SAMPLE_ROWS, least)):
            sample.append(row)
            chars += sum(map(len, row.cells.values()))
            if chars > _SAMPLED_CHARS:
                break
        return sample

    def _skipped(self, sheet: SheetEntry, plan: ParsePlan) -> list[Notice]:
        if plan.header_line == 1:
            return []
        before = list(takewhile(lambda row: row.line < plan.header_line, self._filled_rows(sheet)))
        return [Notice("SKIPPED_LINES", before[0].line, data={"count": len(before)})] if before else []


def _alike(title: str) -> str:
    return title.strip().casefold()


def _is_filled(row: SheetRow) -> bool:
    return bool(row.faults) or any(text.strip() for text in row.cells.values())


def _restored(chunk: Chunk) -> Chunk:
    return replace(chunk, cells=Table([[restored(cell) for cell in column] for column in chunk.columns]))


def _merged_notices(ranges: Sequence[str], data_line: int) -> list[Notice]:
    """Return a notice for each range that reaches into the data; what is merged above it is decoration."""
    matches = [(text, _RANGE.fullmatch(text)) for text in ranges]
    return [
        Notice("MERGED_CELLS", int(match[1]), data={"value": text})
        for text, match in matches
        if match and int(match[2]) >= data_line
    ]


def _refuse_ole(file: BinaryIO, what: str) -> None:
    """Refuse what Excel saves in the container of older versions: workbooks with a password, and XLS."""
    file.seek(0)
    head = file.read(len(_OLE))
    if head != _OLE:
        return
    tail = b""
    while block := file.read(_SCANNED):
        if _ENCRYPTED in tail + block:
            raise file_rejected("ENCRYPTED_FILE", what=what)
        tail = block[-len(_ENCRYPTED) :]
    raise file_rejected(
        "UNSUPPORTED_FORMAT", what=what, kind="a workbook of Excel 97-2003 (XLS)", advice="save it as XLSX"
    )

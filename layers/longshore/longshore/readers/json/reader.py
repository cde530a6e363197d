"""The JSON reader: a stream of bytes and a parse plan in, chunks of records with row numbers and lines out."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.chunk import Broken, Chunk, Notice, Table
from longshore.domain.json_path import parse_path
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.readers.json.cells import CellReader, Cells
from longshore.readers.json.document import DocumentReader
from longshore.readers.json.found import Found
from longshore.readers.json.lines import LinesReader
from longshore.readers.json.plan import SAMPLE_BYTES, detect_json_plan
from longshore.readers.json.text import JsonText
from longshore.readers.json.values import scan_marked, scan_plain
from longshore.readers.stream import HeadedStream, Readable


class JsonPart:
    """A PartSource over a stream of JSON or NDJSON."""

    def __init__(self, stream: HeadedStream, name: str = "") -> None:
        self.name = name
        self._stream = stream

    def unmapped_plan(self, options: FileOptions, wanted: Set[str]) -> ParsePlan:
        """Find out how the stream is read from its first bytes; raise FileRejected."""
        return detect_json_plan(*self._stream.head(SAMPLE_BYTES), options, wanted)

    def read(self, plan: ParsePlan) -> Iterator[Chunk]:
        """Read every record; raise FileRejected."""
        return read_json_rows(self._stream, plan)


def read_json_rows(stream: Readable, plan: ParsePlan) -> Iterator[Chunk]:
    """Read a file from its first byte as the plan says; the memory needed does not grow with the file.

    Cells are texts: numbers as they are written, true and false, nested values as compact JSON, "" for null and for
    an absent key. U+0000 is a character like any other. Raises FileRejected: WRONG_ENCODING, MALFORMED_JSON where it
    cannot be told how the file goes on, PATH_NOT_FOUND, and NOT_A_TABLE where there are no records at all.
    """
    reader = CellReader(plan)
    scan = scan_marked if reader.needs_marked_numbers else scan_plain
    window = JsonText(stream, plan.encoding)
    records = DocumentReader(window, parse_path(plan.path) if plan.path else (), scan)
    source = LinesReader(window, scan) if plan.format == "ndjson" else records
    row = 1
    for found in source.read():
        cells = reader.cells(found.values)
        blank = _blank_records(found, cells)
        notices = [Notice("BLANK_ROWS", found.lines[at]) for at in blank]
        if blank:
            found, cells = _without(blank, found, cells)
        chunk = _chunk(found, cells, row, notices)
        row += len(chunk.rows) + len(chunk.broken)
        yield chunk
    if row == 1:
        raise file_rejected("NOT_A_TABLE", problem="its array is empty, or nothing in it has a value")


def _chunk(found: Found, cells: Cells, first_row: int, notices: list[Notice]) -> Chunk:
    sound = len(found.values)
    broken_rows = [first_row + broken.after + at for at, broken in enumerate(found.broken)]
    return Chunk(
        rows=_numbers(first_row, sound, broken_rows),
        lines=found.lines,
        cells=Table(cells.columns) if cells.columns else [()] * sound,
        raw=found.raw,
        longest=found.longest * cells.overlap,
        broken=[
            Broken(row, broken.line, broken.raw, broken.code, broken.data)
            for row, broken in zip(broken_rows, found.broken, strict=True)
        ],
        faults=cells.faults,
        notices=notices,
        extra=cells.extra,
    )


def _numbers(first: int, count: int, taken: list[int]) -> range | list[int]:
    """Return row numbers for `count` sound records; those of broken ones are taken."""
    if not taken:
        return range(first, first + count)
    return sorted(set(range(first, first + count + len(taken))).difference(taken))


def _blank_records(found: Found, cells: Cells) -> list[int]:
    """Return the positions of records that hold no value at all, neither in a column nor outside of them."""
    if not all("" in column for column in cells.columns):
        return []
    return [at for at, value in enumerate(found.values) if _is_blank(value)]


def _is_blank(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_blank, value.values()))
    return value is None or value == ""


def _without(blank: Sequence[int], found: Found, cells: Cells) -> tuple[Found, Cells]:
    """Return what was found without the records at these positions, which are in order."""
    left_out = set(blank)
    kept = [at for at in range(len(found.values)) if at not in left_out]
    place = {at: new for new, at in enumerate(kept)}
    return replace(
        found,
        values=[found.values[at] for at in kept],
        lines=[found.lines[at] for at in kept],
        raw=[found.raw[at] for at in kept],
        broken=[broken._replace(after=broken.after - bisect_left(blank, broken.after)) for broken in found.broken],
    ), Cells(
        columns=[[column[at] for at in kept] for column in cells.columns],
        faults=[replace(fault, at=place[fault.at]) for fault in cells.faults if fault.at in place],
        extra={place[at]: extra for at, extra in cells.extra.items() if at in place},
        overlap=cells.overlap,
    )

"""The CSV reader: a stream of bytes and a parse plan in, chunks of records with row numbers, lines and raw text out."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from longshore.domain.chunk import Chunk
from longshore.domain.formula_safety import restored
from longshore.domain.parse_plan import ParsePlan
from longshore.readers.lines import LineDecoder
from longshore.readers.records import RecordReader
from longshore.readers.stream import READ_BYTES


class Readable(Protocol):
    """What a reader needs of a binary stream: b"" is its end."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes."""


def read_rows(stream: Readable, plan: ParsePlan) -> Iterator[Chunk]:
    """Read a file from its first byte as the plan says; the memory needed does not grow with the file.

    A chunk holds the records of one block of bytes, about READ_BYTES of them. The cells of a report of rejected rows
    become again what they were in the file that it reports on; the raw texts stay as they are in the report. Raises
    FileRejected (WRONG_ENCODING) at bytes that are not of the plan's encoding.
    """
    decoder = LineDecoder(plan.encoding)
    records = RecordReader(plan.delimiter, plan.width, first_line=plan.data_line)
    before_data = plan.data_line - 1
    final = False
    while not final:
        block = stream.read(READ_BYTES)
        final = not block
        lines = decoder.feed(block, final)
        if before_data:
            lines, before_data = lines[before_data:], max(0, before_data - len(lines))
        chunk = records.feed(lines, final)
        if chunk.cells or chunk.broken:
            yield _restored(chunk) if plan.is_report else chunk


def _restored(chunk: Chunk) -> Chunk:
    return replace(chunk, cells=[[restored(cell) for cell in cells] for cells in chunk.cells])

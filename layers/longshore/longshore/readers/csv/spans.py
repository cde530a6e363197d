"""Reading some records of a file again, from just the bytes in which they lie."""

from collections.abc import Iterator
from dataclasses import replace

from longshore.domain.chunk import Chunk, Span
from longshore.domain.parse_plan import ParsePlan
from longshore.readers.csv.reader import read_chunks
from longshore.readers.encoding import without_mark
from longshore.readers.stream import Readable


def read_span(stream: Readable, plan: ParsePlan, span: Span) -> Iterator[Chunk]:
    """Read a stream of the bytes of a span: the records, lines and raw texts of the first reading.

    `plan` is that of the whole file. The span is that of a chunk, or goes from the beginning of one to the end of a
    later one, if all those between have spans.
    """
    plan = replace(plan, encoding=without_mark(plan.encoding), header_line=0, data_line=span.first_line, footer_rows=0)
    return read_chunks(stream, plan, lines_before=0, first_row=span.first_row)

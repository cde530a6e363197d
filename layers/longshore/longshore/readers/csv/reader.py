"""The CSV reader: a stream of bytes and a parse plan in, chunks of records with row numbers, lines and raw text out."""

from collections.abc import Iterator
from dataclasses import replace

from longshore.domain.chunk import Chunk, Notice, Table
from longshore.domain.formula_safety import restored
from longshore.domain.parse_plan import ParsePlan
from longshore.readers.csv.dialect import Syntax
from longshore.readers.csv.excel_hint import hinted_delimiter
from longshore.readers.csv.footer import without_footer
from longshore.readers.csv.lines import LineDecoder, Lines
from longshore.readers.csv.records import RecordReader
from longshore.readers.csv.span_finder import SpanFinder
from longshore.readers.stream import READ_BYTES, Readable


def read_rows(stream: Readable, plan: ParsePlan) -> Iterator[Chunk]:
    """Read a file from its first byte as the plan says; the memory needed does not grow with the file.

    A chunk holds the records of one block of bytes, about READ_BYTES of them. The cells of a report of rejected rows
    become again what they were in the file that it reports on; the raw texts stay as they are in the report. Raises
    FileRejected (WRONG_ENCODING) at bytes that are not of the plan's encoding, if it is one where nothing behind them
    can be trusted; in others they cost the records that they stand in.
    """
    chunks = read_chunks(stream, plan, plan.data_line - 1)
    if plan.footer_rows:
        chunks = without_footer(chunks, plan.footer_rows)
    return map(_restored, chunks) if plan.is_report else chunks


def read_chunks(stream: Readable, plan: ParsePlan, lines_before: int, first_row: int = 1) -> Iterator[Chunk]:
    """Read a stream in which some lines come before the data, as they are in it."""
    decoder = LineDecoder(plan.encoding)
    records = RecordReader(Syntax.of(plan), plan.width, plan.data_line, plan.extra_cells, first_row)
    spans = SpanFinder(decoder, records, plan)
    preamble = _Preamble(plan.header_line, lines_before)
    is_begun = final = False
    while not final:
        block = stream.read(READ_BYTES)
        final = not block
        text = decoder.feed(block, final)
        if not is_begun:
            text = preamble.taken_from(text)
            is_begun = preamble.is_over and bool(text or final)
            if is_begun:
                spans.start(text)
                if preamble.skipped:
                    yield Chunk((), (), (), (), 0, notices=[preamble.notice()])
        chunk = records.feed(text, final, decoder.is_damaged, decoder.has_nuls)
        if chunk.rows or chunk.broken or chunk.notices:
            yield replace(chunk, span=spans.next())
        del text, chunk  # before the next ones are made: see validate


class _Preamble:
    """Takes the lines before the data from the text, and counts those that are neither header nor blank nor a hint."""

    def __init__(self, header_line: int, lines: int) -> None:
        self._header_line = header_line
        self._left = lines
        self._line = 0
        self._first = 0
        self.skipped = 0

    @property
    def is_over(self) -> bool:
        """Whether the next line belongs to the data."""
        return not self._left

    def taken_from(self, text: str) -> str:
        """Return what of the text is data."""
        lines = Lines(text).full
        for line in lines[: self._left]:
            self._line += 1
            if self._line < self._header_line and line.strip() and not hinted_delimiter(line):
                self._first = self._first or self._line
                self.skipped += 1
        data = "".join(lines[self._left :])
        self._left -= min(self._left, len(lines))
        return data

    def notice(self) -> Notice:
        """Return what a person should know of them."""
        return Notice("SKIPPED_LINES", self._first, None, {"count": self.skipped})


def _restored(chunk: Chunk) -> Chunk:
    columns = [[restored(cell) for cell in column] for column in chunk.columns]
    extra = {at: {name: restored(cell) for name, cell in cells.items()} for at, cells in chunk.extra.items()}
    return replace(chunk, cells=Table(columns), extra=extra)

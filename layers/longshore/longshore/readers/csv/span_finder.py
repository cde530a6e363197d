"""Where in a file the records of its chunks lie, for those who want to read some of them again."""

from typing import NamedTuple

from longshore.domain.chunk import Span
from longshore.domain.parse_plan import ParsePlan
from longshore.readers.csv.lines import LineDecoder
from longshore.readers.csv.records import RecordReader


class _Place(NamedTuple):
    """An offset in bytes, and the line and the row that begin there."""

    offset: int
    line: int
    row: int


class SpanFinder:
    """Tells the spans of consecutive chunks, which lie side by side, while they are read.

    There is none in what is packed, and none of a report of rejected rows: its cells stand for others. Else a span is
    told where the same records come out when just its bytes are read: it begins and ends at a record, and at neither
    end a broken record casts doubt on what is around.
    """

    def __init__(self, decoder: LineDecoder, records: RecordReader, plan: ParsePlan) -> None:
        self._decoder = decoder
        self._records = records
        self._is_off = bool(plan.compression or plan.member or plan.is_report)
        self._begin: _Place | None = None

    def start(self, text: str) -> None:
        """Begin before a text that no record was read of yet."""
        self._begin = self._place(text)

    def next(self) -> Span | None:
        """Return the span from the end of the one before, or the start, to where the next record begins."""
        begin, end = self._begin, self._place("")
        self._begin = end
        if begin is None or end is None:
            return None
        return Span(begin.offset, end.offset - begin.offset, begin.line, begin.row)

    def _place(self, text: str) -> _Place | None:
        place = None if self._is_off else self._records.place
        if place is None:
            return None
        line, row, kept = place
        offset = self._decoder.offset(kept + text)
        return None if offset is None else _Place(offset, line, row)

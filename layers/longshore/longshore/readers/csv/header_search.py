"""Finding the header of CSV in a sample of its lines, and the delimiter by which it is read."""

import csv
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.parse_plan import ROW_ID
from longshore.domain.templates.file_options import FileOptions
from longshore.readers.csv.dialect import CsvDialect
from longshore.readers.csv.record_search import Feed
from longshore.readers.header import normalised

DELIMITERS = (",", ";", "\t", "|")
RARE_DELIMITERS = ("\x1f", "\x1e", "^", "~", ":")
"""Taken only where they bring out wanted headers: titles and times have such characters too."""

HEADER_LINES = 100
"""How many lines are looked at for a header that the template knows."""

HEADER_CHARS = 64 * 1024
"""How long a header may be whose quotes are open at the end of a line."""


@dataclass(frozen=True)
class Header:
    """A header: the index of its first line, how many lines it takes, its cells, and the delimiter between them."""

    at: int
    lines: int
    cells: list[str]
    delimiter: str


def find_header(lines: list[str], first: int, options: FileOptions, delimiter: str, wanted: Set[str]) -> Header:
    """Return the header among `lines`, which keep their ends; raise FileRejected (MALFORMED_HEADER).

    It is the declared row, else the first record with most of the `wanted` headers, else the first one that is not
    blank, from `first` on. `delimiter` is the declared one, "" to find it out.
    """
    search = _Search(lines, options, [delimiter] if delimiter else [*DELIMITERS, *RARE_DELIMITERS], wanted)
    row = options.header_row
    at = _declared(lines, row) if row else search.best_line(search.first_record(first))
    found = search.header(at)
    if found is None:
        raise file_rejected("MALFORMED_HEADER", line=at + 1, problem="its quotes do not match")
    return found


def _declared(lines: Sequence[str], row: int) -> int:
    if row > len(lines):
        problem = f"file.header_row names it, but only {len(lines)} lines are at hand"
        raise file_rejected("MALFORMED_HEADER", line=row, problem=problem)
    if not lines[row - 1].strip():
        raise file_rejected("MALFORMED_HEADER", line=row, problem="file.header_row names it, but it is blank")
    return row - 1


class _Search:
    def __init__(self, lines: list[str], options: FileOptions, delimiters: Sequence[str], wanted: Set[str]) -> None:
        self._lines = lines
        quote = '"' if options.quote is None else options.quote
        self._dialects = {mark: CsvDialect(mark, quote, options.escape or "") for mark in delimiters}
        self._wanted = wanted | {normalised(ROW_ID)}
        self._knows = bool(wanted)

    def first_record(self, first: int) -> int:
        """Return the index of the first line that is more than delimiters and quotes; `first` if there is none."""
        nothing = "".join(self._dialects) + " \t\"'`\r\n"
        filled = (at for at, line in enumerate(self._lines[first:], start=first) if line.strip(nothing))
        at = next(filled, first)
        if at >= len(self._lines):
            problem = "nothing follows the line that tells the delimiter"
            raise file_rejected("MALFORMED_HEADER", line=at + 1, problem=problem)
        return at

    def best_line(self, first: int) -> int:
        """Return the index of the line with most of the wanted headers, the first of those with as many.

        One header alone may be a word of a title: it tells only where nothing else is wanted.
        """
        best, most = first, self._matches(first)
        if not self._knows:
            return first
        enough = min(2, len(self._wanted) - 1)
        for at in range(first + 1, min(len(self._lines), first + HEADER_LINES)):
            matches = self._matches(at, more_than=most)
            if matches > most and matches >= enough:
                best, most = at, matches
        return best

    def header(self, at: int) -> Header | None:
        """Return the header that begins at a line, by the delimiter that brings out most of the wanted columns.

        After that the one counts that most rows agree with. A header without any is a file of one column.
        """
        single = next(iter(self._dialects))
        best, best_score = self._read(at, single), (0, 0.0, 1)
        for delimiter in self._dialects:
            found = self._read(at, delimiter)
            if found is None or len(found.cells) < 2:
                continue
            matches = self._wanted_in(found)
            if delimiter in RARE_DELIMITERS and len(self._dialects) > 1 and matches < 2:
                continue
            width = len(found.cells)
            score = matches, self._agreement(at + found.lines, delimiter, width), width
            if best is None or score > best_score:
                best, best_score = found, score
        return best

    def _matches(self, at: int, more_than: int = 0) -> int:
        """Return how many of the wanted headers a line has by one of the delimiters; 0 if these cannot be more."""
        line = self._lines[at]
        headers = (self._read(at, mark) for n, mark in enumerate(self._dialects) if n == 0 or mark in line)
        return max(
            (self._wanted_in(header) for header in headers if header and len(header.cells) > more_than), default=0
        )

    def _wanted_in(self, header: Header) -> int:
        return len(self._wanted & set(map(normalised, header.cells)))

    def _read(self, at: int, delimiter: str) -> Header | None:
        feed = Feed(self._lines)
        feed.at, feed.left = at, HEADER_CHARS
        try:
            cells = next(csv.reader(feed, self._dialects[delimiter]))
        except csv.Error:
            return None
        return Header(at, feed.at - at, cells, delimiter)

    def _agreement(self, start: int, delimiter: str, width: int) -> float:
        """Return the share of sample records that have as many cells as the header, 1 if there are none."""
        widths = list(self._widths(start, delimiter))
        return sum(found == width for found in widths) / len(widths) if widths else 1.0

    def _widths(self, start: int, delimiter: str) -> Iterator[int]:
        feed = Feed(self._lines)
        feed.at = start
        reader: Iterable[list[str]] = csv.reader(feed, self._dialects[delimiter])
        while feed.at < len(self._lines):
            begun, feed.left = feed.at, HEADER_CHARS
            try:
                cells = next(iter(reader))
            except csv.Error:
                if feed.dry:
                    return
                feed.at = begun + 1
                reader = csv.reader(feed, self._dialects[delimiter])
                yield 0
                continue
            if cells:
                yield len(cells)

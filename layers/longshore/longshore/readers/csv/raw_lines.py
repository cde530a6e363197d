"""Raw texts of records, cut out of the text of their block only when somebody asks for them, which is rare."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import overload

from longshore.domain.catalogue.row_errors import RAW_LIMIT

_WINDOW = 2048
"""Line feeds are counted for so many characters at a time: a line is found by looking at about half of them."""


class LineIndex:
    """Knows the number of lines of a text that ends with its last line end, and where in it a line begins.

    A line ends with LF or CR LF.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._counts = [text.count("\n", at, at + _WINDOW) for at in range(0, len(text), _WINDOW)]
        self._latest = 0, 0
        self.size = sum(self._counts)

    @property
    def longest(self) -> int:
        """A bound to the length of every line, not much greater than need be: by the windows without a line feed."""
        empty = bytes(map(bool, self._counts)).split(b"\1")
        return (max(map(len, empty)) + 2) * _WINDOW

    def reach(self, first: int, last: int) -> int:
        """Return a bound to the length of the lines from one to before another: by the windows in which they begin."""
        return (bisect_left(self._before, last) - bisect_left(self._before, first) + 1) * _WINDOW

    def begin(self, line: int) -> int:
        """Return where a line begins, or at their number where the last one ends; cheapest in their order."""
        if not line:
            return 0
        window = bisect_left(self._before, line) - 1
        before, begin = self._before[window], window * _WINDOW
        if before < self._latest[0] <= line:  # else short lines would be counted again for each of many
            before, begin = self._latest
        for _ in range(line - before):
            begin = self.text.index("\n", begin) + 1
        self._latest = line, begin
        return begin

    @cached_property
    def _before(self) -> list[int]:
        """How many line feeds there are before each window."""
        return list(accumulate(self._counts, initial=0))


class RawLines(Sequence[str]):
    """The texts of records that take all lines of a text; `begins` are the numbers of their first lines."""

    def __init__(self, lines: LineIndex, begins: Sequence[int]) -> None:
        self._lines = lines
        self._begins = begins

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._begins)

    @overload
    def __getitem__(self, at: int, /) -> str: ...

    @overload
    def __getitem__(self, at: slice, /) -> Sequence[str]: ...

    def __getitem__(self, at: int | slice, /) -> str | Sequence[str]:
        """Return the text of a record without its last line end, cut after RAW_LIMIT characters, or those of some."""
        if isinstance(at, slice):
            return list(self)[at]
        lines, record = self._lines, range(len(self))[at]
        start = lines.begin(self._index(record))
        if isinstance(self._begins, range):
            stop = lines.text.index("\n", start)
        elif record + 1 < len(self):
            stop = lines.begin(self._index(record + 1)) - 1
        else:
            stop = len(lines.text) - 1
        return _bare(lines.text[start:stop])[:RAW_LIMIT]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the texts of all records."""
        lines = self._lines.text.split("\n")
        lines.pop()
        if not isinstance(self._begins, range):
            begins = pairwise([*map(self._index, range(len(self))), len(lines)])
            lines = [lines[begin] if end - begin == 1 else "\n".join(lines[begin:end]) for begin, end in begins]
        return (_bare(line)[:RAW_LIMIT] for line in lines)

    def _index(self, record: int) -> int:
        """Return which line of the text is the first one of a record, from 0."""
        return self._begins[record] - self._begins[0]


def _bare(line: str) -> str:
    return line.removesuffix("\r")

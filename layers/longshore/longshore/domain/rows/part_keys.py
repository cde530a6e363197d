"""The keys of one record type over all parts of a job: two sheets must not bring the same record."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import BinaryIO

from longshore.domain.catalogue.row_errors import shown
from longshore.domain.rows.key_index import KeyIndex


class PartKeys:
    """Maps each key to the row that had it first, and to the part of that row where it was an earlier one.

    `log` is a file that this object alone writes and reads, as KeyIndex says.
    """

    def __init__(self, log: BinaryIO) -> None:
        self._index = KeyIndex(log)
        self._bases: list[int] = []
        self._names: list[str] = []
        self._last = 0

    @property
    def longest(self) -> int:
        """How many characters the longest key has that was ever added."""
        return self._index.longest

    def begin(self, name: str) -> None:
        """Let the rows that follow be those of another part."""
        self._bases.append(self._last)
        self._names.append(name)

    def add(self, keys: Sequence[str], rows: Sequence[int]) -> list[tuple[int, str]]:
        """Add the keys of these rows; return (position in `keys`, what row was first) for each key met before."""
        if not rows:
            return []
        base = self._bases[-1] if self._bases else 0
        numbers = [base + row for row in rows] if base else rows
        self._last = max(self._last, numbers[-1])
        return [(at, self._told(first, base)) for at, first in self._index.add(keys, numbers)]

    def _told(self, first: int, base: int) -> str:
        if first > base:
            return str(first - base)
        part = bisect_left(self._bases, first) - 1
        return f"{first - self._bases[part]} of {shown(self._names[part])}"

"""In which page a key may be, where keys of one length come nearly sorted: hardly any memory and time for each."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

FEW = 64
"""Fewer keys than this make no range of their own."""


class Cut(NamedTuple):
    """Sorted keys, cut where those lie that were met before: only the keys `inside` can be among those."""

    below: Sequence[str]
    inside: Sequence[str]
    above: Sequence[str]


class KeyRange:
    """From the least to the greatest key of one length, and the ranges within, each of which one page holds.

    No two of the ranges overlap, because each was made of keys below or above all before it.
    """

    def __init__(self) -> None:
        self._least: str | None = None
        self._greatest = ""
        self._lows: list[str] = []
        self.pages: list[int] = []

    def cut(self, ordered: Sequence[str]) -> Cut:
        """Cut some sorted keys."""
        if self._least is None or ordered[0] > self._greatest:
            return Cut((), (), ordered)
        first, last = bisect_left(ordered, self._least), bisect_right(ordered, self._greatest)
        return Cut(ordered[:first], ordered[first:last], ordered[last:])

    def page_of(self, key: str) -> int | None:
        """Return the only page that may hold a key inside, but for those that `extend` gave back."""
        at = bisect_right(self._lows, key) - 1
        return self.pages[at] if at >= 0 else None

    def extend(self, cut: Cut, page: int) -> list[str]:
        """Let a page hold the keys below and above; return those that are too few for a range."""
        left: list[str] = []
        if cut.below:
            self._least = cut.below[0]
            if len(cut.below) < FEW:
                left += cut.below
            else:
                self._lows.insert(0, cut.below[0])
                self.pages.insert(0, page)
        if cut.above:
            self._greatest = cut.above[-1]
            if self._least is None:
                self._least = cut.above[0]
            if len(cut.above) < FEW:
                left += cut.above
            else:
                self._lows.append(cut.above[0])
                self.pages.append(page)
        return left

"""In which pages a key may be, for keys in any order: four bytes of memory a key, in buckets chosen by its hash."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import compress
from operator import contains
from typing import NamedTuple

from longshore.domain.rows.positions import without

_BUCKETS = 2**14
"""More of them take more memory when there are few keys, fewer make strings that are slow to add to."""

_SLOT_BYTES = bytes(high & (_BUCKETS - 1 >> 8) for high in range(256))

_MARKS = 0xD800
"""Of the number of a page the remainder by this is kept, as a character below the surrogates."""

_TAG_BYTES = bytes(high & 0x7F if 0xD8 <= high <= 0xDF else high for high in range(256))
"""Two surrogates would be decoded to one character: other characters take their places."""


class Places(NamedTuple):
    """Where keys belong: the bucket of each, and its tag, which is one character."""

    slots: Sequence[int]
    tags: str

    def without(self, positions: Collection[int]) -> "Places":
        """Return the places of the other keys."""
        slots, tags = without(positions, [self.slots, self.tags])
        return Places(slots, "".join(tags))


class KeyBuckets:
    """Strings of pairs of characters, a tag and the mark of a page, which take two bytes each.

    A string is searched for one character at the speed of memory, whatever its length.
    """

    def __init__(self) -> None:
        self._buckets = [""] * _BUCKETS

    def candidates(self, places: Places, pages: int) -> Iterator[tuple[int, Iterable[int]]]:
        """Yield (position, pages that may have it) for each key that may have been put; there are so many pages."""
        buckets = self._buckets
        held = [buckets[slot] for slot in places.slots]
        for at in compress(range(len(held)), map(contains, held, places.tags)):
            for mark in _marked(held[at], places.tags[at]):
                yield at, range(mark, pages, _MARKS)

    def put(self, places: Places, page: int) -> None:
        """Remember that the page has the keys at these places."""
        buckets, mark = self._buckets, chr(page % _MARKS)
        for slot, tag in zip(places.slots, places.tags, strict=True):
            buckets[slot] += tag + mark

    def put_once(self, places: Places, page: int) -> None:
        """Remember that the page has the keys at these places, unless that is remembered already."""
        buckets, mark = self._buckets, page % _MARKS
        for slot, tag in zip(places.slots, places.tags, strict=True):
            if mark not in _marked(buckets[slot], tag):
                buckets[slot] += tag + chr(mark)


def places_of(hashes: Iterable[int]) -> Places:
    """Return where keys with these hashes belong: of each two bytes choose the bucket, two others are the tag."""
    numbers = array("q", list(hashes))
    if not numbers:  # nearly always, where keys come sorted
        return Places((), "")
    quarters = array("H", numbers.tobytes())
    slots = array("H", _with_high_bytes(quarters[::4], _SLOT_BYTES))
    return Places(slots, _with_high_bytes(quarters[1::4], _TAG_BYTES).decode("utf-16-le"))


def _with_high_bytes(numbers: "array[int]", table: bytes) -> bytes:
    """Return numbers of two bytes, of which the higher one, the second in memory on x86 and ARM, is translated."""
    content = bytearray(numbers.tobytes())
    content[1::2] = content[1::2].translate(table)
    return bytes(content)


def _marked(bucket: str, tag: str) -> set[int]:
    """Return the marks that stand after a tag; a tag has an even place."""
    marks = set()
    at = bucket.find(tag)
    while at >= 0:
        if at % 2 == 0:
            marks.add(ord(bucket[at + 1]))
        at = bucket.find(tag, at + 1)
    return marks

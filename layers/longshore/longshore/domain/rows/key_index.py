"""The keys met so far in a file, few bytes of memory each: a second row with a key is found and the first one named."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from longshore.domain.rows.key_buckets import KeyBuckets, Places, places_of
from longshore.domain.rows.key_pages import KEYS, KeyPages
from longshore.domain.rows.key_ranges import FEW, Cut, KeyRange
from longshore.domain.rows.positions import without

_LENGTHS = 4
_LONGEST = 64
"""A page with keys of more lengths than this has a range only for the frequent ones; longer keys have none."""

_DISORDER = 8
_LOOKED_INTO = 32
"""An eighth of a page between earlier keys is disorder, and so is a page for which more pages than this are read."""

_Candidates = Mapping[int, set[str]]
"""The keys that each page may have, by page."""


class KeyIndex:
    """Maps each key to the row that had it first; a file may have any number of rows.

    KeyPages, in `log`, decides which keys are equal; in memory is kept where to look. Keys of one length that come
    nearly sorted, upwards or downwards, are kept as the ranges of the pages; others take 4 bytes each in buckets. Only
    keys of one length are compared, so that numbers without leading zeros have an order too.

    A length is scattered for good once its keys come in disorder: all of them are in the buckets from then on. A key
    is moved there once at most, so that no order of the keys takes more than both ways together.

    `longest` is how many characters the longest key has that was ever added.
    """

    def __init__(self, log: BinaryIO) -> None:
        self._pages = KeyPages(log)
        self._buckets = KeyBuckets()
        self._ranges: defaultdict[int, KeyRange] = defaultdict(KeyRange)
        self._scattered: set[int] = set()
        self.longest = 0

    def add(self, keys: Sequence[str], rows: Sequence[int]) -> list[tuple[int, int]]:
        """Add the keys of these rows; return (position in `keys`, first row) for each key met before, in order.

        Row numbers go up, from one call to the next too.
        """
        found: list[tuple[int, int]] = []
        for start in range(0, len(keys), KEYS):
            repeated = self._add_page(keys[start : start + KEYS], rows[start : start + KEYS])
            found += [(start + at, row) for at, row in repeated]
        return found

    def _add_page(self, keys: Sequence[str], rows: Sequence[int]) -> list[tuple[int, int]]:
        groups, scattered = self._by_length(keys)
        cuts = {length: self._ranges[length].cut(sorted(group)) for length, group in groups.items()}
        doubtful = [*scattered, *(key for cut in cuts.values() for key in cut.inside)]
        places = places_of(map(hash, doubtful))
        candidates = self._candidates(cuts, doubtful, places)
        known = self._known(candidates)
        found = _repeated(keys, rows, known)
        if len(found) < len(keys):
            new_keys, new_rows = without([at for at, _ in found], [keys, rows]) if found else (keys, rows)
            page = self._pages.append(new_keys, new_rows)
            if known:
                places = places.without([at for at, key in enumerate(doubtful) if key in known])
            self._buckets.put(places, page)
            for length, cut in cuts.items():
                self._buckets.put(places_of(map(hash, self._ranges[length].extend(cut, page))), page)
        for length, cut in cuts.items():
            if len(candidates) > _LOOKED_INTO or _is_disorder(cut, known, len(keys)):
                self._scatter(length)
        return found

    def _by_length(self, keys: Sequence[str]) -> tuple[Mapping[int, Sequence[str]], Sequence[str]]:
        """Return the keys that have an order, by length, and those that are scattered."""
        lengths = set(map(len, keys))
        self.longest = max(self.longest, *lengths)
        if lengths <= self._scattered:
            return {}, keys
        groups: dict[int, Sequence[str]] = {len(keys[0]): keys}
        if len(lengths) > 1:
            groups = {length: [key for key in keys if len(key) == length] for length in lengths}
        for length in lengths:
            if length > _LONGEST or (len(lengths) > _LENGTHS and len(groups[length]) < FEW):
                self._scatter(length)
        scattered = [key for length in lengths & self._scattered for key in groups.pop(length)]
        return groups, scattered

    def _candidates(self, cuts: Mapping[int, Cut], doubtful: Sequence[str], places: Places) -> _Candidates:
        candidates: defaultdict[int, set[str]] = defaultdict(set)
        for length, cut in cuts.items():
            for key in cut.inside:
                page = self._ranges[length].page_of(key)
                if page is not None:
                    candidates[page].add(key)
        for at, pages in self._buckets.candidates(places, len(self._pages)):
            for page in pages:
                candidates[page].add(doubtful[at])
        return candidates

    def _known(self, candidates: _Candidates) -> dict[str, int]:
        known: dict[str, int] = {}
        for page, keys in candidates.items():
            if wanted := keys - known.keys():
                known |= self._pages.among(page, wanted)
        return known

    def _scatter(self, length: int) -> None:
        self._scattered.add(length)
        for page in self._ranges.pop(length, KeyRange()).pages:
            # Some may be there, or come again: those of other lengths, and those that were between earlier ones.
            self._buckets.put_once(places_of(self._pages.hashes(page, length)), page)


def _is_disorder(cut: Cut, known: Mapping[str, int], size: int) -> bool:
    """Whether many keys of a page lie between earlier ones without repeating one."""
    return len(cut.inside) * _DISORDER > size and len(set(cut.inside) - known.keys()) * _DISORDER > size


def _repeated(keys: Sequence[str], rows: Sequence[int], known: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return (position, first row) of the keys that are known, or that are among these for the second time."""
    suspects = set(known)
    if len(set(keys)) < len(keys):
        suspects.update(key for key, count in Counter(keys).items() if count > 1)
    if not suspects:
        return []
    first_rows = dict(known)
    found = []
    for at in [at for at, key in enumerate(keys) if key in suspects]:
        first_row = first_rows.setdefault(keys[at], rows[at])
        if first_row != rows[at]:
            found.append((at, first_row))
    return found

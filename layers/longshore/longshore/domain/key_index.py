"""The keys met so far in a file, in four bytes of memory each: a second row with a key is found, the first one named."""

from array import array
from collections.abc import Sequence
from itertools import repeat, starmap
from operator import add
from struct import Struct
from typing import BinaryIO

_BUCKETS = 2**16
_SPLIT = Struct("<H2s4x")
"""A hash of 8 bytes: two choose the bucket, two are kept in it as the tag of the key."""

_BLOCK = 2**8
_BLOCKS = 2**16
_BLOCK_OF = Struct("<x2s5x")
"""The number of an entry, 8 bytes: two of them say in which block of the log it is, modulo _BLOCKS."""

_TAG_BYTES = 2
_ENTRY_BYTES = 4
_LOGGED = Struct("<qI")
"""What the log keeps of each entry: a second hash of 8 bytes, and the row."""


class KeyIndex:
    """Maps each key to the row that had it first; a file may have up to 2**32 - 1 rows.

    In memory are kept 4 bytes a key, in one of 65,536 buckets (3 MB): a tag, and a block of 256 entries. They only say
    where in `log`, a file that this index alone writes and reads, the 12 bytes of the same key may be.

    Both hashes are Python's own, of the text and of the text with a suffix: SipHash with a key drawn for the process
    (PEP 456). Of them 96 bits are compared, so neither chance nor malice makes two keys of n rows look equal with a
    probability above n² / 2**97: 1e-15 for ten million rows.
    """

    def __init__(self, log: BinaryIO) -> None:
        self._buckets = [b""] * _BUCKETS
        self._log = log
        self._count = 0

    def add(self, keys: Sequence[str], rows: Sequence[int]) -> list[tuple[int, int]]:
        """Add the keys of these rows; return (position in `keys`, first row) for each key met before, in order."""
        if len(set(keys)) == len(keys):
            return self._add(keys, rows)
        first_at: dict[str, int] = {}
        repeated = [(at, key) for at, key in enumerate(keys) if first_at.setdefault(key, at) != at]
        places = list(first_at.values())
        met = {places[at]: row for at, row in self._add(list(first_at), [rows[place] for place in places])}
        again = {at: met.get(first_at[key], rows[first_at[key]]) for at, key in repeated}
        return sorted((met | again).items())

    def _add(self, keys: Sequence[str], rows: Sequence[int]) -> list[tuple[int, int]]:
        """Add keys that differ from each other: first all are looked for, and then all are kept."""
        if not keys:
            return []
        slots, tags = zip(*_SPLIT.iter_unpack(_hashes(keys).tobytes()), strict=True)
        checks = _hashes(list(map(add, keys, repeat("\0"))))
        held = [self._buckets[slot] for slot in slots]
        found = list(map(bytes.find, held, tags))
        met = []
        if max(found) >= 0:
            for at in [at for at, place in enumerate(found) if place >= 0]:
                if row := self._row_of(held[at], tags[at], checks[at]):
                    met.append((at, row))
        self._keep(slots, tags)
        self._log.write(b"".join(starmap(_LOGGED.pack, zip(checks, rows, strict=True))))
        return met

    def _keep(self, slots: Sequence[int], tags: Sequence[bytes]) -> None:
        buckets = self._buckets
        numbers = array("Q", range(self._count, self._count + len(slots))).tobytes()
        for slot, tag, (block,) in zip(slots, tags, _BLOCK_OF.iter_unpack(numbers), strict=True):
            buckets[slot] += tag + block
        self._count += len(slots)

    def _row_of(self, bucket: bytes, tag: bytes, check: int) -> int:
        """Return the row of the entry with this tag whose second hash is `check`, 0 if there is none."""
        at = bucket.find(tag)
        while at >= 0:
            if at % _ENTRY_BYTES == 0 and (row := self._logged(bucket[at + _TAG_BYTES : at + _ENTRY_BYTES], check)):
                return row
            at = bucket.find(tag, at + 1)
        return 0

    def _logged(self, block: bytes, check: int) -> int:
        """Return the row of the first entry with this second hash in the blocks that may be meant, 0 if none has it."""
        row = 0
        for entry in range(int.from_bytes(block, "little") * _BLOCK, self._count, _BLOCK * _BLOCKS):
            self._log.seek(entry * _LOGGED.size)
            logged = self._log.read(min(_BLOCK, self._count - entry) * _LOGGED.size)
            row = next((row for second_hash, row in _LOGGED.iter_unpack(logged) if second_hash == check), 0)
            if row:
                break
        self._log.seek(self._count * _LOGGED.size)
        return row


def _hashes(texts: Sequence[str]) -> "array[int]":
    return array("q", map(hash, texts))

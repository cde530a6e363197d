"""The keys met so far in a file, few bytes of memory each: a second row with a key is found and the first one named."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from operator import add
from struct import Struct
from typing import BinaryIO

_BUCKETS = 2**16
_AT_ONCE = 64
_SPLIT = Struct("<" + _AT_ONCE * "H2s4x")
"""Some hashes of 8 bytes: of each two choose the bucket, two are kept in it as the tag of the key."""

_BLOCK = 2**8
_BLOCKS = 2**16
"""Entries of one block lie together in the log; of the number of a block two bytes are kept."""

_TAG_BYTES = 2
_ENTRY_BYTES = 4
_CHECK = Struct("q")
_LOGGED = Struct("qq")
"""What the log keeps of each entry: a second hash of 8 bytes, and the row."""


class KeyIndex:
    """Maps each key to the row that had it first; a file may have any number of rows.

    In memory are kept 4 bytes a key, in one of 65,536 buckets (3 MB): a tag, and a block of 256 entries. They only say
    where in `log`, a file that this index alone writes and reads, the 16 bytes of the same key may be.

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
        if not keys:
            return []
        slots, tags = _split(_hashes(keys))
        checks = _hashes([key + "\0" for key in keys])
        held = [self._buckets[slot] for slot in slots]
        found = list(map(bytes.find, held, tags))
        met = {}
        if max(found) >= 0:
            for at in [at for at, place in enumerate(found) if place >= 0]:
                if row := self._row_of(held[at], tags[at], checks[at]):
                    met[at] = row
        last = len(keys) - 1
        first_at = dict(zip(reversed(slots), range(last, -1, -1), strict=True))
        later = sorted(set(range(len(keys))).difference(first_at.values())) if len(first_at) <= last else []
        self._keep(slots, held, list(map(add, tags, self._blocks(len(keys)))), later)
        self._write(checks, rows)
        return sorted((met | _repeated(keys, rows, slots, first_at, later, met)).items())

    def _blocks(self, size: int) -> Iterator[bytes]:
        """Yield what is kept of the block of each of the next entries."""
        number, end = self._count, self._count + size
        while number < end:
            block = number // _BLOCK
            stop = min(end, (block + 1) * _BLOCK)
            yield from repeat((block % _BLOCKS).to_bytes(2, "little"), stop - number)
            number = stop

    def _keep(
        self, slots: Sequence[int], held: Sequence[bytes], entries: Sequence[bytes], later: Sequence[int]
    ) -> None:
        """Add the entries to what the buckets held; those at `later` positions have a bucket that another one has."""
        buckets = self._buckets
        for slot, bucket in zip(reversed(slots), map(add, reversed(held), reversed(entries)), strict=True):
            buckets[slot] = bucket
        for at in later:
            buckets[slots[at]] += entries[at]

    def _write(self, checks: Sequence[int], rows: Sequence[int]) -> None:
        logged = array("q", bytes(_LOGGED.size * len(rows)))
        logged[::2], logged[1::2] = array("q", checks), array("q", rows)
        self._log.write(logged.tobytes())
        self._count += len(rows)

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
            if row := _row_in(logged, _CHECK.pack(check)):
                break
        self._log.seek(self._count * _LOGGED.size)
        return row


def _row_in(logged: bytes, check: bytes) -> int:
    at = logged.find(check)
    while at % _LOGGED.size and at >= 0:  # the bytes were found across two of the values that are logged
        at = logged.find(check, at + 1)
    return int(_LOGGED.unpack_from(logged, at)[1]) if at >= 0 else 0


def _repeated(
    keys: Sequence[str],
    rows: Sequence[int],
    slots: Sequence[int],
    first_at: Mapping[int, int],
    later: Sequence[int],
    met: Mapping[int, int],
) -> dict[int, int]:
    """Return the first rows of the keys that were met earlier in this call: they have the same bucket."""
    again: dict[int, int] = {}
    earlier: dict[int, list[int]] = {}
    for at in later:
        others = earlier.setdefault(slots[at], [first_at[slots[at]]])
        same = next((other for other in others if keys[other] == keys[at]), None)
        if same is None:
            others.append(at)
        else:
            again[at] = met.get(same, rows[same])
    return again


def _hashes(texts: Sequence[str]) -> "array[int]":
    return array("q", map(hash, texts))


def _split(hashes: "array[int]") -> tuple[Sequence[int], Sequence[bytes]]:
    """Return the buckets and the tags of keys with these hashes."""
    size = len(hashes)
    padded = hashes.tobytes() + bytes(hashes.itemsize * (-size % _AT_ONCE))
    parts = list(chain.from_iterable(_SPLIT.iter_unpack(padded)))
    return parts[: 2 * size : 2], parts[1 : 2 * size : 2]

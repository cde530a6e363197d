"""The keys met so far in a file, in few bytes: a second row with the same key is found and the first one named."""

from collections.abc import Sequence
from struct import Struct

_BUCKETS = 2**16
_DIGEST = 12
_ENTRY = Struct("<qiI")


class KeyIndex:
    """Maps each key to the row that had it first; a file may have up to 2**32 - 1 rows.

    Kept per key: 96 bits of hash and 4 bytes of row number in one of 65,536 buckets, 16 bytes a row and 3 MB in all.
    The hash is Python's own of the text (64 bits) and of the text with a suffix (32 bits): SipHash with a key drawn for
    the process (PEP 456), so neither chance nor malice makes two keys of n rows look equal with a probability above
    n² / 2**96: 1e-15 for ten million rows.
    """

    def __init__(self) -> None:
        self._buckets = [b""] * _BUCKETS

    def add(self, keys: Sequence[str], rows: Sequence[int]) -> list[tuple[int, int]]:
        """Add the keys of these rows; return (position in `keys`, first row) for each key met before."""
        met: list[tuple[int, int]] = []
        buckets, pack = self._buckets, _ENTRY.pack
        for at, (key, row) in enumerate(zip(keys, rows, strict=True)):
            first_hash = hash(key)
            entry = pack(first_hash, hash(key + "\0") >> 32, row)
            slot = first_hash % _BUCKETS
            bucket = buckets[slot]
            if entry[:_DIGEST] in bucket and (first := _row_at(bucket, entry[:_DIGEST])):
                met.append((at, first))
            else:
                buckets[slot] = bucket + entry
        return met


def _row_at(bucket: bytes, digest: bytes) -> int:
    """Return the row of the entry that begins with `digest`, 0 if the bytes were found only across entries."""
    found = bucket.find(digest)
    while found >= 0 and found % _ENTRY.size:
        found = bucket.find(digest, found + 1)
    return int(_ENTRY.unpack_from(bucket, found)[2]) if found >= 0 else 0

"""The bytes of an upload on their way to a reader: looked at ahead, counted, hashed and limited as they pass."""

from hashlib import sha256
from typing import Protocol

from longshore.domain.catalogue.file_errors import file_rejected

READ_BYTES = 128 * 1024
"""Larger blocks, with their texts and values, outgrow the processor's caches; smaller ones cost more calls."""


class Readable(Protocol):
    """What a reader needs of a binary stream: b"" is its end."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes."""


class HeadedStream:
    """Wraps a stream whose beginning can be looked at before the first read, which then gives it again."""

    def __init__(self, raw: Readable) -> None:
        self._raw = raw
        self._head = b""

    def head(self, size: int) -> tuple[bytes, bool]:
        """Return the first bytes without taking them, and whether they are all there is."""
        while len(self._head) < size:
            block = self._take(size - len(self._head))
            if not block:
                return self._head, True
            self._head += block
        return self._head[:size], False

    def read(self, size: int = READ_BYTES, /) -> bytes:
        """Return at most `size` next bytes, b"" at the end."""
        if self._head:
            given, self._head = self._head[:size], self._head[size:]
            return given
        return self._take(size)

    def drain(self) -> None:
        """Read what is left."""
        while self.read():
            pass

    def _take(self, size: int) -> bytes:
        return self._raw.read(size)


class HashingStream(HeadedStream):
    """Knows the SHA-256 and the size of all bytes read so far; raises FileRejected after more than `max_bytes`."""

    def __init__(self, raw: Readable, max_bytes: int) -> None:
        super().__init__(raw)
        self._max_bytes = max_bytes
        self._hash = sha256()
        self.size = 0

    def hexdigest(self) -> str:
        """Return the SHA-256 of all bytes so far, as 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def _take(self, size: int) -> bytes:
        block = super()._take(size)
        self.size += len(block)
        if self.size > self._max_bytes:
            raise file_rejected("FILE_TOO_LARGE", limit=self._max_bytes)
        self._hash.update(block)
        return block

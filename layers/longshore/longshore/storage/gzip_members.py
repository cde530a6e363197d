"""Takes an object of concatenated gzip members apart while it streams (RFC 1952, section 2.2)."""

import zlib
from collections.abc import Iterator
from typing import Protocol

from longshore.errors import UnexpectedFailure

READ_BYTES = 64 * 1024
GZIP_FORMAT = 16 + zlib.MAX_WBITS
"""zlib's way of saying: one gzip member with its header and checksum."""


class Readable(Protocol):
    """What is needed of a stream."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


def gzip_members(stream: Readable, offset: int) -> Iterator[tuple[int, bytes]]:
    """Yield where each member begins (bytes, counted from `offset`) and its content; memory: one member.

    Raises UnexpectedFailure for a stream that is no gzip or ends inside a member.
    """
    data = stream.read(READ_BYTES)
    while data:
        inflate, content, length = zlib.decompressobj(GZIP_FORMAT), bytearray(), 0
        while not inflate.eof:
            if not data:
                raise UnexpectedFailure(f"the gzip member at {offset} is cut off")
            content += _inflated(inflate, data, offset)
            length += len(data) - len(inflate.unused_data)
            data = inflate.unused_data if inflate.eof else stream.read(READ_BYTES)
        yield offset, bytes(content)
        offset += length
        data = data or stream.read(READ_BYTES)


def _inflated(inflate: "zlib._Decompress", data: bytes, offset: int) -> bytes:
    try:
        return inflate.decompress(data)
    except zlib.error as error:
        raise UnexpectedFailure(f"there is no gzip member at {offset}: {error}") from None

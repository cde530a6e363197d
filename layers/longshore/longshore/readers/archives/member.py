"""One entry of an archive as a stream: unpacked piece by piece, and never more than its header said."""

from dataclasses import dataclass
from time import monotonic
from typing import BinaryIO

from isal import isal_zlib

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.errors import FileRejected

PACKED_BYTES = 64 * 1024
UNPACKED_BYTES = 256 * 1024
RAW_DEFLATE = -15


@dataclass(frozen=True)
class Packed:
    """Where an entry's bytes are in the file, from `start` to `end`, and what its header says of them unpacked."""

    start: int
    end: int
    stored: bool
    size: int
    crc: int
    what: str


class ArchiveMember:
    """The bytes of an entry, unpacked.

    Raises FileRejected where they are damaged, where size or checksum are other than said, and after the deadline (of
    the monotonic clock). Memory stays flat whatever the ratio of compression.
    """

    def __init__(self, file: BinaryIO, packed: Packed, deadline: float) -> None:
        self._file = file
        self._said = packed
        self._deadline = deadline
        self._at = packed.start
        self._inflater = None if packed.stored else isal_zlib.decompressobj(RAW_DEFLATE)
        self._crc = 0
        self._given = 0

    def read(self, size: int = UNPACKED_BYTES, /) -> bytes:
        """Return at most `size` next bytes, b"" at the end."""
        if monotonic() > self._deadline:
            raise file_rejected("TOO_SLOW_TO_READ", what=self._said.what)
        try:
            block = self._packed(size) if self._inflater is None else self._unpacked(self._inflater, size)
        except isal_zlib.error:  # type: ignore[misc]  # a class; the stub says that it is an instance
            raise self._damaged("its bytes are not what was packed") from None
        self._given += len(block)
        self._crc = isal_zlib.crc32(block, self._crc)
        if self._given > self._said.size:
            raise file_rejected("UNSAFE_ARCHIVE", what=self._said.what, problem="it is larger than its header says")
        if not block:
            self._check_end()
        return block

    def _unpacked(self, inflater: isal_zlib.Decompress, size: int) -> bytes:
        while not inflater.eof:
            packed = inflater.unconsumed_tail or self._packed(PACKED_BYTES)
            block = inflater.decompress(packed, size)
            if block:
                return block
            if not packed and not inflater.eof:
                raise self._damaged("it ends too early")
        return b""

    def _packed(self, size: int) -> bytes:
        self._file.seek(self._at)
        block = self._file.read(min(size, self._said.end - self._at))
        self._at += len(block)
        return block

    def _check_end(self) -> None:
        unread = self._at < self._said.end or (self._inflater is not None and self._inflater.unused_data)
        if unread or self._given != self._said.size:
            raise self._damaged(f"it has {self._given} bytes, not {self._said.size} as its header says")
        if self._crc != self._said.crc:
            raise self._damaged("its checksum is wrong")

    def _damaged(self, problem: str) -> FileRejected:
        return file_rejected("DAMAGED_ARCHIVE", what=self._said.what, problem=problem)

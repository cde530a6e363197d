"""A gzip file as a stream of what is packed in it: every member checked, nothing unpacked beyond the bounds."""

from time import monotonic

from isal import isal_zlib

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.errors import FileRejected
from longshore.readers.archives.archive import ArchiveLimits
from longshore.readers.stream import READ_BYTES, Readable

PACKED_BYTES = 64 * 1024
GZIP_BEGIN = b"\x1f\x8b"
GZIP_WRAPPER = 31
"""The window size of deflate, plus what asks for the header and trailer of gzip (zlib manual, inflateInit2)."""


class GunzipStream:
    """The bytes of all members of a gzip file (RFC 1952), one after the other; `unpacked` counts them.

    Zero bytes after a member are padding, as they are for gzip(1) and for Python's gzip module. Raises FileRejected:
    DAMAGED_ARCHIVE where it is cut off, a checksum is wrong or anything but a member or padding follows a member;
    ARCHIVE_TOO_LARGE beyond `limits.entry_bytes`, or beyond `limits.ratio` of what was read; TOO_SLOW_TO_READ. Memory
    stays flat whatever the ratio of compression.
    """

    def __init__(self, raw: Readable, what: str = "the file", limits: ArchiveLimits | None = None) -> None:
        self._raw = raw
        self._what = what
        self._limits = limits or ArchiveLimits()
        self._deadline = monotonic() + self._limits.seconds
        self._member = isal_zlib.decompressobj(GZIP_WRAPPER)
        self._packed = b""
        self._taken = 0
        self._begun = False
        self.unpacked = 0

    def read(self, size: int = READ_BYTES, /) -> bytes:
        """Return at most `size` next bytes, b"" at the end."""
        while self._fill():
            self._check_time()  # here, because a member may be empty
            if block := self._inflate(size):
                self.unpacked += len(block)
                self._check_size()
                return block
        if self._begun and not self._member.eof:
            raise self._damaged("it ends too early")
        return b""

    def _fill(self) -> bool:
        """Have packed bytes at hand, and a member that takes them; False at the end of the file."""
        if not self._packed:
            self._take()
        if self._packed and self._member.eof:
            self._begin_next()
        return bool(self._packed)

    def _take(self) -> None:
        block = self._raw.read(PACKED_BYTES)
        self._taken += len(block)
        self._packed += block

    def _begin_next(self) -> None:
        """Go on to the next member; what is none is refused here, because zlib waits for more to come."""
        while self._packed[:1] == b"\0":
            self._packed = self._packed.lstrip(b"\0")
            self._check_time()
            if not self._packed:
                self._take()
        if not self._packed:
            return
        if self._packed == GZIP_BEGIN[:1]:
            self._take()
        if not GZIP_BEGIN.startswith(self._packed[: len(GZIP_BEGIN)]):
            raise self._damaged("something that is no gzip follows its end")
        self._member = isal_zlib.decompressobj(GZIP_WRAPPER)

    def _inflate(self, size: int) -> bytes:
        self._begun = True
        try:
            block: bytes = self._member.decompress(self._packed, size)
        except isal_zlib.error:  # type: ignore[misc]  # a class; the stub says that it is an instance
            raise self._damaged("its bytes are not what was packed") from None
        self._packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return block

    def _check_time(self) -> None:
        if monotonic() > self._deadline:
            raise file_rejected("TOO_SLOW_TO_READ", what=self._what)

    def _check_size(self) -> None:
        if self.unpacked > self._limits.entry_bytes:
            raise self._too_large("bytes unpacked", f"{self._limits.entry_bytes}")
        if self.unpacked > max(self._limits.ratio_from, self._taken * self._limits.ratio):
            raise self._too_large("bytes unpacked for each packed one", f"{self._limits.ratio}")

    def _too_large(self, of_what: str, limit: str) -> FileRejected:
        """Say that it is too large; how large it is nobody finds out."""
        return file_rejected("ARCHIVE_TOO_LARGE", what=self._what, value=f"too many {of_what}", limit=limit)

    def _damaged(self, problem: str) -> FileRejected:
        return file_rejected("DAMAGED_ARCHIVE", what=self._what, problem=problem)

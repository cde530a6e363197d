"""ZIP archives, bounded before anything in them is read: entries, sizes, ratio, names, overlaps, encryption.

The directory is the standard library's; what it says is believed only as far as it was checked here, and again while
an entry is unpacked (archive_member). Sources: APPNOTE.TXT 6.3.10 of PKWARE; David Fifield, "A better zip bomb" (2019)
for entries that overlap.
"""

import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import monotonic
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import shown
from longshore.errors import FileRejected
from longshore.readers.archives.member import ArchiveMember, Packed

_ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flags of an entry: encrypted, strongly encrypted, directory encrypted (APPNOTE 4.4.4)."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")

Span = tuple[int, int, int, str]
"""Where an entry is in the file: its header's first byte, its data's first byte, the byte after it, and its name."""


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive may hold: made for uploads of 50 MB in a Lambda of 1,769 MB that runs 5 minutes.

    Sizes in bytes; `ratio` (unpacked to packed) is judged only for entries that unpack to more than `ratio_from`.
    `seconds` is the time from opening the archive to the last byte read of it.
    """

    entries: int = 5000
    directory_bytes: int = 2 * 1024 * 1024
    entry_bytes: int = 1024 * 1024 * 1024
    total_bytes: int = 2 * 1024 * 1024 * 1024
    ratio: int = 300
    ratio_from: int = 16 * 1024 * 1024
    seconds: float = 240


DEFAULT_LIMITS = ArchiveLimits()


class Archive:
    """The entries of an archive, every bound checked; raises FileRejected, naming `what` is wrong.

    Names use slashes; folders are no entries.
    """

    def __init__(self, file: BinaryIO, what: str = "the archive", limits: ArchiveLimits = DEFAULT_LIMITS) -> None:
        self._file = file
        self._what = what
        self._limits = limits
        self._deadline = monotonic() + limits.seconds
        entries, directory = self._directory()
        self._check_counts(entries)
        for entry in entries:
            self._check_entry(entry)
        self._check_names(entries)
        self._spans = {span[3]: span for span in self._placed(entries, directory)}
        self._entries = {_name(entry): entry for entry in entries if not _name(entry).endswith("/")}

    @property
    def names(self) -> list[str]:
        """The names of the entries, sorted."""
        return sorted(self._entries)

    def size(self, name: str) -> int:
        """Return how many bytes an entry has, unpacked."""
        return self._entries[name].file_size

    def open(self, name: str) -> ArchiveMember:
        """Return an entry's bytes as a stream; several may be open at a time."""
        entry = self._entries[name]
        _, start, end, _ = self._spans[name]
        what = f"{shown(name)} in {self._what}"
        packed = Packed(start, end, entry.compress_type == ZIP_STORED, entry.file_size, entry.CRC, what)
        return ArchiveMember(self._file, packed, self._deadline)

    def read(self, name: str, limit: int) -> bytes:
        """Return all bytes of an entry that may have at most `limit`."""
        size = self._entries[name].file_size
        if size > limit:
            raise self._too_large(name, f"{size} bytes", f"{limit}")
        return b"".join(iter(self.open(name).read, b""))

    def _directory(self) -> tuple[Sequence[ZipInfo], int]:
        """Return the entries, and where the directory begins in the file."""
        try:
            with ZipFile(_Bounded(self._file, self._limits.directory_bytes)) as directory:
                return directory.infolist(), directory.start_dir
        except _DirectoryTooLong:
            raise self._too_large(None, "a longer directory", f"{self._limits.directory_bytes} bytes") from None
        except (BadZipFile, LargeZipFile, NotImplementedError, EOFError, OSError, ValueError, struct.error) as error:
            raise self._damaged(str(error) or type(error).__name__) from None

    def _check_counts(self, entries: Sequence[ZipInfo]) -> None:
        if len(entries) > self._limits.entries:
            raise self._too_large(None, f"{len(entries)} entries", f"{self._limits.entries}")
        total = sum(entry.file_size for entry in entries)
        if total > self._limits.total_bytes:
            raise self._too_large(None, f"{total} bytes unpacked", f"{self._limits.total_bytes}")

    def _check_entry(self, entry: ZipInfo) -> None:
        if entry.flag_bits & _ENCRYPTED:
            raise file_rejected("ENCRYPTED_FILE", what=f"{shown(entry.filename)} in {self._what}")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            what = f"{shown(entry.filename)} in {self._what}"
            raise file_rejected("UNSUPPORTED_COMPRESSION", what=what, method=entry.compress_type)
        if entry.file_size > self._limits.entry_bytes:
            raise self._too_large(entry.filename, f"{entry.file_size} bytes", f"{self._limits.entry_bytes}")
        ratio = entry.file_size // max(1, entry.compress_size)
        if entry.file_size > self._limits.ratio_from and ratio > self._limits.ratio:
            raise self._too_large(
                entry.filename, f"{ratio} bytes unpacked for each packed one", f"{self._limits.ratio}"
            )

    def _check_names(self, entries: Sequence[ZipInfo]) -> None:
        for entry in entries:
            # zipfile ends a name at a NUL; the two names that such an entry has are one too many.
            if "\0" in entry.orig_filename or _leads_out(_name(entry)):
                raise self._unsafe(f"the name {shown(entry.orig_filename)} leads out of it or is none")
        for name, count in Counter(map(_name, entries)).items():
            if count > 1:
                raise self._unsafe(f"{count} entries have the name {shown(name)}")

    def _placed(self, entries: Sequence[ZipInfo], directory: int) -> list[Span]:
        """Return where the entries are; their order is that of the file, and none begins before another's end."""
        spans = sorted(self._span(entry) for entry in entries)
        for earlier, later in pairwise([*spans, (directory, 0, 0, "the directory")]):
            if earlier[2] > later[0]:
                raise self._unsafe(f"{shown(earlier[3])} and {shown(later[3])} overlap")
        return spans

    def _span(self, entry: ZipInfo) -> Span:
        self._file.seek(max(0, entry.header_offset))
        header = self._file.read(_LOCAL_HEADER.size)
        if entry.header_offset < 0 or len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
            raise self._damaged(f"there is no entry where {shown(entry.filename)} should begin")
        _, name, extra = _LOCAL_HEADER.unpack(header)
        start = entry.header_offset + _LOCAL_HEADER.size + name + extra
        return entry.header_offset, start, start + entry.compress_size, _name(entry)

    def _too_large(self, name: str | None, value: str, limit: str) -> FileRejected:
        what = f"{shown(name)} in {self._what}" if name else self._what
        return file_rejected("ARCHIVE_TOO_LARGE", what=what, value=value, limit=limit)

    def _damaged(self, problem: str) -> FileRejected:
        return file_rejected("DAMAGED_ARCHIVE", what=self._what, problem=problem)

    def _unsafe(self, problem: str) -> FileRejected:
        return file_rejected("UNSAFE_ARCHIVE", what=self._what, problem=problem)


class _DirectoryTooLong(Exception):
    """More was to be read at once than a directory may have."""


class _Bounded:
    """A file that refuses to read much at once: zipfile reads the whole directory in one call."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file = file
        self._limit = limit
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self._limit:
            raise _DirectoryTooLong
        return self._file.read(self._limit if size < 0 else size)


def _name(entry: ZipInfo) -> str:
    return entry.filename.replace("\\", "/")


def _leads_out(name: str) -> bool:
    steps = name.split("/")
    return not name.strip() or name.startswith("/") or ".." in steps or ":" in steps[0] or not name.isprintable()

"""The data files of a ZIP archive, which become the parts of one job."""

from collections.abc import Iterator, Set
from contextlib import ExitStack
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import shown
from longshore.domain.chunk import Chunk
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.readers.archives.archive import DEFAULT_LIMITS, Archive, ArchiveLimits
from longshore.readers.reader import PartSource
from longshore.readers.stream import HeadedStream
from longshore.readers.upload import text_part
from longshore.readers.workbook.parts import MAX_PARTS, workbook_parts

SUFFIXES = frozenset({"csv", "tsv", "txt", "json", "ndjson", "jsonl", "xlsx"})
"""What the names of data files end with."""

SPOOLED_BYTES = 16 * 1024 * 1024
"""Up to this size a workbook is kept in memory, a larger one in the temporary folder."""

_ADDED_BY_SYSTEMS = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_MARKS_OF_DOCUMENTS = frozenset({"[content_types].xml", "mimetype", "index/document.iwa"})
_ARCHIVES = frozenset({"zip", "gz", "tgz", "tar", "7z", "rar", "bz2", "xz", "zst", "lz4", "z"})
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class ZipMember:
    """A PartSource in an archive: whatever reads the file, with the path of the file in its plan."""

    def __init__(self, part: PartSource, member: str) -> None:
        self.name = part.name
        self._part = part
        self._member = member

    def unmapped_plan(self, options: FileOptions, wanted: Set[str]) -> ParsePlan:
        """Find out how the file is read; raise FileRejected."""
        return replace(self._part.unmapped_plan(options, wanted), member=self._member)

    def read(self, plan: ParsePlan) -> Iterator[Chunk]:
        """Read every row; raise FileRejected."""
        return self._part.read(plan)


def zip_parts(
    file: BinaryIO, options: FileOptions, resources: ExitStack, limits: ArchiveLimits = DEFAULT_LIMITS
) -> list[PartSource]:
    """Return the parts of an archive by name: a part for each file of text, and for each sheet of its workbooks.

    The file must be seekable and live, like `resources`, until all parts are read. Raises FileRejected.
    """
    archive = Archive(file, limits=limits)
    if is_document(archive):
        return workbook_parts(file, options, limits=limits)
    parts: list[PartSource] = []
    for name in data_members(archive):
        if _suffix(name) == "xlsx":
            parts += workbook_parts(_spooled(archive, name, resources), options, name, limits)
        else:
            parts.append(ZipMember(text_part(HeadedStream(archive.open(name)), options, name), name))
    if len(parts) > MAX_PARTS:
        raise file_rejected("TOO_MANY_PARTS", what="the archive", parts=len(parts), limit=MAX_PARTS)
    return parts


def is_document(archive: Archive) -> bool:
    """Whether an archive is one document, such as a workbook, rather than several files."""
    return any(name.casefold() in _MARKS_OF_DOCUMENTS for name in archive.names)


def data_members(archive: Archive) -> list[str]:
    """Return the names of an archive's data files; raise FileRejected for anything that is none, or too many."""
    names = [name for name in archive.names if not _is_added(name)]
    if not names:
        raise file_rejected("EMPTY_ARCHIVE")
    for name in names:
        suffix = _suffix(name)
        if suffix in _ARCHIVES:
            raise file_rejected("NESTED_ARCHIVE", what=shown(name))
        if suffix not in SUFFIXES:
            raise file_rejected("UNSUPPORTED_MEMBER", what=shown(name))
    if len(names) > MAX_PARTS:
        raise file_rejected("TOO_MANY_PARTS", what="the archive", parts=len(names), limit=MAX_PARTS)
    for name in names:
        if _suffix(name) != "xlsx" and archive.open(name).read(8).startswith(_MAGIC):
            raise file_rejected("NESTED_ARCHIVE", what=shown(name))
    return names


def _spooled(archive: Archive, name: str, resources: ExitStack) -> BinaryIO:
    """Return a member as a seekable file, which lives as long as `resources`."""
    file = resources.enter_context(SpooledTemporaryFile(max_size=SPOOLED_BYTES))  # noqa: SIM115
    stream = archive.open(name)
    while block := stream.read():
        file.write(block)
    file.seek(0)
    return cast(BinaryIO, file)


def _suffix(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[2].casefold()


def _is_added(name: str) -> bool:
    """Whether an operating system added the file: folders of macOS, its `._` files, previews of Windows."""
    *folders, last = name.split("/")
    return "__MACOSX" in folders or last.startswith("._") or last.casefold() in _ADDED_BY_SYSTEMS

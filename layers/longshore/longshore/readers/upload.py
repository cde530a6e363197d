"""An upload opened: its parts, and after the last of them what all of its bytes add up to."""

from collections.abc import Iterator, Set
from contextlib import ExitStack
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import BinaryIO, Self, cast

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.chunk import Chunk
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.readers.csv.part import CsvPart
from longshore.readers.csv.plan import SAMPLE_BYTES
from longshore.readers.format import Kind, sniff_format
from longshore.readers.reader import PartSource
from longshore.readers.reports.report_options import SHEET_OPTIONS, text_options
from longshore.readers.stream import HashingStream, HeadedStream, Readable

SPOOLED_BYTES = 16 * 1024 * 1024
"""Archives are read from their end: up to this size they are kept in memory, larger ones on disk."""


class Upload:
    """The parts of an upload, each to be read to its end, in order; use as a context manager.

    Raises FileRejected where the file is nothing that can be read, or larger than `max_bytes`. `sha256` and `size`
    (bytes) are those of the whole upload as it came, and take in what no part has read.
    """

    def __init__(self, raw: Readable, options: FileOptions, max_bytes: int) -> None:
        self._source = HashingStream(raw, max_bytes)
        self._resources = ExitStack()
        try:
            self.parts: list[PartSource] = self._opened(options)
        except BaseException:
            self._resources.close()
            raise

    def _opened(self, options: FileOptions) -> list[PartSource]:
        head = self._source.head(SAMPLE_BYTES)[0]
        if options.format and head.startswith(b"PK"):
            return self._declared(head, options)
        kind = sniff_format(head, text_options(head, options))
        if kind == "gzip":
            from longshore.readers.archives.gzip_stream import GunzipStream

            return [_Packed(text_part(HeadedStream(GunzipStream(self._source)), options))]
        if kind in ("xlsx", "zip"):
            return self._unpacked(kind, self._spooled(), options)
        return [text_part(self._source, options)]

    def _declared(self, head: bytes, options: FileOptions) -> list[PartSource]:
        """Return the parts of an archive of which a format is declared: a report of rejected rows may be another."""
        undeclared = options.model_copy(update=SHEET_OPTIONS)
        kind, file = sniff_format(head, undeclared), self._spooled()
        if (kind == "xlsx") != (options.format == "xlsx"):
            parts = self._unpacked(kind, file, undeclared)
            if all(part.unmapped_plan(undeclared, frozenset()).is_report for part in parts):
                return parts
        return self._unpacked(sniff_format(head, options), file, options)

    def _spooled(self) -> BinaryIO:
        file = self._resources.enter_context(SpooledTemporaryFile(max_size=SPOOLED_BYTES))  # noqa: SIM115
        while block := self._source.read():
            file.write(block)
        return cast(BinaryIO, file)

    def _unpacked(self, kind: Kind, file: BinaryIO, options: FileOptions) -> list[PartSource]:
        # Not before an archive is met: what reads it is a quarter of a cold start.
        from longshore.readers.archives.zip_members import zip_parts
        from longshore.readers.workbook.parts import workbook_parts

        file.seek(0)
        if kind == "xlsx":
            return workbook_parts(file, options)
        return zip_parts(file, options, self._resources)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the upload, as 64 hexadecimal digits."""
        self._source.drain()
        return self._source.hexdigest()

    @property
    def size(self) -> int:
        """The size of the upload in bytes."""
        self._source.drain()
        return self._source.size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._resources.close()


def text_part(stream: HeadedStream, options: FileOptions, name: str = "") -> PartSource:
    """Return the part that a stream of text is; raise FileRejected where it is packed, or no text."""
    head = stream.head(SAMPLE_BYTES)[0]
    kind = sniff_format(head, text_options(head, options))
    if kind in ("json", "ndjson"):
        from longshore.readers.json.reader import JsonPart  # no CSV file has to wait for it at a cold start

        return JsonPart(stream, name)
    if kind == "csv":
        return CsvPart(stream, name)
    advice = "unpack it, and upload the file inside"
    raise file_rejected("NOT_TEXT", kind=f"an archive in an archive ({kind})", advice=advice)


class _Packed:
    """A PartSource that was packed with gzip."""

    def __init__(self, part: PartSource) -> None:
        self.name = part.name
        self._part = part

    def unmapped_plan(self, options: FileOptions, wanted: Set[str]) -> ParsePlan:
        """Find out how what is packed is read; raise FileRejected."""
        return replace(self._part.unmapped_plan(options, wanted), compression="gzip")

    def read(self, plan: ParsePlan) -> Iterator[Chunk]:
        """Read every row; raise FileRejected."""
        return self._part.read(plan)

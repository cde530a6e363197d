"""An upload opened: its parts, and after the last of them what all of its bytes add up to."""

from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import BinaryIO, Self

from longshore.domain.file_options import FileOptions
from longshore.readers.csv_part import CsvPart
from longshore.readers.reader import PartSource
from longshore.readers.stream import HashingStream


class Upload:
    """The parts of an upload, each to be read to its end, in order; use as a context manager.

    Raises FileRejected where the file is nothing that can be read, or larger than `max_bytes`. `sha256` and `size`
    (bytes) are those of the whole upload as it came, and take in what no part has read.
    """

    def __init__(self, raw: BinaryIO, options: FileOptions, max_bytes: int) -> None:
        self._source = HashingStream(raw, max_bytes)
        self._resources = ExitStack()
        self.parts: list[PartSource] = list(self._opened(options))

    def _opened(self, options: FileOptions) -> Iterator[PartSource]:
        yield CsvPart(self._source)

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

"""Files that a command writes: NDJSON, or one JSON array where the name ends in .json."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson

from cli.outcome import UsageProblem


class OutputFile:
    """A file that has its name only once it is complete; raises UsageProblem where it cannot be written."""

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_file():
            raise UsageProblem(f"{path} is no plain file; name one to write to")
        self.path = path
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            self.file: BinaryIO = self._partial.open("wb")
        except OSError as error:
            raise UsageProblem(f"{path} cannot be written: {error.strerror}") from None

    def __enter__(self) -> Self:
        """Let go of it at the end of the block, kept or not."""
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        """Forget what was not kept."""
        self.file.close()
        self._partial.unlink(missing_ok=True)

    def keep(self) -> None:
        """Give the file its name, in one go with taking it from whatever had it before."""
        self.file.flush()
        self._partial.replace(self.path)


class DocumentsFile(OutputFile):
    """JSON documents, each on a line of its own."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._is_array = path.suffix == ".json"
        self._before = b"[\n" if self._is_array else b""

    def write(self, document: Mapping[str, Any]) -> None:
        """Add a document."""
        self.file.write(self._before + orjson.dumps(document))
        if self._is_array:
            self._before = b",\n"
        else:
            self.file.write(b"\n")

    def keep(self) -> None:
        """End the array and give the file its name."""
        if self._is_array:
            self.file.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")
        super().keep()

"""The keys of an upload of several parts, kept by record type from one part to the next."""

from contextlib import ExitStack
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from longshore.domain.rows.part_keys import PartKeys


class JobKeys:
    """Gives parts of the same record type the same keys; a context manager that closes their files at the end."""

    def __init__(self) -> None:
        self._files = ExitStack()
        self._by_type: dict[str, PartKeys] = {}

    def of(self, record_type: str, part: str) -> PartKeys:
        """Return the keys of a record type, and let the rows that follow be those of this part."""
        if record_type not in self._by_type:
            log = self._files.enter_context(TemporaryFile())  # noqa: SIM115
            self._by_type[record_type] = PartKeys(log)
        keys = self._by_type[record_type]
        keys.begin(part)
        return keys

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._files.close()

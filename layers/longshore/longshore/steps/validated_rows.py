"""Where ValidateUpload puts what it reads: objects of rows, rejects and sensitive cells per part, in gzip members."""

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from longshore.domain.chunk import Span
from longshore.domain.job import Batch, Job, Part, Pointer
from longshore.domain.rows.raw_texts import RawTexts
from longshore.domain.rows.row_batch import RowBatch
from longshore.steps.ports import Files, RowsWriter

Place = tuple[int, int]
"""Offset and length of a member, in bytes."""


class ValidatedRows:
    """The sink of one part in one validation attempt; its keys are unique to them, so nothing else is disturbed.

    Use as a context manager and close() it at the end of the part: left without that, nothing of it is kept. With each
    batch goes what a worker needs to know of the template, so that it reads none.
    """

    def __init__(
        self, job: Job, attempt: str, part: Part, key_fields: Sequence[str], files: Files, masked: Iterable[str] = ()
    ) -> None:
        place = f"{job.tenant}/{job.job_id}/{attempt}/part-{part.number:02d}"
        self._rows_key, self._rejects_key = f"rows/{place}", f"rejects/{place}"
        self._originals_key = f"originals/{place}"
        self._part, self._files = part.number, files
        self._about: dict[str, object] = {"key": list(key_fields), "record_type": part.record_type, "mode": part.mode}
        if masked_keys := sorted(set(masked) & set(key_fields)):
            self._about["masked"] = masked_keys
        self._rows: RowsWriter | None = None
        self._rejects: RowsWriter | None = None
        self._originals: RowsWriter | None = None
        self._members: list[tuple[int, int, Place, Place | None, Span | None]] = []
        self._rows_etag = ""
        self._rejects_end = self._originals_end = 0
        self.rejects_at: Pointer | None = None
        self.originals_at: Pointer | None = None

    def rows(self, batch: RowBatch, raw: RawTexts) -> None:
        """Take a batch of accepted rows, and their raw texts unless they can be read in the upload again."""
        if self._rows is None:
            self._rows = self._files.writer(self._rows_key)
        rows_at = self._rows.append({**batch.document(), **self._about})
        raw_at = None if raw.span else self._rows.append(raw.texts)
        self._members.append((batch.first_row, batch.size, rows_at, raw_at, raw.span))

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        """Take some row errors."""
        if self._rejects is None:
            self._rejects = self._files.writer(self._rejects_key)
        offset, length = self._rejects.append(rejects)
        self._rejects_end = offset + length

    def originals(self, originals: dict[str, object]) -> None:
        """Take the sensitive cells of some rows."""
        if self._originals is None:
            self._originals = self._files.writer(self._originals_key)
        offset, length = self._originals.append(originals)
        self._originals_end = offset + length

    def close(self) -> None:
        """Complete the objects; their pointers are good from here on."""
        if self._rows:
            self._rows_etag = self._rows.close()
            self._rows = None
        if self._rejects:
            self.rejects_at = Pointer(self._rejects_key, self._rejects.close(), 0, self._rejects_end)
            self._rejects = None
        if self._originals:
            self.originals_at = Pointer(self._originals_key, self._originals.close(), 0, self._originals_end)
            self._originals = None

    def batches(self) -> Iterator[Batch]:
        """Yield the batches that point into the completed object."""
        for number, (first_row, count, rows_at, raw_at, raw_in) in enumerate(self._members):
            yield Batch(
                part=self._part,
                number=number,
                first_row=first_row,
                rows=count,
                rows_at=Pointer(self._rows_key, self._rows_etag, *rows_at),
                raw_at=Pointer(self._rows_key, self._rows_etag, *raw_at) if raw_at else None,
                raw_in=raw_in,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for writer in (self._rows, self._rejects, self._originals):
            if writer is not None:
                writer.abort()

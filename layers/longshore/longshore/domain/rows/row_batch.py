"""Batches of accepted rows: each chunk's share is written down at once, so that its Python objects live no longer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from longshore.domain.rows.row_columns import RowColumns

ENOUGH = 64
"""Fewer rows than these wait for the next chunk, because each piece of JSON names the columns anew."""


@dataclass(frozen=True)
class RowBatch:
    """The rows of a batch as JSON, see RowColumns.of; `first_row` is the number of the first one, `size` how many."""

    fields: Sequence[str]
    first_row: int
    size: int
    chunks: Sequence[bytes]

    @property
    def rows(self) -> RowColumns:
        """The rows, read back from JSON."""
        return RowColumns.of({"chunks": list(map(orjson.loads, self.chunks))})

    def document(self) -> dict[str, object]:
        """Return what orjson takes: `{"fields": [name, …], "chunks": [{"rows", "lines", "columns"}, …]}`."""
        return {"fields": self.fields, "chunks": list(map(orjson.Fragment, self.chunks))}


class RowQueue:
    """Cuts rows into batches of one size; only the last may have fewer. `enough` rows are written down at once.

    As JSON they take a fifth of the memory, and the processor's caches hold the chunk that is being checked.
    """

    def __init__(self, fields: Sequence[str], batch_rows: int, enough: int = ENOUGH) -> None:
        self._fields = fields
        self._batch_rows = batch_rows
        self._enough = enough
        self._waiting = RowColumns()
        self._chunks: list[bytes] = []
        self._first_row = self._size = 0

    def add(self, rows: RowColumns) -> Iterator[RowBatch]:
        """Add the rows of a chunk, whose lists may become part of these, and yield the batches that they fill."""
        start = 0
        while start < len(rows):
            stop = min(len(rows), start + self._batch_rows - self._size)
            self._first_row = self._first_row or rows.numbers[start]
            self._size += stop - start
            self._waiting.add(rows.part(start, stop))
            if len(self._waiting) >= self._enough:
                self._write_down()
            if self._size == self._batch_rows:
                yield from self.rest()
            start = stop

    def rest(self) -> Iterator[RowBatch]:
        """Yield the batch that has begun, if one has."""
        if not self._size:
            return
        self._write_down()
        yield RowBatch(self._fields, self._first_row, self._size, self._chunks)
        self._chunks, self._first_row, self._size = [], 0, 0

    def _write_down(self) -> None:
        if len(self._waiting):
            self._chunks.append(orjson.dumps(self._waiting.document()))
            self._waiting = RowColumns()

"""Accepted rows as parallel lists: how they are checked, written and read again, without a step per row."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Self

from longshore.domain.records import Value
from longshore.domain.rows.positions import leave_out

Row = tuple[Any, ...]
"""A row: its number, its line (ints), then the canonical values of the fields in the order of the file."""


@dataclass
class RowColumns:
    """Rows by their numbers, the physical lines on which they begin, and a list of values per field; all in step."""

    numbers: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    columns: list[list[Value]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Row]:
        return zip(self.numbers, self.lines, *self.columns, strict=True)

    def leave_out(self, positions: Collection[int]) -> None:
        """Take out the rows at these positions."""
        leave_out(positions, [self.numbers, self.lines, *self.columns])

    def add(self, more: "RowColumns") -> None:
        """Add rows of the same fields at the end; their lists may become these."""
        if not self.numbers:
            self.numbers, self.lines, self.columns = more.numbers, more.lines, more.columns
            return
        self.numbers += more.numbers
        self.lines += more.lines
        for column, others in zip(self.columns, more.columns, strict=True):
            column += others

    def part(self, start: int, stop: int) -> "RowColumns":
        """Return the rows from one to before another; all of them are these."""
        if stop - start == len(self):
            return self
        columns = [column[start:stop] for column in self.columns]
        return RowColumns(self.numbers[start:stop], self.lines[start:stop], columns)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return the rows of a document: `chunks` of `document` each, or one, or row by row as before an upgrade."""
        if "columns" not in document and "chunks" not in document:
            numbers, lines, *columns = map(list, zip(*document["rows"], strict=True))
            return cls(numbers, lines, columns)
        chunks = document.get("chunks", [document])
        pieces = zip(*(chunk["columns"] for chunk in chunks), strict=True)
        return cls(
            list(chain.from_iterable(chunk["rows"] for chunk in chunks)),
            list(chain.from_iterable(chunk["lines"] for chunk in chunks)),
            [list(chain.from_iterable(column)) for column in pieces],
        )

    def document(self) -> dict[str, object]:
        """Return the rows ready for JSON: `{"rows": [number, …], "lines": [number, …], "columns": [[value, …], …]}`."""
        return {"rows": self.numbers, "lines": self.lines, "columns": self.columns}

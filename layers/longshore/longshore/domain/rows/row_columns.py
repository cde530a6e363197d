"""Accepted rows as parallel lists: how they are checked, written and read again, without a step per row."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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

    def take(self, count: int) -> "RowColumns":
        """Take the first rows out and return them; only the others are copied, for each copy touches every value."""
        taken = RowColumns(self.numbers, self.lines, self.columns)
        self.numbers, self.lines = _cut_off(self.numbers, count), _cut_off(self.lines, count)
        self.columns = [_cut_off(column, count) for column in self.columns]
        return taken

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return the rows of a document; one from before an upgrade holds them row by row."""
        if "columns" in document:
            return cls(document["rows"], document["lines"], document["columns"])
        numbers, lines, *columns = map(list, zip(*document["rows"], strict=True))
        return cls(numbers, lines, columns)

    def document(self, fields: Sequence[str]) -> dict[str, object]:
        """Return the rows ready for JSON: `{"fields": [name, …], "rows": [number, …], "lines", "columns"}`."""
        return {"fields": fields, "rows": self.numbers, "lines": self.lines, "columns": self.columns}


def _cut_off(values: list[Any], count: int) -> list[Any]:
    rest = values[count:]
    del values[count:]
    return rest

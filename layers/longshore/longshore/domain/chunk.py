"""Some consecutive records of a file, as a reader hands them to the row checker."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload


@dataclass(frozen=True)
class Broken:
    """A record that could not be read: why (a code of the catalogue and the data of its message) and its raw text."""

    row: int
    line: int
    raw: str
    code: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CellFault:
    """A cell that the reader itself knows to be wrong: position in the chunk, 1-based column, code and message data.

    `column` is None where the whole record is to blame.
    """

    at: int
    column: int | None
    code: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """Something a person should know although nothing was refused: a code of the catalogue of warnings and its place.

    `line` is 0 for the whole part, `column` 1-based, None for the whole record.
    """

    code: str
    line: int
    column: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """A range of the bytes of an upload: read again as the plan says, it gives the same records.

    `offset` and `length` are bytes; the physical line and the data record that begin there have these 1-based numbers.
    """

    offset: int
    length: int
    first_line: int
    first_row: int


class Table(Sequence[Sequence[str]]):
    """Rows of cells that are kept as columns, because rules look at columns; no columns at all are no rows."""

    def __init__(self, columns: Sequence[Sequence[str]]) -> None:
        self.columns = columns

    @overload
    def __getitem__(self, at: int, /) -> Sequence[str]: ...

    @overload
    def __getitem__(self, at: slice, /) -> "Table": ...

    def __getitem__(self, at: int | slice, /) -> "Sequence[str] | Table":
        """Return a row, or some rows as a table."""
        if isinstance(at, slice):
            return Table([column[at] for column in self.columns])
        return tuple(column[at] for column in self.columns)

    def __iter__(self) -> Iterator[Sequence[str]]:
        """Iterate over the rows."""
        return zip(*self.columns, strict=True)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.columns[0]) if self.columns else 0


@dataclass(frozen=True)
class Chunk:
    """Whole records as parallel lists, and the broken ones found between them.

    `rows` are 1-based numbers of data records (broken ones are counted too), `lines` the 1-based physical lines on
    which they begin, `raw` their texts as in the file without the final line end, cut after RAW_LIMIT characters.
    No record is longer than `longest` characters. `span` is where all of them lie in the upload, None where reading
    that again would not give all that is here. `extra` holds what no column of the plan takes, by position in the
    chunk and then by header (cells beyond the header are "column_13"), where the template keeps it; records of nothing
    but blank cells are no rows, see BLANK_ROWS in `notices`. `unknown` are places (position in the chunk, 1-based
    column) whose texts stand for values that are not at hand: nothing is said about them.
    """

    rows: Sequence[int]
    lines: Sequence[int]
    cells: Sequence[Sequence[str]]
    raw: Sequence[str]
    longest: int
    broken: Sequence[Broken] = ()
    faults: Sequence[CellFault] = ()
    notices: Sequence[Notice] = ()
    extra: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    unknown: Collection[tuple[int, int]] = ()
    span: Span | None = None

    @property
    def columns(self) -> Sequence[Sequence[str]]:
        """The cells column by column; none at all where there are no rows."""
        return self.cells.columns if isinstance(self.cells, Table) else list(zip(*self.cells, strict=True))

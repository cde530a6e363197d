"""Some consecutive records of a file, as a reader hands them to the row checker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


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
    """A cell that the reader itself knows to be wrong: position in the chunk, 1-based column, code and message data."""

    at: int
    column: int
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
class Chunk:
    """Whole records as parallel lists, and the broken ones found between them.

    `rows` are 1-based numbers of data records (broken ones are counted too), `lines` the 1-based physical lines on
    which they begin, `raw` their texts as in the file without the final line end, cut after RAW_LIMIT characters.
    No record is longer than `longest` characters. `extra` holds the cells beyond the header by position in the chunk,
    where the template keeps them; records of nothing but blank cells are no rows, see BLANK_ROWS in `notices`.
    """

    rows: Sequence[int]
    lines: Sequence[int]
    cells: Sequence[Sequence[str]]
    raw: Sequence[str]
    longest: int
    broken: Sequence[Broken] = ()
    faults: Sequence[CellFault] = ()
    notices: Sequence[Notice] = ()
    extra: Mapping[int, Sequence[str]] = field(default_factory=dict)

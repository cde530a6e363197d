"""Some consecutive records of a file, as a reader hands them to the row checker."""

from collections.abc import Sequence
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
class Chunk:
    """Whole records as parallel lists, and the broken ones found between them.

    `rows` are 1-based numbers of data records (broken ones are counted too), `lines` the 1-based physical lines on
    which they begin, `raw` their texts as in the file without the final line end, cut after RAW_LIMIT characters.
    No record is longer than `longest` characters.
    """

    rows: Sequence[int]
    lines: Sequence[int]
    cells: Sequence[Sequence[str]]
    raw: Sequence[str]
    longest: int
    broken: Sequence[Broken] = ()

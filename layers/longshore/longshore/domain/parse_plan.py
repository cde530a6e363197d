"""The frozen answer to "how is this file read": detected once, stored with the part, and used unchanged ever after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

ROW_ID = "longshore_row_id"
REPORT_COLUMNS = (ROW_ID, "longshore_line", "longshore_codes", "longshore_messages", "longshore_raw")
"""What a report of rejected rows has besides the columns of the file; a file with ROW_ID is such a report."""

MatchReason = Literal["exact", "normalised", "ignored", "report", "unmapped"]
"""`report`: a column that Longshore added to a report of rejected rows; `unmapped`: no template was asked."""


@dataclass(frozen=True)
class Column:
    """A column of the file: its 1-based position, its header as written, and the field it fills (None: ignored)."""

    position: int
    header: str
    field: str | None
    reason: MatchReason


@dataclass(frozen=True)
class ParsePlan:
    """How a file is read. Lines are physical and 1-based: rows begin at `data_line`, after the header's last line."""

    format: Literal["csv"]
    encoding: str
    bom: bool
    delimiter: str
    quote: str
    header_line: int
    data_line: int
    columns: tuple[Column, ...]

    @property
    def width(self) -> int:
        """How many cells each record must have."""
        return len(self.columns)

    @property
    def is_report(self) -> bool:
        """Whether the file is a report of rejected rows, whose cells are protected against spreadsheets."""
        return any(column.reason == "report" for column in self.columns)

    @property
    def mapped(self) -> tuple[Column, ...]:
        """The columns that fill a field, in the order of the file."""
        return tuple(column for column in self.columns if column.field is not None)

    def as_dict(self) -> dict[str, object]:
        """Return the plan as it is stored and shown."""
        return asdict(self) | {"columns": [asdict(column) for column in self.columns]}


def plan_from_dict(stored: Mapping[str, Any]) -> ParsePlan:
    """Rebuild a plan from what `as_dict` gave."""
    return ParsePlan(**{**stored, "columns": tuple(Column(**column) for column in stored["columns"])})

"""The frozen answer to "how is this file read": detected once, stored with the part, and used unchanged ever after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from longshore.domain.templates.file_options import Format

ROW_ID = "longshore_row_id"
SOURCE_FORMAT = "longshore_format"
EXTRA_CELLS = "longshore_extra"
WRITTEN_COLUMNS = (ROW_ID, "longshore_line", "longshore_codes", "longshore_messages", "longshore_raw")
REPORT_COLUMNS = (*WRITTEN_COLUMNS, SOURCE_FORMAT, EXTRA_CELLS)
"""What a report of rejected rows has besides the columns of the file; a file with ROW_ID is such a report.

The first five are in every report. SOURCE_FORMAT is there where the rows come from a format that knows numbers,
EXTRA_CELLS (a JSON object) where the template keeps what no column takes.
"""

MatchReason = Literal[
    "exact", "normalised", "alias", "confirmed", "fuzzy", "asked", "extra", "ignored", "report", "unmapped"
]
"""Why a column fills its field, or none.

`confirmed`: a person of this tenant said so before; `fuzzy`: much alike, see the score; `asked`: a person must say;
`extra`: kept under its header; `report`: a column that Longshore added to a report; `unmapped`: no template was asked.
"""


@dataclass(frozen=True)
class Column:
    """A column of the file: its 1-based position, its header as written, and the field it fills (None: ignored).

    Of JSON the header is the path of the value; `nested` says what the field takes there besides a plain value.
    """

    position: int
    header: str
    field: str | None
    reason: MatchReason
    score: float = 1.0
    nested: Literal["", "list", "any"] = ""


@dataclass(frozen=True)
class Question:
    """A column that may fill one of several fields; `candidates` are (field, score from 0 to 1), best first."""

    position: int
    header: str
    candidates: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class ParsePlan:
    """How a part is read. Lines are physical and 1-based: rows begin at `data_line`, after the header's last line.

    Of a workbook the lines are the sheet's rows; JSON has no header line (0), its columns are the paths of the values.
    `unknown_columns` is about keys of JSON that no column names because they come later in the file.
    `encoding`, `delimiter`, `quote` and `escape` are "" where the format has none.
    """

    format: Format
    encoding: str
    bom: bool
    delimiter: str
    quote: str
    header_line: int
    data_line: int
    columns: tuple[Column, ...]
    escape: str = ""
    compression: Literal["", "gzip"] = ""
    member: str = ""
    sheet: str = ""
    path: str = ""
    footer_rows: int = 0
    null_markers: tuple[str, ...] = ()
    extra_cells: Literal["reject", "ignore", "keep"] = "reject"
    unknown_columns: Literal["reject", "ignore", "keep"] = "ignore"
    questions: tuple[Question, ...] = ()

    @property
    def width(self) -> int:
        """How many cells each record must have."""
        return len(self.columns)

    @property
    def is_report(self) -> bool:
        """Whether the file is a report of rejected rows, whose cells are protected against spreadsheets."""
        return any(column.reason == "report" for column in self.columns)

    @property
    def native_numbers(self) -> bool:
        """Whether numbers are written with a point whatever the template says; a report's are as in its source."""
        if self.is_report:
            return self.report_column(SOURCE_FORMAT) is not None
        return self.format != "csv"

    def report_column(self, name: str) -> int | None:
        """Return the position of a column that a report added, None where it is not there."""
        return next((c.position for c in self.columns if c.reason == "report" and c.header == name), None)

    @property
    def mapped(self) -> tuple[Column, ...]:
        """The columns that fill a field, in the order of the file."""
        return tuple(column for column in self.columns if column.field is not None)

    def as_dict(self) -> dict[str, object]:
        """Return the plan as it is stored and shown."""
        return asdict(self) | {"columns": [asdict(column) for column in self.columns]}


def plan_from_dict(stored: Mapping[str, Any]) -> ParsePlan:
    """Rebuild a plan from what `as_dict` gave, of this or of an earlier version."""
    columns = tuple(Column(**column) for column in stored["columns"])
    questions = tuple(
        Question(q["position"], q["header"], tuple((name, float(score)) for name, score in q["candidates"]))
        for q in stored.get("questions", ())
    )
    markers = tuple(stored.get("null_markers", ()))
    return ParsePlan(**{**stored, "columns": columns, "questions": questions, "null_markers": markers})

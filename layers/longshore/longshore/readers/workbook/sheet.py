"""The exact way to read a sheet: every row that XML allows, one element at a time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.errors import FileRejected
from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.workbook.cells import CellKinds, Number
from longshore.readers.workbook.values import BadCell, has_many_digits
from longshore.readers.workbook.xml import XmlReader

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_MERGED = 100_000

_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@dataclass(slots=True)
class SheetRow:
    """A row of a sheet: its 1-based number and its cells that are not blank, by 0-based column.

    `faults` are the cells without a usable value, their text is ""; `formulas` the columns whose values were computed,
    `long_numbers` those of numbers with more digits than a spreadsheet keeps.
    Of a row with more text than MAX_RECORD_CHARS some is missing: it is `too_long`.
    """

    line: int
    too_long: bool = False
    cells: dict[int, str] = field(default_factory=dict)
    faults: list[tuple[int, BadCell]] = field(default_factory=list)
    formulas: list[int] = field(default_factory=list)
    long_numbers: list[int] = field(default_factory=list)


class SheetReader:
    """Takes the XML of a sheet in pieces and gives the rows that have ended; raises FileRejected.

    `in_rows`: the next piece may begin with a row. `merged` are the ranges of merged cells, known at the end.
    """

    def __init__(self, kinds: CellKinds, what: str) -> None:
        self._kinds = kinds
        self._what = what
        self._xml = XmlReader(self, what)
        self._path: list[str] = []
        self._ready: list[SheetRow] = []
        self._row = SheetRow(0)
        self._column = -1
        self._cell: Mapping[str, str] = {}
        self._text: list[str] | None = None
        self._chars = 0
        self._has_formula = False
        self.last_line = 0
        self.merged: list[str] = []

    @property
    def in_rows(self) -> bool:
        """Whether the parser stands between two rows."""
        return self._path == ["worksheet", "sheetData"]

    def feed(self, data: bytes, final: bool = False) -> list[SheetRow]:
        """Take a piece and return the rows that end in it."""
        self._xml.feed(data, final)
        rows, self._ready = self._ready, []
        return rows

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the start of an element."""
        self._path.append(name)
        if name in ("v", "t") and self._in_cell():
            self._text = self._text or []
        elif name == "c" and len(self._path) == 4 and self._path[2] == "row":
            self._start_cell(attributes)
        elif name == "f" and self._in_cell():
            self._has_formula = True
        elif name == "row" and len(self._path) == 3 and self._path[1] == "sheetData":
            self._start_row(attributes)
        elif name == "mergeCell" and len(self.merged) < MAX_MERGED:
            self.merged.append(attributes.get("ref", ""))
        elif len(self._path) == 1 and name not in ("worksheet", "chartsheet", "dialogsheet"):
            raise self._damaged("its first element is not that of a sheet")

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self._path.pop()
        if name == "c" and len(self._path) == 3 and self._path[2] == "row":
            self._end_cell()
        elif name == "row" and self.in_rows:
            self._row.too_long = self._chars > MAX_RECORD_CHARS
            self._ready.append(self._row)

    def text(self, data: str) -> None:
        """Take some text; that of values counts, that of readings (phonetic) does not."""
        if self._text is not None and self._path[-1] in ("v", "t") and "rPh" not in self._path:
            if self._chars <= MAX_RECORD_CHARS:
                self._text.append(data)
            self._chars += len(data)

    def _in_cell(self) -> bool:
        return len(self._path) > 4 and self._path[3] == "c"

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        number = attributes.get("r", "")
        line = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else self.last_line + 1
        if not self.last_line < line <= MAX_ROWS:
            raise self._damaged(f"row {line} comes after row {self.last_line}")
        self.last_line = line
        self._row = SheetRow(line)
        self._column = -1
        self._chars = 0

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            match = _PLACE.fullmatch(place)
            if match is None:
                raise self._damaged(f"a cell of row {self._row.line} has the place {place[:20]!r}")
            self._column = column_of(match[1])
        if self._column >= MAX_COLUMNS:
            raise self._damaged(f"row {self._row.line} has a cell beyond column XFD")
        self._cell = attributes
        self._text = None
        self._has_formula = False

    def _end_cell(self) -> None:
        text = "".join(self._text or ())
        cell_type = self._cell.get("t", "")
        if not text and not self._has_formula:
            return
        row, at = self._row, self._column
        if at in row.cells:
            raise self._damaged(f"row {row.line} has a cell twice")
        if self._has_formula and (text or cell_type == "str"):
            row.formulas.append(at)
        row.cells[at] = ""
        try:
            if text:
                kind = self._kinds.kind(cell_type, self._cell.get("s", ""))
                row.cells[at] = kind.one(text)
                if isinstance(kind, Number) and has_many_digits(row.cells[at]):
                    row.long_numbers.append(at)
            elif cell_type != "str":
                raise BadCell("FORMULA_WITHOUT_VALUE")
        except BadCell as bad:
            row.faults.append((at, bad))

    def _damaged(self, problem: str) -> FileRejected:
        return file_rejected("DAMAGED_WORKBOOK", what=self._what, problem=problem)


def column_of(letters: str) -> int:
    """Return the 0-based number of a column: 0 for A, 26 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters_of(column: int) -> str:
    """Return the letters of a column given by its 0-based number."""
    letters = ""
    while column >= 0:
        letters = chr(65 + column % 26) + letters
        column = column // 26 - 1
    return letters

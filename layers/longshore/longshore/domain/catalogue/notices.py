"""The catalogue of warnings: what a person should know about a file although no row was refused for it."""

from collections import Counter
from collections.abc import Iterable

from longshore.domain.catalogue.error_kind import ErrorKind
from longshore.domain.catalogue.row_errors import shown
from longshore.domain.chunk import Notice

SAMPLE_LINES = 5
"""How many lines a warning names; its count is exact whatever their number."""

_Place = tuple[str, int | None]

NOTICES: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind(
            "LEADING_ZEROS",
            "validation",
            "Leading zeros",
            "leading zeros are not part of a number and are not kept",
            "An identifier such as a postcode or an account number needs type string.",
        ),
        ErrorKind(
            "MANY_DIGITS",
            "validation",
            "More than 15 digits",
            "numbers of more than 15 digits: a spreadsheet may have rounded them before the file was saved",
            "Longshore keeps every digit that the file has; compare the last ones with their source.",
        ),
        ErrorKind(
            "E_NOTATION",
            "validation",
            "E notation",
            "numbers in E notation such as 1.23E+11: a spreadsheet may have shortened long identifiers",
            "Format such a column as text before the file is saved. The text of the cell is kept as it is.",
        ),
        ErrorKind(
            "AMBIGUOUS_NUMBER",
            "validation",
            "Point or separator",
            "numbers such as 1.234 from a workbook or JSON are read with a decimal point, although the template has "
            "decimal_comma",
            "Right for cells that are numbers; a text that means one thousand must be written 1234 or 1.234,00.",
        ),
        ErrorKind(
            "AMBIGUOUS_DATE",
            "validation",
            "Day and month could be swapped",
            "dates that fit several of the template's formats; the first format that fits is used",
            "Keep one format per field, or dates as YYYY-MM-DD.",
        ),
        ErrorKind(
            "BLANK_ROWS",
            "parse",
            "Blank rows",
            "records of nothing but blank cells are not counted as rows",
            "Spreadsheets save them where rows were formatted or emptied.",
        ),
        ErrorKind(
            "SKIPPED_LINES",
            "parse",
            "Lines before the header or after the data",
            "lines before the header or after the last record are not data",
            "The parse plan names the header's line; set file.header_row or file.footer_rows if it is wrong.",
        ),
        ErrorKind(
            "HIDDEN_SHEET",
            "parse",
            "Hidden sheet",
            "a hidden sheet is not read; name it in file.sheet if it is data",
            "",
        ),
        ErrorKind(
            "EMPTY_SHEET",
            "parse",
            "Empty sheet",
            "a sheet without any value is not read",
            "",
        ),
        ErrorKind(
            "MERGED_CELLS",
            "parse",
            "Merged cells",
            "the value of merged cells stands in the first of them only; the others are blank",
            "Unmerge the cells and fill each in.",
        ),
        ErrorKind(
            "FORMULA",
            "parse",
            "Formulas",
            "cells with a formula: the value that the spreadsheet last computed is taken",
            "Longshore computes no formulas.",
        ),
        ErrorKind(
            "RULE_NOT_CHECKED",
            "validation",
            "Rule not checked",
            "a rule of the template is about a field whose column the file does not have",
            "An absent column leaves the field of a record as it is, so the file does not tell whether the rule holds.",
        ),
    )
}


class Warnings:
    """Counts the notices of a part by code and column, and keeps the first lines and the first example of each."""

    def __init__(self) -> None:
        self._counts: Counter[_Place] = Counter()
        self._lines: dict[_Place, list[int]] = {}
        self._examples: dict[_Place, str] = {}

    def add(self, notices: Iterable[Notice]) -> None:
        """Take some notices; `data` may hold `count` (1 if left out) and `value`, which is shown as the example."""
        for notice in notices:
            place = notice.code, notice.column
            self._counts[place] += notice.data.get("count", 1)
            lines = self._lines.setdefault(place, [])
            if notice.line and len(lines) < SAMPLE_LINES:
                lines.append(notice.line)
            if "value" in notice.data:
                self._examples.setdefault(place, shown(str(notice.data["value"])))

    def as_list(self) -> list[dict[str, object]]:
        """Return one document per code and column: code, column, count, message, example, lines (the first 5)."""
        return [
            {
                "code": code,
                "column": column,
                "count": count,
                "message": NOTICES[code].message,
                "example": self._examples.get((code, column)),
                "lines": self._lines[code, column],
            }
            for (code, column), count in self._counts.items()
        ]

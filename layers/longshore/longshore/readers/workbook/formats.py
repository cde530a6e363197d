"""Number formats of a workbook: which of its cell styles show a number as a date, a time, both or a duration."""

import re
from collections.abc import Mapping
from typing import Literal

from longshore.readers.workbook.xml import XmlReader

Look = Literal["number", "date", "datetime", "time", "duration"]
"""What a number format shows a number as."""

BUILT_IN: dict[int, Look] = {
    **dict.fromkeys((14, 15, 16, 17), "date"),
    **dict.fromkeys((18, 19, 20, 21, 45, 47), "time"),
    22: "datetime",
    46: "duration",
    # Dates of East Asian editions; ECMA-376 part 1, 18.8.30 lists them by language.
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "date"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "time"),
}
"""The built-in formats that are no numbers (ECMA-376 part 1, 18.8.30)."""

_MAX_STYLES = 100_000
_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]?', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_HALF_DAY = re.compile(r"am/pm|a/p", re.IGNORECASE)
_LONGEST_CODE = 1000


def look_of(code: str) -> Look:
    """Return what a format code such as `dd/mm/yyyy hh:mm` shows; its first section counts, the one for numbers."""
    bare = _LITERAL.sub("", code[:_LONGEST_CODE]).partition(";")[0]
    if _ELAPSED.search(bare):
        return "duration"
    if "general" in bare.lower():
        return "number"
    without_half = _HALF_DAY.sub("", bare).lower()
    time = without_half != bare.lower() or "h" in without_half or "s" in without_half
    date = "y" in without_half or "d" in without_half or ("m" in without_half and not time)
    if date:
        return "datetime" if time else "date"
    return "time" if time else "number"


class Styles:
    """What each cell style (attribute `s` of a cell) shows a number as."""

    def __init__(self) -> None:
        self._codes: dict[int, Look] = {}
        self._looks: list[Look] = []
        self._in_cell_styles = False

    def look(self, style: int) -> Look:
        """Return what a style shows; one that the workbook does not have shows numbers."""
        return self._looks[style] if style < len(self._looks) else "number"

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the start of an element of the styles part."""
        if name == "numFmt" and len(self._codes) < _MAX_STYLES:
            self._codes[_number(attributes.get("numFmtId"))] = look_of(attributes.get("formatCode", ""))
        elif name == "cellXfs":
            self._in_cell_styles = True
        elif name == "xf" and self._in_cell_styles and len(self._looks) < _MAX_STYLES:
            format_id = _number(attributes.get("numFmtId"))
            self._looks.append(self._codes.get(format_id) or BUILT_IN.get(format_id, "number"))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "cellXfs":
            self._in_cell_styles = False

    def text(self, data: str) -> None:
        """Styles have no text."""


def read_styles(data: bytes) -> Styles:
    """Read the styles part of a workbook; raise FileRejected."""
    styles = Styles()
    XmlReader(styles, "the styles of the workbook").feed(data, final=True)
    return styles


def _number(text: str | None) -> int:
    return int(text) if text and len(text) < 10 and text.isascii() and text.isdigit() else 0

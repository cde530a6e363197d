"""Which formats all dates and times of a column agree on, besides ISO 8601, and whether that can be told at all."""

from dataclasses import dataclass
from typing import Any

from longshore.domain.catalogue.row_errors import shown
from longshore.domain.cells.date_formats import DateFormat
from longshore.domain.cells.moments import DatetimeReader
from longshore.domain.cells.value_types import BadValue, FieldType

ZONE = "an IANA zone such as Europe/Berlin"

_DATES = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%b %d, %Y", "%b %d %Y"),
)
"""Day and month stand in either order between slashes and hyphens; between full stops the day comes first."""

_SHORT_YEARS = ("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%d-%b-%y", "%d %b %y")
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
_TIMES = ("%I:%M %p", "%I:%M:%S %p", "%I:%M%p")

_FORMATS: dict[str, FieldType] = {
    **dict.fromkeys((*_DATES, *_SHORT_YEARS), "date"),
    **{f"{day}{between}{clock}": "datetime" for day in _DATES for between in " T" for clock in _CLOCKS},
    **dict.fromkeys(_TIMES, "time"),
}
_COMPILED = {text: DateFormat(text) for text in _FORMATS}
_LOCAL = DatetimeReader(zone="UTC")


@dataclass(frozen=True)
class MomentGuess:
    """Properties of a field that reads a column, {} where it must stay a string, and why that is so."""

    properties: dict[str, Any]
    why: str = ""


class MomentSurvey:
    """Looks at the different values of a column, and drops every format that one of them is not written in."""

    def __init__(self) -> None:
        self._formats = list(_FORMATS)
        self._is_local_iso = True
        self._first = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing fits any more."""
        return not (self._formats or self._is_local_iso)

    def add(self, text: str, line: int) -> None:
        """Take a value and the line on which its record begins."""
        self._first = self._first or f"{shown(text)} in line {line}"
        self._formats = [form for form in self._formats if _COMPILED[form].read(text)]
        if self._is_local_iso:
            self._is_local_iso = _is_local(text)

    def guess(self) -> MomentGuess | None:
        """Return what the column is, None where it holds no dates or times in any one format."""
        if not self._first or self.is_over:
            return None
        if self._is_local_iso:
            return MomentGuess({}, f"as datetime it needs zone, {ZONE}: no value has an offset")
        kind, forms = _FORMATS[self._formats[0]], self._formats
        names = " or ".join(_COMPILED[form].shown for form in forms)
        if len(forms) > 1:
            zone = f", and zone, {ZONE}" if kind == "datetime" else ""
            what = f"as {kind} {self._first} may be {names}"
            return MomentGuess({}, f"{what}: set type {kind} and formats to {_quoted(forms)}, whichever it is{zone}")
        if "%y" in forms[0]:
            return MomentGuess(
                {}, f"as date {self._first} has no century: set type date and formats to {_quoted(forms)}"
            )
        if kind == "datetime":
            why = f"as datetime it needs formats {_quoted(forms)} and zone, {ZONE}: no value has an offset"
            return MomentGuess({}, why)
        return MomentGuess({"type": kind, "formats": list(forms)})


def _quoted(forms: list[str]) -> str:
    """Return formats as a template document has them, alternatives side by side."""
    return " or ".join(f'["{form}"]' for form in forms)


def _is_local(text: str) -> bool:
    try:
        _LOCAL(text)
    except BadValue:
        return False
    return not text.endswith(("Z", "z")) and "+" not in text and text.count("-") == 2

"""Layouts: formats of dates and times whose parts all have a fixed width, so that whole columns are read by slices."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from longshore.domain.cells.date_formats import DateFormat
from longshore.domain.cells.value_types import FieldType

_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_OFFSET = "[+-][0-9]{2}:[0-9]{2}"
_ISO_FORMATS: dict[FieldType, tuple[str, ...]] = {
    "date": ("%Y-%m-%d", "%Y-%m-%dT00:00:00", "%Y-%m-%d 00:00:00"),
    "time": ("%H:%M:%S", "%H:%M"),
    "datetime": ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"),
}


class Layout(NamedTuple):
    """Where the parts of a text stand.

    `lines` matches joined texts that have the form; `order` brings their characters to YYYY-MM-DD, hh:mm:ss, or
    YYYY-MM-DDThh:mm:ss and then Z, an offset or nothing, as `ending` says.
    """

    width: int
    lines: "re.Pattern[bytes]"
    order: tuple[int | str, ...]
    ending: str

    def fits(self, joined: bytes) -> bool:
        """Whether every line has the form."""
        return self.lines.fullmatch(joined) is not None


def layouts(field_type: FieldType, formats: Sequence[DateFormat]) -> list[Layout]:
    """Return the layouts of a field: of its formats and of ISO 8601, less those that two of its formats could read."""
    found: list[Layout] = []
    for form in [*formats, *map(DateFormat, _ISO_FORMATS[field_type])]:
        for layout, example in _of_format(field_type, form):
            if sum(other.could_read(example) for other in formats) < 2:
                found.append(layout)
    return found


def _of_format(field_type: FieldType, form: DateFormat) -> Iterator[tuple[Layout, str]]:
    """Yield the layouts of a format, each with an example."""
    has = set(form.directives)
    if not has <= {*_WIDTHS, "z"} or (field_type == "datetime" and "M" not in has):
        return
    for written in ("Z", "+00:00") if "z" in has else ("",):
        example, pattern, places = "", "", dict[str, int]()
        for letter, literal in form.pieces:
            places[letter] = len(example)
            example += "0" * _WIDTHS[letter] if letter in _WIDTHS else written if letter else literal
            pattern += (
                f"[0-9]{{{_WIDTHS[letter]}}}"
                if letter in _WIDTHS
                else _ending(written)
                if letter
                else re.escape(literal)
            )
        if example.isascii() and "\n" not in example:
            ending = written or ("" if field_type == "datetime" else "none")
            lines = re.compile(rf"(?:(?:{pattern})?\n)*+".encode())
            yield Layout(len(example), lines, tuple(_order(field_type, places, written)), ending), example


def _ending(written: str) -> str:
    return _OFFSET if written[0] == "+" else written


def _order(field_type: FieldType, places: dict[str, int], written: str) -> Iterator[int | str]:
    """Yield where each character of the ISO text comes from."""
    iso = {"date": "Y-m-d", "time": "H:M:S", "datetime": "Y-m-dTH:M:S"}[field_type]
    for part in iso:
        if part not in _WIDTHS:
            yield part
        elif part in places:
            yield from range(places[part], places[part] + _WIDTHS[part])
        else:
            yield from "00"
    if field_type == "datetime" and written:
        yield from "Z" if written == "Z" else range(places["z"], places["z"] + len(written))

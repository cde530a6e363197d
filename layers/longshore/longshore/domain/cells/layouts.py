"""Layouts: formats of dates and times whose parts all have a fixed width, so that whole columns are read by slices."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from longshore.domain.cells.date_formats import DateFormat
from longshore.domain.cells.line_shape import LineShape
from longshore.domain.cells.number_shapes import numerals_between
from longshore.domain.cells.value_types import FieldType

_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_OFFSET = "[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]"
_ISO_FORMATS: dict[FieldType, tuple[str, ...]] = {
    "date": ("%Y-%m-%d", "%Y-%m-%dT00:00:00", "%Y-%m-%d 00:00:00"),
    "time": ("%H:%M:%S", "%H:%M"),
    "datetime": ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"),
}
_CLOCK = {"H": "(?:[01][0-9]|2[0-3])", "M": "[0-5][0-9]", "S": "[0-5][0-9]"}
_DAYS = (
    {"d": "(?:0[1-9]|1[0-9]|2[0-8])", "m": "(?:0[1-9]|1[0-2])"},
    {"d": "(?:29|30)", "m": "(?:0[13-9]|1[0-2])"},
    {"d": "31", "m": "(?:0[13578]|1[02])"},
)
"""Days that certainly exist, wherever day and month stand: all but the 29th of February."""


@dataclass(frozen=True)
class Layout:
    """Where the parts of a text stand.

    `shape` are the texts of the form that certainly say a day or time that exists; `order` brings their characters to
    YYYY-MM-DD, hh:mm:ss, or YYYY-MM-DDThh:mm:ss and then Z, an offset or nothing, as `ending` says. `is_iso`: they are
    in this order already.
    """

    width: int
    shape: str
    order: tuple[int | str, ...]
    ending: str
    is_iso: bool

    @cached_property
    def lines(self) -> LineShape:
        """Joined texts of the shape; compiled for those layouts only that a column needs."""
        return LineShape(self.shape)

    def fits(self, text: str) -> bool:
        """Whether a text is of the shape."""
        return len(text) == self.width and self.lines.fit(text)


def layouts(field_type: FieldType, formats: Sequence[DateFormat], years: tuple[int, int]) -> list[Layout]:
    """Return the layouts of a field: of its formats and of ISO 8601, less those that two of its formats could read.

    Their shapes have the years from one to the other, both of four digits.
    """
    found: list[Layout] = []
    for form in [*formats, *map(DateFormat, _ISO_FORMATS[field_type])]:
        for layout, example in _of_format(field_type, form, years):
            if sum(other.could_read(example) for other in formats) < 2:
                found.append(layout)
    return found


def _of_format(field_type: FieldType, form: DateFormat, years: tuple[int, int]) -> Iterator[tuple[Layout, str]]:
    """Yield the layouts of a format, each with an example."""
    has = set(form.directives)
    if not has <= {*_WIDTHS, "z"} or (field_type == "datetime" and "M" not in has):
        return
    for written in ("Z", "+00:00") if "z" in has else ("",):
        example, places = "", dict[str, int]()
        for letter, literal in form.pieces:
            places[letter] = len(example)
            example += "0" * _WIDTHS[letter] if letter in _WIDTHS else written if letter else literal
        if example.isascii() and "\n" not in example:
            ending = written or ("" if field_type == "datetime" else "none")
            order = tuple(_order(field_type, places, written))
            is_iso = len(order) == len(example) and all(part in (at, example[at]) for at, part in enumerate(order))
            yield Layout(len(example), _shape(form, written, years), order, ending, is_iso), example


def _shape(form: DateFormat, written: str, years: tuple[int, int]) -> str:
    sure = {**_CLOCK, "Y": numerals_between(*map(str, years)), "z": _OFFSET if written == "+00:00" else written}
    shapes = (
        "".join(re.escape(literal) or {**sure, **days}[letter] for letter, literal in form.pieces) for days in _DAYS
    )
    return "|".join(dict.fromkeys(shapes))


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

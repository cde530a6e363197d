"""Fast paths: what is certainly a value, found in few passes over a whole column; all else goes to the slow function.

A fast path may only accept. It gets the transformed texts of a column and gives their values and the positions of the
suspects; the values there mean nothing. "" is blank and has no value.
"""

import re
from collections.abc import Callable, Collection, Sequence

import orjson

from longshore.domain.cells.fast_moments import MomentColumn
from longshore.domain.cells.fidelity import SHORTENED
from longshore.domain.cells.line_shape import LineShape
from longshore.domain.cells.proven_bounds import NUMBERS, YEARS, Range
from longshore.domain.cells.shapes import Shape, shape_of
from longshore.domain.cells.structures import compact
from longshore.domain.cells.texts import Texts
from longshore.domain.cells.value_types import EXACT_TYPES, MOMENT_TYPES, FieldType, Spelling
from longshore.domain.cells.values import moment_reader
from longshore.domain.records import Value

MEMO_LIMIT = 4096
"""How many distinct texts a column remembers; later ones are looked at each time."""

Accepted = tuple[list[Value], Collection[int]]
Accept = Callable[[Texts], Accepted]
Judge = Callable[[str], tuple[bool, Value]]
"""The slow function for one transformed text: whether nothing is to be said about it, and its value."""


def fast_path(field_type: FieldType, spelling: Spelling, judge: Judge, bounds: Range | None = None) -> Accept:
    """Return the fast path of a type, of values within the bounds; no other rules of the field are its business."""
    if field_type in EXACT_TYPES:
        return _exact
    if field_type in MOMENT_TYPES:
        return _moments(field_type, spelling, judge, bounds or YEARS)
    if field_type == "json":
        return _json
    if field_type == "list":
        return _listed(spelling.separator)
    if spelling.decimal_comma and spelling.native_numbers:
        return remembered(judge)
    return _shaped(shape_of(field_type, spelling.decimal_comma, bounds or NUMBERS))


def remembered(judge: Judge) -> Accept:
    """For columns of few distinct texts: booleans, enums, and what has no shape."""
    value_of = _Memo(judge).__getitem__

    def accept(column: Texts) -> Accepted:
        values = list(map(value_of, column.texts))
        if _SUSPECT not in values:
            return values, ()
        return values, [at for at, value in enumerate(values) if value == _SUSPECT]

    return accept


class _Memo(dict[str, Value]):
    """Remembers the values of texts; one that something is to be said about gives _SUSPECT and is not remembered."""

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self._judge = judge

    def __missing__(self, text: str) -> Value:
        fine, value = self._judge(text)
        if not fine:
            return _SUSPECT
        if len(self) < MEMO_LIMIT:
            self[text] = value
        return value


_SUSPECT = "\0suspect"
"""Stands for what must be looked at; should a value ever equal it, that one is merely looked at twice."""


def _exact(column: Texts) -> Accepted:
    return column.values(), _shortened(column) if "+" in column.text else ()


def _shortened(column: Texts) -> Sequence[int]:
    """Return the positions of texts such as 1.23E+11, see fidelity."""
    text = column.text
    if ("E" in text and "E+" in text) or ("e" in text and "e+" in text):
        return [at for at, cell in enumerate(column.texts) if "+" in cell and SHORTENED.fullmatch(cell)]
    return ()


def _shaped(shape: Shape) -> Accept:
    """For columns of many distinct texts: joined by line feeds, one match ends at the first text of another shape."""
    lines, longest = LineShape(shape.text), shape.longest

    def accept(column: Texts) -> Accepted:
        if not column.is_one_a_line:
            return [None] * len(column.texts), range(len(column.texts))
        if shape.stand_in is None:
            joined, others = column.joined, lines.others(column)
        else:
            joined, others = lines.mended(column, shape.stand_in)
        if longest is not None and max(map(len, column.texts)) > longest:
            others += [at for at, text in enumerate(column.texts) if len(text) > longest]
        return shape.convert(column, joined), others

    return accept


def _moments(field_type: FieldType, spelling: Spelling, judge: Judge, years: Range) -> Accept:
    reader = moment_reader(field_type, spelling)
    assert reader is not None
    moments, otherwise = MomentColumn(field_type, reader, years), remembered(judge)
    return lambda column: moments(column) or otherwise(column)


def _json(column: Texts) -> Accepted:
    """For JSON: parsed once, only to see that it is valid; the text is the value, less the spaces between its parts."""
    texts, joined = column.texts, column.text
    invalid = _invalid(texts) if max(map(len, texts)) <= _SURELY_SHALLOW else range(len(texts))
    if joined.count("\n") >= len(texts):
        return column.values(), range(len(texts))
    if not any(space in joined for space in " \t\r"):
        return column.values(), invalid
    if not invalid:
        return Texts(compact(joined).split("\n")).values(), ()
    wrong = set(invalid)
    return [None if not text or at in wrong else compact(text) for at, text in enumerate(texts)], invalid


def _invalid(texts: Sequence[str]) -> Sequence[int]:
    try:
        for _ in map(orjson.loads, filter(None, texts)):
            pass
    except orjson.JSONDecodeError:
        return [at for at, text in enumerate(texts) if text and not _is_json(text)]
    return ()


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


_SURELY_SHALLOW = 500
"""No JSON text of so few characters is nested too deep for any parser."""


def _listed(separator: str) -> Accept:
    """For lists without brackets, blank items and blanks around items."""
    end = re.escape(separator)
    item = rf"(?!{end})[^\s\[](?:(?!{end})[^\n])*+(?<![ \t])"
    plain = re.compile(rf"(?:(?:{item}(?:{end}{item})*+)?\n)*+".encode())

    def accept(column: Texts) -> Accepted:
        texts = column.texts
        others = [at for at, _, _ in column.other_lines(plain)] if column.is_one_a_line else range(len(texts))
        if column.has_blank:
            return [text.split(separator) if text else None for text in texts], others
        return [text.split(separator) for text in texts], others

    return accept

"""Checking whole columns: fast paths that may only accept, and one slow function per field that alone finds faults."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from longshore.domain.patterns import Pattern, outside
from longshore.domain.records import Scalar
from longshore.domain.row_errors import listed, shown
from longshore.domain.template_field import TemplateField
from longshore.domain.values import BadValue, parse_value

MEMO_LIMIT = 4096
"""How many distinct texts a column remembers; later ones are looked at each time."""


@dataclass(frozen=True)
class Fault:
    """A rule that a value breaks: a code of the catalogue and the data of its message."""

    code: str
    data: dict[str, Any] = field(default_factory=dict)


Faults = dict[int, list[Fault]]
"""Faults by position in the column; positions without faults are absent."""

Remark = tuple[int, str, str]
"""A notice about a cell: its position in the column, a code of the catalogue of warnings, and the text of the cell."""


class CheckedColumn(NamedTuple):
    """The canonical values of a column, the rules broken by position, and what a person should know."""

    values: list[Scalar]
    faults: Faults
    remarks: Sequence[Remark] = ()


CheckColumn = Callable[[Sequence[str]], CheckedColumn]


class FieldCheck:
    """The slow function of a field: the whole truth about one cell, and the only source of faults."""

    def __init__(self, template_field: TemplateField) -> None:
        self.field = template_field
        self.pattern = Pattern(template_field.pattern) if template_field.pattern is not None else None
        enum = template_field.enum
        self.allowed = None if enum is None else frozenset(parse_value(template_field.type, value) for value in enum)

    def __call__(self, text: str) -> tuple[Scalar, list[Fault]]:
        """Return the canonical value of a cell and every rule that it breaks."""
        try:
            value = parse_value(self.field.type, text)
        except BadValue as bad:
            return None, [Fault(bad.code, {"value": shown(text)})]
        if value is None:
            return None, [Fault("REQUIRED")] if self.field.required else []
        return value, list(self._broken(value, text))

    def _broken(self, value: Scalar, text: str) -> Iterable[Fault]:
        rules = self.field
        if self.allowed is not None and value not in self.allowed:
            yield Fault("NOT_IN_ENUM", {"value": shown(text), "allowed": listed(rules.enum or ())})
        if rules.min_length is not None and len(text) < rules.min_length:
            yield Fault("TOO_SHORT", {"value": shown(text), "length": len(text), "limit": rules.min_length})
        if rules.max_length is not None and len(text) > rules.max_length:
            yield Fault("TOO_LONG", {"value": shown(text), "length": len(text), "limit": rules.max_length})
        if self.pattern is not None and not self.pattern.matches(text):
            yield Fault("PATTERN_MISMATCH", {"value": shown(text), "pattern": shown(rules.pattern or "")})


Accept = Callable[[Sequence[str]], tuple[list[Scalar], Iterable[int]]]
"""A fast path: the values of a column, and the positions whose value only the slow function can tell."""


def column_check(template_field: TemplateField) -> CheckColumn:
    """Compile the check of a field's column."""
    slow = FieldCheck(template_field)
    accept = _fast_path(slow)
    required = template_field.required

    def check(column: Sequence[str]) -> CheckedColumn:
        values, suspects = accept(column)
        faults: Faults = {}
        if required and "" in column:
            suspects = {*suspects, *(at for at, text in enumerate(column) if not text)}
        for at in suspects:
            values[at], found = slow(column[at])
            if found:
                faults[at] = found
        return CheckedColumn(values, faults)

    return check


def _fast_path(slow: FieldCheck) -> Accept:
    rules = slow.field
    if rules.enum is not None or rules.type == "boolean":
        return _remembered(slow)
    if rules.type == "string":
        return _string(rules, slow.pattern)
    return _shaped(*_SHAPES[rules.type])


class _Memo(dict[str, Scalar]):
    """Remembers the values of texts; a text with faults gives _SUSPECT and is not remembered."""

    def __init__(self, slow: FieldCheck) -> None:
        super().__init__()
        self.slow = slow

    def __missing__(self, text: str) -> Scalar:
        value, faults = self.slow(text)
        if faults:
            return _SUSPECT
        if len(self) < MEMO_LIMIT:
            self[text] = value
        return value


_SUSPECT = "\0suspect"
"""Stands for a value that has faults; should a value ever equal it, that one is merely looked at twice."""


def _remembered(slow: FieldCheck) -> Accept:
    """For columns of few distinct texts: booleans and enums."""
    value_of = _Memo(slow).__getitem__

    def accept(column: Sequence[str]) -> tuple[list[Scalar], Iterable[int]]:
        values = list(map(value_of, column))
        if _SUSPECT not in values:
            return values, ()
        return values, [at for at, value in enumerate(values) if value == _SUSPECT]

    return accept


def _string(rules: TemplateField, pattern: Pattern | None) -> Accept:
    """For strings: the longest and the shortest are found in one pass each, the pattern matches all in one go."""
    least, most = rules.min_length or 0, rules.max_length

    def accept(column: Sequence[str]) -> tuple[list[Scalar], Iterable[int]]:
        suspects: set[int] = set()
        if most is not None and max(map(len, column)) > most:
            suspects.update(at for at, text in enumerate(column) if len(text) > most)
        if least and min(map(len, column)) < least:
            suspects.update(at for at, text in enumerate(column) if len(text) < least)
        if pattern is not None:
            suspects.update(pattern.misses(column))
        values: list[Scalar] = [text or None for text in column] if "" in column else list(column)
        return values, suspects

    return accept


def _trimmed(texts: Sequence[str]) -> list[Scalar]:
    """Return decimals without needless zeros; all are in plain notation already."""
    return [text if text[-1] != "0" or "." not in text else _without_zeros(text) for text in texts]


def _without_zeros(text: str) -> str:
    short = text.rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


_DAY = (
    "(?!0000)[0-9]{4}-"
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
"""Days that certainly exist: all but the 29th of February."""

_SHAPES: dict[str, tuple[str, Callable[[Sequence[str]], list[Scalar]]]] = {
    "integer": ("[+-]?[0-9]{1,18}", lambda texts: list(map(int, texts))),
    "decimal": (r"0|-?[1-9][0-9]{0,17}|-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}", _trimmed),
    "date": (_DAY, list),
    "datetime": (rf"{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z", list),
}
"""Shapes that are certainly values, and how such texts become them; any other text is for the slow function."""


def _shaped(shape: str, convert: Callable[[Sequence[str]], list[Scalar]]) -> Accept:
    """For columns of many distinct texts: joined by line feeds, one match ends at the first text of another shape."""
    lines = re.compile(rf"(?:(?:{shape})?\n)*+".encode())

    def accept(column: Sequence[str]) -> tuple[list[Scalar], Iterable[int]]:
        found = outside(lines, column)
        suspects: Sequence[int] = range(len(column)) if found is None else found
        if not suspects and "" not in column:
            return convert(column), ()
        left_out = set(suspects)
        sure = [at for at, text in enumerate(column) if text and at not in left_out]
        values: list[Scalar] = [None] * len(column)
        for at, value in zip(sure, convert([column[at] for at in sure]), strict=True):
            values[at] = value
        return values, suspects

    return accept

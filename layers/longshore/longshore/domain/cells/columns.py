"""Checking whole columns: fast paths that may only accept, and one slow function per field that alone finds faults."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple

from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.cells.cell_memo import LONGEST, CellMemo
from longshore.domain.cells.fast_paths import Accept, fast_path, remembered
from longshore.domain.cells.fast_rules import Rule, fast_rules
from longshore.domain.cells.fidelity import remarks
from longshore.domain.cells.field_rules import Breach
from longshore.domain.cells.null_markers import NullMarkers
from longshore.domain.cells.proven_bounds import proven_bounds
from longshore.domain.cells.texts import Texts
from longshore.domain.cells.transforms import Transforms
from longshore.domain.cells.value_types import EXACT_TYPES, BadValue, FieldType, Spelling
from longshore.domain.cells.values import moment_reader, parser
from longshore.domain.records import Value
from longshore.domain.rows.mask import MASK
from longshore.domain.templates.template_field import TemplateField


class Fault(NamedTuple):
    """A rule that a value breaks: a code of the catalogue and the data of its message."""

    code: str
    data: Mapping[str, Any] = MappingProxyType({})


FEW = 3
"""So few cells are checked one by one in less time than it takes to begin with a column."""

ALIKE = 64
"""So many of the cells that a slow function was asked about it remembers: what is wrong is often the same text."""

Faults = dict[int, list[Fault]]
"""Faults by position in the column; positions without faults are absent."""

Remark = tuple[int, str, str]
"""A notice about a cell: its position in the column, a code of the catalogue of warnings, and the text of the cell."""


class CheckedCell(NamedTuple):
    """The canonical value of a cell, every rule that it breaks, and the codes of what a person should know.

    Cells that are alike share it.
    """

    value: Value
    faults: list[Fault]
    remarks: Sequence[str] = ()


class CheckedColumn(NamedTuple):
    """The canonical values of a column, the rules broken by position, and what a person should know."""

    values: list[Value]
    faults: Faults
    remarks: Sequence[Remark] = ()


CheckColumn = Callable[[Sequence[str]], CheckedColumn]


class FieldCheck:
    """The slow function of a field: the whole truth about one cell, and the only source of faults.

    The order is: null marker, transforms, null marker again, blank (then the default), type, rules. `null_markers` are
    those of the file; `native_numbers` as in Spelling. Messages quote the cell as it stands in the file.
    """

    def __init__(
        self, template_field: TemplateField, null_markers: Sequence[str] = (), *, native_numbers: bool = False
    ) -> None:
        self.field = template_field
        self.spelling = replace(template_field.spelling, native_numbers=native_numbers)
        self.rules = template_field.rules(self.spelling)
        self.markers = NullMarkers((*null_markers, *template_field.null_markers), template_field.type)
        self.transforms = Transforms(template_field.transforms)
        self.shown = _hidden if template_field.sensitive else shown
        self.default = self._default()
        self._parse = parser(template_field.type, self.spelling)
        self._remarks = remarks(template_field.type, self.spelling)
        self._data = _advice(template_field.type, self.spelling)
        self._longest = LONGEST if template_field.type != "list" else -1  # a list is not shared between rows
        self._remembered = lru_cache(ALIKE)(self._checked)

    def __call__(self, cell: str) -> CheckedCell:
        """Return the canonical value of a cell, every rule that it breaks, and what is to be remarked about it."""
        return self._remembered(cell) if len(cell) <= self._longest else self._checked(cell)

    def _checked(self, cell: str) -> CheckedCell:
        text = self.markers.one(cell)
        try:
            if self.transforms:
                text = self.markers.one(self.transforms.one(text))
        except BadValue as bad:
            return CheckedCell(None, [Fault(bad.code, {"value": self.shown(cell)})])
        return self.judged(text, cell)

    def judged(self, text: str, cell: str) -> CheckedCell:
        """Return what there is to say about a cell that the transforms made a text of."""
        try:
            value = self._parse(text)
        except BadValue as bad:
            return CheckedCell(None, [Fault(bad.code, {"value": self.shown(cell), **self._data})])
        if value is None:
            is_missing = self.field.required and self.default is None
            return CheckedCell(self.default, [Fault("REQUIRED")] if is_missing else [])
        faults = [self._fault(breach, cell) for breach in self.rules.broken(value)]
        return CheckedCell(value, faults, () if faults else self._remarks(text))

    def is_fine(self, text: str) -> tuple[bool, Value]:
        """Whether there is nothing to say about a text that the transforms made, and its value."""
        if self.markers.one(text) != text:  # a marker with blanks around it
            return False, None
        value, faults, found = self.judged(text, text)
        return not faults and not found, value

    def _fault(self, breach: Breach, cell: str) -> Fault:
        data = {"value": self.shown(cell if breach.item is None else breach.item), **breach.data}
        if "allowed" in data:
            data["allowed"] = listed(data["allowed"])
        if "pattern" in data:
            data["pattern"] = shown(data["pattern"])
        return Fault(breach.code, data)

    def _default(self) -> Value:
        default = self.field.default
        return None if default is None else self.rules.check("default", default)


def _advice(kind: FieldType, spelling: Spelling) -> dict[str, str]:
    """Return how a value is to be written, as the message about one of another type says it."""
    if kind == "decimal":
        return {"example": "-1234,56" if spelling.decimal_comma and not spelling.native_numbers else "-1234.56"}
    reader = moment_reader(kind, spelling)
    return {"formats": reader.expected} if reader else {}


def column_check(
    template_field: TemplateField, null_markers: Sequence[str] = (), *, native_numbers: bool = False
) -> CheckColumn:
    """Compile the check of a field's column; for the arguments see FieldCheck."""
    slow = FieldCheck(template_field, null_markers, native_numbers=native_numbers)
    accept, rules = _compiled(slow)
    needs_value = template_field.required and slow.default is None

    def check(column: Sequence[str]) -> CheckedColumn:
        if len(column) <= FEW:
            return _with_faults(slow, column, [None] * len(column), range(len(column)))
        changed, too_long = _transformed(slow, column)
        texts = Texts(changed)
        values, others = accept(texts)
        suspects = {*too_long, *others}
        suspects.update(_breaking(rules, values, texts, suspects))
        if needs_value:
            suspects.update(texts.blanks())
        if slow.default is not None and None in values:
            values = [slow.default if value is None else value for value in values]
        return _with_faults(slow, column, values, suspects)

    if template_field.type == "list" or (template_field.type in EXACT_TYPES and not slow.transforms):
        return check
    memo = CellMemo(check)
    return lambda column: CheckedColumn(*memo(column))


def _transformed(slow: FieldCheck, column: Sequence[str]) -> tuple[Sequence[str], Sequence[int]]:
    """Return the texts that the transforms make of a column, and the positions of those that they could not."""
    if not slow.transforms:
        return (slow.markers.every if slow.field.type == "json" else slow.markers.column)(column), ()
    texts, too_long = slow.transforms.column(slow.markers.every(column))
    return slow.markers.every(texts), too_long


def _breaking(rules: Sequence[Rule], values: list[Value], texts: Texts, suspects: Collection[int]) -> Iterable[int]:
    """Return the positions of values that may break a rule."""
    if not rules:
        return ()
    if suspects:  # their values mean nothing, and one too great would have each value compared
        sound = next((value for at, value in enumerate(values) if value is not None and at not in suspects), None)
        for at in suspects:
            values[at] = sound
    return chain.from_iterable(rule(values, texts) for rule in rules)


def _with_faults(
    slow: FieldCheck, column: Sequence[str], values: list[Value], suspects: Collection[int]
) -> CheckedColumn:
    """Ask the slow function about every suspect."""
    faults: Faults = {}
    found: list[Remark] = []
    for at in sorted(suspects):
        values[at], broken, codes = slow(column[at])
        if broken:
            faults[at] = broken
        for code in codes:
            found.append((at, code, _hidden(column[at]) if slow.field.sensitive else column[at]))
    return CheckedColumn(values, faults, found)


def _is_remembered(template_field: TemplateField) -> bool:
    """Whether the column has few distinct texts, as far as the template tells."""
    return template_field.type == "boolean" or (template_field.enum is not None and template_field.type != "list")


def _compiled(slow: FieldCheck) -> tuple[Accept, list[Rule]]:
    """Return the fast path of a field, and the rules that its values may break all the same."""
    if _is_remembered(slow.field):
        return remembered(slow.is_fine), []
    kind, spelling = slow.field.type, slow.spelling
    bounds = proven_bounds(kind, spelling, slow.rules)
    accept = fast_path(kind, spelling, slow.is_fine, bounds)
    return accept, fast_rules(kind, slow.rules, bounded=bounds is not None)


def _hidden(_: str) -> str:
    return MASK

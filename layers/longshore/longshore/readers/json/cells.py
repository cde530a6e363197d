"""From JSON records to the cells of columns: values found by their paths, and written as the texts that cells are."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import shown
from longshore.domain.chunk import CellFault
from longshore.domain.json_path import parse_path, path_text
from longshore.domain.parse_plan import Column, ParsePlan
from longshore.readers.json.values import compact, kind_of

_PLAIN = {None: "", True: "true", False: "false"}
_PLAIN_TYPES = {str, bool, type(None)}
_NOTHING: dict[str, Any] = {}
_MANY = 20
"""Of more keys than these it is found out which ones no record of a chunk has, as soon as one record lacks one."""

MAX_CELLS = 250_000_000
"""Cells that are looked up in all, a minute or two of work; only records of few keys among many columns have more."""


@dataclass
class _Node:
    """A place in the records: the column that is read there, if any, and the keys looked up inside of it."""

    path: tuple[str, ...] = ()
    column: Column | None = None
    inside: dict[str, "_Node"] = field(default_factory=dict)

    def columns(self) -> Iterable[Column]:
        """Yield the columns that are read here or inside."""
        if self.column:
            yield self.column
        for node in self.inside.values():
            yield from node.columns()


@dataclass
class Cells:
    """The cells of some records, column by column; `extra` by position in the chunk and then by path.

    The text of a record may stand in `overlap` cells, one inside of the other.
    """

    columns: list[list[str]]
    faults: list[CellFault] = field(default_factory=list)
    extra: dict[int, dict[str, str]] = field(default_factory=dict)
    overlap: int = 1


class CellReader:
    """Looks up the cells of the columns of a plan; an absent key and null are blank."""

    def __init__(self, plan: ParsePlan) -> None:
        self._width = plan.width
        self._policy = plan.unknown_columns
        self._root = _Node()
        self._overlap = 1
        self._looked_up = 0
        for column in plan.columns:
            node = self._root
            keys = parse_path(column.header)
            self._overlap = max(self._overlap, len(keys))
            for key in keys:
                node = node.inside.setdefault(key, _Node((*node.path, key)))
            node.column = column
        self.needs_marked_numbers = self._policy == "keep" or any(
            column.field is None or column.nested for column in plan.columns
        )

    def cells(self, records: Sequence[Mapping[str, Any]]) -> Cells:
        """Return the cells of some records; raise FileRejected (TOO_MANY_BLANK_CELLS) where too many were looked up."""
        blank = [""] * len(records)
        cells = Cells([blank] * self._width, overlap=self._overlap)
        self._look_inside(self._root, records, cells)
        _refuse_lone_surrogates(cells)
        if self._looked_up > MAX_CELLS:
            raise file_rejected("TOO_MANY_BLANK_CELLS", columns=self._width, limit=MAX_CELLS)
        return cells

    def _look_inside(self, node: _Node, objects: Sequence[Mapping[str, Any]], cells: Cells) -> None:
        whole = True
        here: Container[str] = node.inside
        for key, inner in node.inside.items():
            if key not in here:
                self._leave_blank(inner, len(objects), cells)
                continue
            self._looked_up += len(objects)
            try:
                values = list(map(itemgetter(key), objects))
            except KeyError:
                if whole and len(node.inside) > _MANY:
                    here = set().union(*objects)
                whole = False
                values = [found.get(key) for found in objects]
            if inner.column:
                cells.columns[inner.column.position - 1] = _texts(inner.column, values, cells.faults)
            if inner.inside:
                self._look_inside(inner, self._objects(inner, values, cells), cells)
        if self._policy == "ignore" or node.column or (whole and set(map(len, objects)) == {len(node.inside)}):
            return
        if unknown := set().union(*objects) - node.inside.keys():
            self._unknown(node, unknown, objects, cells)

    def _leave_blank(self, node: _Node, count: int, cells: Cells) -> None:
        """Give the columns of a key that no record has the cells that they have had from the start, or of their own."""
        for column in node.columns():
            if column.field:  # what is read into a field may be changed in place
                self._looked_up += count
                cells.columns[column.position - 1] = [""] * count

    def _objects(self, node: _Node, values: list[Any], cells: Cells) -> Sequence[Mapping[str, Any]]:
        """Return values as objects to look into: arrays by position, null as empty, anything else is a fault."""
        if set(map(type, values)) == {dict}:
            return values
        objects: list[Mapping[str, Any]] = []
        for at, value in enumerate(values):
            if isinstance(value, dict):
                objects.append(value)
                continue
            objects.append({str(n): item for n, item in enumerate(value)} if isinstance(value, list) else _NOTHING)
            if value not in (None, "") and not isinstance(value, list) and not node.column:
                self._no_object(node, at, value, cells)
        return objects

    def _no_object(self, node: _Node, at: int, value: Any, cells: Cells) -> None:
        mapped = [column for column in node.columns() if column.field]
        data = {"path": shown(path_text(node.path)), "kind": kind_of(value)}
        cells.faults += [CellFault(at, column.position, "NOT_NESTED", data) for column in mapped]
        if not mapped and self._policy == "keep":
            cells.extra.setdefault(at, {})[path_text(node.path)] = _text(value)

    def _unknown(self, node: _Node, unknown: set[str], objects: Sequence[Mapping[str, Any]], cells: Cells) -> None:
        """Judge keys that no column names: they come for the first time after the beginning of the file."""
        for at, found in enumerate(objects):
            for key in unknown.intersection(found):
                path = path_text((*node.path, key))
                if self._policy == "reject":
                    cells.faults.append(CellFault(at, None, "UNKNOWN_KEY", {"key": shown(path)}))
                elif found[key] not in (None, ""):
                    cells.extra.setdefault(at, {})[path] = _text(found[key])


def _texts(column: Column, values: list[Any], faults: list[CellFault]) -> list[str]:
    """Return the cells of a column."""
    types = set(map(type, values))
    if column.nested == "any":
        return ["" if value is None else compact(value) for value in values]
    if types == {str}:
        return values
    if types <= _PLAIN_TYPES:
        return [value if type(value) is str else _PLAIN[value] for value in values]
    if column.field and not types.isdisjoint((dict, list)):
        values = [_scalar_or_fault(column, at, value, faults) for at, value in enumerate(values)]
    return list(map(_text, values))


def _scalar_or_fault(column: Column, at: int, value: Any, faults: list[CellFault]) -> Any:
    if not isinstance(value, dict | list) or (column.nested == "list" and isinstance(value, list)):
        return value
    inner = "0" if isinstance(value, list) else next(iter(value), "key")
    data = {"kind": kind_of(value), "path": shown(path_text((*parse_path(column.header), inner)))}
    faults.append(CellFault(at, column.position, "NOT_A_SCALAR", data))
    return None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    return compact(value) if isinstance(value, dict | list) else _PLAIN[value]


def _refuse_lone_surrogates(cells: Cells) -> None:
    """Blank the cells that cannot be stored as UTF-8, with a fault for each."""
    for position, column in enumerate(cells.columns, start=1):
        if not _is_unicode("".join(column)):
            bad = [at for at, text in enumerate(column) if not _is_unicode(text)]
            cells.faults += [CellFault(at, position, "LONE_SURROGATE") for at in bad]
            cells.columns[position - 1] = ["" if at in set(bad) else text for at, text in enumerate(column)]
    for at, extra in list(cells.extra.items()):
        if not all(_is_unicode(path + text) for path, text in extra.items()):
            cells.faults.append(CellFault(at, None, "LONE_SURROGATE"))
            del cells.extra[at]


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

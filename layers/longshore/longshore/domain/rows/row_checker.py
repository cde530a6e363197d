"""The row checker: a template version and a parse plan compiled once, then chunk after chunk checked by columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from longshore.domain.catalogue.row_errors import RowError, shown
from longshore.domain.cells.columns import Fault, column_check
from longshore.domain.chunk import Chunk, Notice
from longshore.domain.parse_plan import EXTRA_CELLS, Column, ParsePlan
from longshore.domain.records import EXTRA, Value
from longshore.domain.rows.extra_cells import ExtraCells
from longshore.domain.rows.judging import Court, Judge
from longshore.domain.rows.key_check import KeyCheck
from longshore.domain.rows.masking import Masking, masked
from longshore.domain.rows.part_keys import PartKeys
from longshore.domain.rows.raw_texts import RawPiece
from longshore.domain.rows.repeated_header import RepeatedHeader
from longshore.domain.rows.row_columns import RowColumns
from longshore.domain.rows.row_faults import RowFaults
from longshore.domain.rows.row_notices import notices_of
from longshore.domain.rows.row_size import RowSize
from longshore.domain.rows.rule_check import rules_of
from longshore.domain.rows.uniqueness import Scratch, unique_rules
from longshore.domain.templates.template import Template


@dataclass(frozen=True)
class Checked:
    """What became of a chunk: accepted rows with their raw texts, and every error of the others in file order.

    `notices` are the chunk's own and those of the checks. Nothing in it but `rows` shows a value of a sensitive field.
    """

    rows: RowColumns
    raw: RawPiece
    errors: list[RowError]
    rejected: int
    notices: list[Notice] = field(default_factory=list)


class RowChecker:
    """Checks the rows of one part, in order, because it remembers the keys that it has met.

    `at` is the timestamp of its errors. `scratch` makes the files in which it keeps some 20 bytes a row (see KeyPages)
    for the key and for each unique rule; whoever gives it closes them. `keys` are shared by the parts of one record
    type. What only the records can tell is for `judges`, and for the loading.

    `fields` are the names of the values of a row: those of the mapped columns, and EXTRA where the rest is kept.
    """

    def __init__(
        self,
        template: Template,
        plan: ParsePlan,
        tenant: str,
        at: str,
        scratch: Scratch,
        keys: PartKeys | None = None,
        judges: Sequence[Judge] = (),
    ) -> None:
        self._at = at
        self._columns = {column.field: column for column in plan.mapped if column.field is not None}
        self._places = {column.position: column for column in plan.columns}
        by_name = {f.name: f for f in template.fields}
        mapped = [by_name[name] for name in self._columns]
        native = plan.native_numbers
        self._checks = [column_check(field, plan.null_markers, native_numbers=native) for field in mapped]
        self._keys = KeyCheck(template, tenant, keys or PartKeys(scratch()))
        self._key_column = self._columns[template.key[0]] if len(template.key) == 1 else None
        self._unique = unique_rules(template, self._columns, scratch)
        self._rules, unchecked = rules_of(template, self._columns)
        self._masking = Masking(template, plan)
        self._repeated_header = RepeatedHeader(plan, self._masking.hides)
        self._court = Court(judges, self._columns, self._masking.hides)
        self._extra = ExtraCells(plan)
        self._size = RowSize(mapped)
        self._first_notices = [Notice("RULE_NOT_CHECKED", 0, None, {"value": told}) for told in unchecked]
        self.fields = [*self._columns, *([EXTRA] if self._extra.kept else [])]

    def check(self, chunk: Chunk) -> Checked:
        """Check every rule on every row; a row with any error is rejected with all of them."""
        faults = RowFaults()
        notices, self._first_notices = self._first_notices + list(map(self._masking.notice, chunk.notices)), []
        texts = chunk.columns
        chunk = self._repeated_header.set_apart(chunk, texts, faults)
        values = self._check_columns(chunk, texts, faults, notices)
        self._check_rows(chunk, values, faults)
        if self._extra.kept:
            values.append(self._extra.column(chunk, texts))
        self._size.check(chunk, values, faults)
        self._court.check(chunk, dict(zip(self.fields, values, strict=True)), faults)
        raw, span = self._masking.raw(chunk)
        errors = faults.errors(chunk, raw, self._masking.broken, self._at)
        rows = RowColumns(list(chunk.rows), list(chunk.lines), values)
        rows.leave_out(faults)
        return Checked(rows, RawPiece(raw, faults.keys(), span), errors, len(faults) + len(chunk.broken), notices)

    def _check_columns(
        self, chunk: Chunk, texts: Sequence[Sequence[str]], faults: RowFaults, notices: list[Notice]
    ) -> list[list[Value]]:
        """Return the values of each field, None where the cell has a fault."""
        if not chunk.cells:
            return [[] for _ in self._columns]
        told = self._check_cells(chunk, faults)
        noticed = {(notice.code, notice.column) for notice in chunk.notices}  # a reader that counts, counts them all
        found_values: list[list[Value]] = []
        for column, check in zip(self._columns.values(), self._checks, strict=True):
            values, found, remarks = check(texts[column.position - 1])
            hidden = self._masking.hides(column.position)
            for at, broken_rules in found.items():
                values[at] = None
                if (at, column.position) not in told:
                    for fault in broken_rules:
                        faults.put(at, column, Fault(fault.code, masked(fault.data)) if hidden else fault)
            for at in faults.unknown.get(column.field or "", ()):
                values[at] = None
            if remarks:
                of_column = notices_of(remarks, column.position, chunk.lines)
                notices += [self._masking.notice(n) for n in of_column if (n.code, n.column) not in noticed]
            found_values.append(values)
        return found_values

    def _check_cells(self, chunk: Chunk, faults: RowFaults) -> set[tuple[int, int]]:
        """Take the faults that the reader found, and return their places: a cell that it gives up has no others."""
        told = set(chunk.unknown)
        for at, position in told:
            faults.unknown.setdefault(self._places[position].field or "", set()).add(at)
        for fault in chunk.faults:
            place = self._places.get(fault.column or 0)
            if place is not None and place.field is None and place.reason != "extra" and place.header != EXTRA_CELLS:
                continue
            data = masked(fault.data) if self._masking.hides(fault.column) else fault.data
            faults.put(fault.at, place, Fault(fault.code, data))
            told.add((fault.at, fault.column or 0))
        for at, path in self._masking.secret_keys(chunk):  # a report could neither show it nor bring it back
            faults.put(at, None, Fault("UNKNOWN_KEY", {"key": shown(path)}))
        return told

    def _check_rows(self, chunk: Chunk, values: Sequence[Sequence[Value]], faults: RowFaults) -> None:
        """Check what concerns several rows, or several fields of one."""
        by_field = dict(zip(self._columns, values, strict=True))
        repeated: list[tuple[int, Column | None, Fault]] = []
        keyless = faults.at_columns(self._keys.fields)
        for at, found in self._keys.check(by_field, chunk.rows, keyless).items():
            repeated += [(at, self._key_column, fault) for fault in found]
        for unique in self._unique:
            place = self._columns[unique.fields[0]] if len(unique.fields) == 1 else None
            unsound = faults.at_columns(unique.fields)
            repeated += [(at, place, fault) for at, fault in unique.check(by_field, chunk.rows, unsound).items()]
        for rule in self._rules:
            rule.check(by_field, len(chunk.cells), faults)
        # Only now, because a value that was met before is sound, and other rules are judged by it.
        for at, place, fault in repeated:
            faults.put(at, place, fault)


def too_many_rejected(rejected: int, rows: int, max_percent: float, max_rows: int | None = None) -> bool:
    """Whether more than `max_percent` of the rows are rejected, or more of them than `max_rows`."""
    return rejected * 100 > max_percent * rows or (max_rows is not None and rejected > max_rows)

"""The row checker: a template version and a parse plan compiled once, then chunk after chunk checked by columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from longshore.domain.chunk import Chunk
from longshore.domain.columns import Fault, column_check
from longshore.domain.key_check import UTF8_BYTES, KeyCheck
from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.records import Scalar
from longshore.domain.row_errors import RowError, row_error
from longshore.domain.template import Template

ROW_BYTES = 350 * 1024
"""Largest data of a record: a DynamoDB item holds 400 KB (developer guide, "Quotas"), key and stamps included."""

Row = tuple[Scalar, ...]
"""An accepted row: row number, line, then the canonical values of the fields in the order of the file."""

ColumnFaults = dict[int, list[tuple[Column | None, Fault]]]
"""What is wrong by position in the chunk; a fault without a column is one of the whole record."""


@dataclass(frozen=True)
class Checked:
    """What became of a chunk: accepted rows with their raw texts, and every error of the others in file order."""

    rows: list[Row]
    raw: list[str]
    errors: list[RowError]
    rejected: int


class RowChecker:
    """Checks the rows of one file, in order, because it remembers the keys that it has met.

    `at` is the timestamp of its errors. What only the records can tell (mode insert) is checked when loading.
    """

    def __init__(self, template: Template, plan: ParsePlan, tenant: str, at: str) -> None:
        self._at = at
        self._columns = plan.mapped
        self.fields = [column.field for column in self._columns if column.field is not None]
        by_name = {f.name: f for f in template.fields}
        self._checks = [column_check(by_name[name]) for name in self.fields]
        self._key_at = [self.fields.index(name) for name in template.key]
        self._key_column = self._columns[self._key_at[0]] if len(self._key_at) == 1 else None
        self._keys = KeyCheck(template, tenant, BytesIO())
        self._names_bytes = sum(len(name.encode()) + 1 for name in self.fields)

    def check(self, chunk: Chunk) -> Checked:
        """Check every rule on every row; a row with any error is rejected with all of them."""
        faults: ColumnFaults = {}
        values = self._check_columns(chunk, faults)
        self._check_keys(chunk, values, faults)
        self._check_sizes(chunk, faults)
        rows: list[Row] = list(zip(chunk.rows, chunk.lines, *values, strict=True))
        raw = list(chunk.raw)
        if faults:
            rows = [row for at, row in enumerate(rows) if at not in faults]
            raw = [text for at, text in enumerate(raw) if at not in faults]
        return Checked(rows, raw, self._errors(chunk, faults), len(faults) + len(chunk.broken))

    def _check_columns(self, chunk: Chunk, faults: ColumnFaults) -> list[list[Scalar]]:
        if not chunk.cells:
            return [[] for _ in self._columns]
        texts = list(zip(*chunk.cells, strict=True))
        all_values = []
        for column, check in zip(self._columns, self._checks, strict=True):
            values, found, _ = check(texts[column.position - 1])
            all_values.append(values)
            for at, broken_rules in found.items():
                faults.setdefault(at, []).extend((column, fault) for fault in broken_rules)
        return all_values

    def _check_keys(self, chunk: Chunk, values: Sequence[Sequence[Scalar]], faults: ColumnFaults) -> None:
        key_columns = [self._columns[at] for at in self._key_at]
        keyless = {at for at, found in faults.items() if any(column in key_columns for column, _ in found)}
        found = self._keys.check(dict(zip(self.fields, values, strict=True)), chunk.rows, keyless)
        for at, key_faults in found.items():
            faults.setdefault(at, []).extend((self._key_column, fault) for fault in key_faults)

    def _check_sizes(self, chunk: Chunk, faults: ColumnFaults) -> None:
        if self._names_bytes + UTF8_BYTES * chunk.longest <= ROW_BYTES:
            return
        positions = [column.position - 1 for column in self._columns]
        for at, cells in enumerate(chunk.cells):
            size = self._names_bytes + sum(len(cells[position].encode()) for position in positions)
            if size > ROW_BYTES:
                faults.setdefault(at, []).append((None, Fault("ROW_TOO_LARGE", {"bytes": size, "limit": ROW_BYTES})))

    def _errors(self, chunk: Chunk, faults: ColumnFaults) -> list[RowError]:
        errors = [
            row_error(
                fault.code,
                row=chunk.rows[at],
                line=chunk.lines[at],
                raw=chunk.raw[at],
                at=self._at,
                column=column.position if column else None,
                field=column.field if column else None,
                **fault.data,
            )
            for at, found in faults.items()
            for column, fault in found
        ]
        errors += [row_error(b.code, row=b.row, line=b.line, raw=b.raw, at=self._at, **b.data) for b in chunk.broken]
        return sorted(errors, key=_place)


def _place(error: RowError) -> tuple[int, int]:
    return error.row, error.column or 0


def too_many_rejected(rejected: int, rows: int, max_percent: float) -> bool:
    """Whether more than `max_percent` of the rows are rejected."""
    return rejected * 100 > max_percent * rows

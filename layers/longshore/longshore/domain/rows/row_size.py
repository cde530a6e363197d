"""The rule on the size of a row: its values must fit into one record of the destination."""

from collections.abc import Sequence

from longshore.domain.cells.columns import Fault
from longshore.domain.cells.transforms import CASE_GROWTH, Transforms
from longshore.domain.chunk import Chunk
from longshore.domain.records import Value
from longshore.domain.rows.key_check import UTF8_BYTES
from longshore.domain.rows.row_faults import RowFaults
from longshore.domain.templates.template_field import TemplateField

ROW_BYTES = 350 * 1024
"""Largest data of a record: a DynamoDB item holds 400 KB (developer guide, "Quotas"), key and stamps included."""

GROWTH_BYTES = 140
"""Most bytes that a cell gains on becoming a value: a decimal of magnitude 1E+125 in plain notation."""


class RowSize:
    """Measures rows, unless their texts are so short that none can be too large.

    A value may be much longer than its cell where the field has a default, or a transform that makes texts longer.
    """

    def __init__(self, fields: Sequence[TemplateField]) -> None:
        self._names = sum(len(field.name.encode()) for field in fields)
        self._least = self._names + GROWTH_BYTES * len(fields)
        self._growing = [
            at for at, field in enumerate(fields) if field.default or Transforms(field.transforms).growth > 1
        ]
        self._cases = CASE_GROWTH if any(field.transforms for field in fields) else 1

    def check(self, chunk: Chunk, values: Sequence[Sequence[Value]], faults: RowFaults) -> None:
        """Add a fault for each row that does not fit."""
        if not chunk.cells:
            return
        longest = chunk.longest * self._cases + sum(max(map(len, map(str, values[at]))) for at in self._growing)
        if self._least + UTF8_BYTES * longest <= ROW_BYTES:
            return
        for at, row in enumerate(zip(*values, strict=True)):
            size = self._names + sum(map(_bytes, row))
            if size > ROW_BYTES:
                faults.put(at, None, Fault("ROW_TOO_LARGE", {"bytes": size, "limit": ROW_BYTES}))


def _bytes(value: Value) -> int:
    return 0 if value is None else len(str(value).encode())

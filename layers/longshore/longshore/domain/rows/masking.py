"""Sensitive fields: what is shown instead of their values in errors, warnings and raw texts."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from longshore.domain.catalogue.row_errors import RAW_LIMIT
from longshore.domain.chunk import Broken, Chunk, Notice, Span
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.rows.mask import MASK
from longshore.domain.rows.sensitive_paths import secret_headers, sensitive_columns, sensitive_fields
from longshore.domain.templates.template import Template

HIDDEN_RECORD = "(not shown: the template has sensitive fields, and which cells of this record hold them is unknown)"
"""Stands for the text of a record whose cells could not be told apart."""

TEMPLATE_DATA = frozenset(
    {"allowed", "example", "format", "formats", "function", "limit", "pattern", "record_type", "separator", "type"}
)
"""Data of messages that come from the template; any other text may come from a cell and is masked."""


def masked(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a message without anything that may be read off a cell; numbers stay."""
    return {
        name: MASK if isinstance(value, str) and name not in TEMPLATE_DATA else value for name, value in data.items()
    }


class Masking:
    """Hides the sensitive cells of one part; a template without sensitive fields is shown as it is."""

    def __init__(self, template: Template, plan: ParsePlan) -> None:
        self._active = bool(sensitive_fields(template))
        self._is_secret = secret_headers(template)
        self._positions = frozenset(sensitive_columns(template, plan))

    def hides(self, column: int | None) -> bool:
        """Whether the cells of the column at this 1-based position are sensitive."""
        return column in self._positions

    def secret_keys(self, chunk: Chunk) -> Iterator[tuple[int, str]]:
        """Yield what no column takes but may be sensitive: its position in the chunk, and its path."""
        for at, cells in chunk.extra.items() if self._active else ():
            yield from ((at, path) for path in cells if self._is_secret(path))

    def raw(self, chunk: Chunk) -> tuple[Sequence[str], Span | None]:
        """Return the raw texts of the records, and where they lie in the upload.

        With sensitive fields they are lines of CSV made of the cells, which lie nowhere.
        """
        if self._active and chunk.cells:
            return _lines(chunk.cells, self._positions), None
        return chunk.raw, chunk.span

    def broken(self, record: Broken) -> Broken:
        """Return a broken record as it may be shown."""
        return replace(record, raw=HIDDEN_RECORD, data=masked(record.data)) if self._active else record

    def notice(self, notice: Notice) -> Notice:
        """Return a notice as it may be shown; one of a whole record may quote any of its cells."""
        if self.hides(notice.column) or (self._active and notice.column is None and notice.line):
            return replace(notice, data=masked(notice.data))
        return notice


def _lines(cells: Sequence[Sequence[str]], masked_positions: Collection[int]) -> list[str]:
    lines: list[str] = []
    columns: list[Sequence[str]] = list(zip(*cells, strict=True))
    for position in masked_positions:
        columns[position - 1] = [text and MASK for text in columns[position - 1]]
    csv.writer(SimpleNamespace(write=lines.append), lineterminator="").writerows(zip(*columns, strict=True))
    return [line[:RAW_LIMIT] for line in lines]

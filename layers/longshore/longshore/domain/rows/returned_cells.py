"""Cells of a report of rejected rows that stand for others: what they stood for is put back before anything is checked.

A sensitive cell is shown as the mask; left as it is it takes the original, which whoever validated the row has kept.
One that could not be read in the file is shown as NOT_READ, and is wrong until something else is typed.
What no column of the file took is one JSON object in a column of its own.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from longshore.domain.catalogue.row_errors import shown
from longshore.domain.chunk import CellFault, Chunk, Table
from longshore.domain.parse_plan import EXTRA_CELLS, ROW_ID, ParsePlan
from longshore.domain.rows.mask import MASK, NOT_READ
from longshore.domain.rows.sensitive_paths import sensitive_columns
from longshore.domain.templates.template import Template

Originals = Callable[[Collection[str]], Mapping[str, Mapping[str, str]]]
"""Gives, by row id, the texts of the sensitive cells of reported rows by field; rows that are gone are left out."""

Place = tuple[int, int]
"""Position in a chunk, and 1-based column."""


class ReturnedCells:
    """Puts originals back into the chunks of a part, and says what its own are; other parts stay as they are.

    Without `originals` masked cells are unknown: nothing is said about them.
    """

    def __init__(self, template: Template, plan: ParsePlan, originals: Originals | None) -> None:
        self._sensitive = sensitive_columns(template, plan)
        self._ids = plan.report_column(ROW_ID)
        self._extra = plan.report_column(EXTRA_CELLS)
        self._keeps_extra = "keep" in (plan.extra_cells, plan.unknown_columns)
        self._originals = originals

    def put_back(self, chunk: Chunk) -> Chunk:
        """Return the chunk as the rows were before they were reported; edited cells count as typed."""
        if not self._ids or not chunk.rows:
            return chunk
        if self._extra and self._keeps_extra:
            chunk = self._with_extra(chunk, chunk.columns[self._extra - 1])
        chunk = _with_unread(chunk)
        masked = [
            (at, position)
            for position in self._sensitive
            for at, text in enumerate(chunk.columns[position - 1])
            if text == MASK
        ]
        if not masked:
            return chunk
        if self._originals is None:
            return replace(chunk, unknown=masked)
        return self._unmasked(chunk, masked, self._originals)

    def originals(self, chunk: Chunk) -> dict[str, object] | None:
        """Return the sensitive cells of all rows of a chunk as they are kept, None where there are none.

        `{"fields": [name, …], "rows": [(row, text, …), …]}`. Of all rows, because one may be refused as late as while
        it is loaded.
        """
        if not self._sensitive or not chunk.rows:
            return None
        columns = [chunk.columns[position - 1] for position in self._sensitive]
        return {"fields": list(self._sensitive.values()), "rows": list(zip(chunk.rows, *columns, strict=True))}

    def _unmasked(self, chunk: Chunk, masked: Iterable[Place], originals: Originals) -> Chunk:
        columns = list(chunk.columns)
        ids = columns[(self._ids or 0) - 1]
        found = originals({ids[at] for at, _ in masked})
        faults, longest = list(chunk.faults), dict.fromkeys(self._sensitive, 0)
        for position in self._sensitive:
            columns[position - 1] = list(columns[position - 1])
        for at, position in masked:
            text = found.get(ids[at], {}).get(self._sensitive[position])
            if text is None:
                faults.append(CellFault(at, position, "MASKED_VALUE_GONE"))
            else:
                longest[position] = max(longest[position], len(text))
            _column_of(columns, position)[at] = text or ""
        return replace(chunk, cells=Table(columns), faults=faults, longest=chunk.longest + 2 * sum(longest.values()))

    def _with_extra(self, chunk: Chunk, texts: Sequence[str]) -> Chunk:
        extra, faults = dict(chunk.extra), list(chunk.faults)
        for at, text in enumerate(texts):
            cells = extra_of(text)
            if cells is None:
                faults.append(CellFault(at, self._extra, "NOT_JSON", {"value": shown(text)}))
            elif cells:
                extra[at] = {**cells, **extra.get(at, {})}
        return replace(chunk, extra=extra, faults=faults)


def _with_unread(chunk: Chunk) -> Chunk:
    faults = [
        CellFault(at, position, "CELL_NOT_READ", {"value": NOT_READ})
        for position, texts in enumerate(chunk.columns, start=1)
        if NOT_READ in texts
        for at, text in enumerate(texts)
        if text == NOT_READ
    ]
    return replace(chunk, faults=[*chunk.faults, *faults]) if faults else chunk


def _column_of(columns: list[Sequence[str]], position: int) -> list[str]:
    column = columns[position - 1]
    assert isinstance(column, list)
    return column


def extra_text(cells: Mapping[str, str]) -> str:
    """Return the extra cells of a row as a report shows them."""
    return json.dumps(dict(cells), ensure_ascii=False, separators=(",", ":")) if cells else ""


def extra_of(text: str) -> dict[str, str] | None:
    """Return the extra cells that a cell of EXTRA_CELLS holds, None where it holds something else."""
    if not text.strip():
        return {}
    try:
        cells = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(cells, dict) or not all(isinstance(value, str) for value in cells.values()):
        return None
    return cells

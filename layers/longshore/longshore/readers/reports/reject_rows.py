"""The rejected rows of a part as every kind of report shows them: their original cells and what is wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from longshore.domain.chunk import Chunk, Table
from longshore.domain.formula_safety import protected
from longshore.domain.parse_plan import EXTRA_CELLS, ROW_ID, SOURCE_FORMAT, WRITTEN_COLUMNS, ParsePlan
from longshore.domain.rows.mask import MASK, NOT_READ
from longshore.domain.rows.returned_cells import extra_of, extra_text
from longshore.domain.rows.sensitive_paths import secret_headers, sensitive_columns
from longshore.domain.templates.template import Template

Error = Mapping[str, Any]
"""A row error as RowError.as_dict gives it."""

RowErrors = tuple[int, list[Error]]
"""The number of a rejected row, and everything that is wrong with it."""

BETWEEN = " | "


@dataclass(frozen=True)
class ReportRow:
    """A row of a report: its texts, ready for a spreadsheet; `wrong` are the indexes of cells that have an error.

    The first `own` texts are the cells of the row, the others were added. A record that could not be read has no
    cells: they are blank, and its raw text stands among what was added.
    """

    texts: Sequence[str]
    wrong: frozenset[int]
    own: int


@dataclass(frozen=True)
class RejectedPart:
    """A part with rejected rows. `errors` come in the order of their rows, and can be gone through once.

    A row id is `{job_id}#{part}#{row}`, where `{job_id}` may also name a file that was only checked. A row that came
    from a report keeps the id that it has there, unless a sensitive cell of it was typed anew: only where it was read
    last is what the mask stands for now.
    """

    number: int
    name: str
    plan: ParsePlan
    template: Template
    errors: Iterable[Error]

    @property
    def header(self) -> list[str]:
        """The headers of the report."""
        return [*(protected(self.plan.columns[at].header) for at in self._kept), *WRITTEN_COLUMNS, *self._added]

    def rows(self, chunks: Iterable[Chunk], job_id: str) -> Iterator[ReportRow]:
        """Yield the rejected rows; `chunks` are the part again, from its first row to its last. Memory stays flat."""
        for chunk, at, wrong in _rejected(chunks, self.errors):
            yield self._row(chunk, at, wrong, job_id)

    @cached_property
    def _kept(self) -> list[int]:
        return [column.position - 1 for column in self.plan.columns if column.reason != "report"]

    @cached_property
    def _hidden(self) -> list[int]:
        return [position - 1 for position in sensitive_columns(self.template, self.plan)]

    @cached_property
    def _is_secret(self) -> Callable[[str], bool]:
        return secret_headers(self.template)

    @cached_property
    def _added(self) -> list[str]:
        keeps = "keep" in (self.plan.extra_cells, self.plan.unknown_columns)
        return [SOURCE_FORMAT] * self.plan.native_numbers + [EXTRA_CELLS] * keeps

    def _row(self, chunk: Chunk, at: int | None, wrong: list[Error], job_id: str) -> ReportRow:
        cells = chunk.cells[at] if at is not None else ()
        masked = list(cells) or [""] * self.plan.width
        for place in self._hidden:
            if masked[place] not in ("", NOT_READ):
                masked[place] = MASK
        known = self._known_id(cells)
        first = wrong[0]
        about = [
            known or f"{job_id}#{self.number}#{first['row']}",
            str(first["line"]),
            BETWEEN.join(error["code"] for error in wrong),
            BETWEEN.join(error["message"] for error in wrong),
            "" if cells else first["raw_data"],
        ]
        more = {SOURCE_FORMAT: self.plan.format, EXTRA_CELLS: self._extra(chunk, at)}
        texts = [
            protected(text) for text in [*(masked[at] for at in self._kept), *about, *(more[n] for n in self._added)]
        ]
        at_fault = {error["column"] - 1 for error in wrong if error["column"]}
        marked = frozenset(n for n, place in enumerate(self._kept) if place in at_fault) if cells else frozenset[int]()
        return ReportRow(texts, marked, len(self._kept))

    def _known_id(self, cells: Sequence[str]) -> str:
        place = self.plan.report_column(ROW_ID)
        if not place or not cells or any(cells[at] not in ("", MASK, NOT_READ) for at in self._hidden):
            return ""
        return cells[place - 1]

    def _extra(self, chunk: Chunk, at: int | None) -> str:
        if at is None:
            return ""
        before = self.plan.report_column(EXTRA_CELLS)
        kept = chunk.extra.get(at)
        reported = chunk.cells[at][before - 1] if before and not kept else ""
        cells = kept or extra_of(reported) or {}
        shown = {path: value for path, value in cells.items() if not self._is_secret(path)}
        return reported if len(shown) == len(cells) and not kept else extra_text(shown)


def _rejected(chunks: Iterable[Chunk], errors: Iterable[Error]) -> Iterator[tuple[Chunk, int | None, list[Error]]]:
    """Yield the place of each rejected row in its chunk, None where it could not be read, and its errors."""
    groups = ((row, list(group)) for row, group in groupby(errors, key=_row_number))
    waiting: RowErrors | None = next(groups, None)
    for chunk in chunks:
        if not waiting:
            return
        last = max([*chunk.rows[-1:], *(broken.row for broken in chunk.broken[-1:])], default=0)
        if waiting[0] > last:
            continue
        place_of, told = {row: at for at, row in enumerate(chunk.rows)}, _with_unread_told(chunk)
        while waiting and waiting[0] <= last:
            yield told, place_of.get(waiting[0]), waiting[1]
            waiting = next(groups, None)


def _with_unread_told(chunk: Chunk) -> Chunk:
    """Return the chunk with NOT_READ in the cells that its reader gave up, which are blank or mean something else."""
    unread = [(fault.at, fault.column) for fault in chunk.faults if fault.column is not None]
    if not unread:
        return chunk
    columns = list(map(list, chunk.columns))
    for at, column in unread:
        columns[column - 1][at] = NOT_READ
    return replace(chunk, cells=Table(columns))


def _row_number(error: Error) -> int:
    return int(error["row"])

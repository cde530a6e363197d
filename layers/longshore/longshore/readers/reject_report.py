"""The report of rejected rows: their original cells and what is wrong, safe in a spreadsheet and importable again.

It is written as the file was (delimiter, encoding), so that the same template reads it. After the columns of the file
come REPORT_COLUMNS; the one with the row ids marks the file as a report, whose cells are restored when it is imported.
A record that could not be read has no cells: its raw text stands in the last column.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import TextIOWrapper
from itertools import groupby
from typing import Any, BinaryIO

from longshore.domain.chunk import Chunk
from longshore.domain.formula_safety import protected
from longshore.domain.parse_plan import REPORT_COLUMNS, ROW_ID, ParsePlan

Error = Mapping[str, Any]
"""A row error as RowError.as_dict gives it."""

RowErrors = tuple[int, list[Error]]
"""The number of a rejected row, and everything that is wrong with it."""

BETWEEN = " | "


def write_report(chunks: Iterable[Chunk], plan: ParsePlan, errors: Iterable[Error], job_id: str, out: BinaryIO) -> None:
    """Write a report as CSV. `chunks` are the part again, from its first row to its last; memory stays flat.

    `errors` come in the order of their rows. A row id is `{job_id}#{part}#{row}`; a row that came from a report keeps
    the id that it has there.
    """
    # Spreadsheets take UTF-8 for it by its mark.
    encoding = "utf-8-sig" if plan.encoding in ("utf-8", "") else plan.encoding
    text = TextIOWrapper(out, encoding=encoding, newline="")
    writer = csv.writer(text, delimiter=plan.delimiter or ",", lineterminator="\r\n")
    kept = [column.position - 1 for column in plan.columns if column.reason != "report"]
    writer.writerow([*(protected(plan.columns[at].header) for at in kept), *REPORT_COLUMNS])
    for cells, wrong in _rejected(chunks, errors):
        about = _about(cells, wrong, plan, job_id)
        # A message may name what the file's encoding has no character for; the cells come from that encoding.
        legible = [value.encode(encoding, "replace").decode(encoding) for value in about]
        writer.writerow([protected(value) for value in [*((cells or [""] * plan.width)[at] for at in kept), *legible]])
    text.flush()
    text.detach()


def _rejected(chunks: Iterable[Chunk], errors: Iterable[Error]) -> Iterator[tuple[Sequence[str], list[Error]]]:
    """Yield the cells of each rejected row, none where it could not be read, and its errors."""
    groups = ((row, list(group)) for row, group in groupby(errors, key=_row))
    waiting: RowErrors | None = next(groups, None)
    for chunk in chunks:
        last = max([*chunk.rows[-1:], *(broken.row for broken in chunk.broken[-1:])], default=0)
        cells_of = dict(zip(chunk.rows, chunk.cells, strict=True)) if waiting and waiting[0] <= last else {}
        while waiting and waiting[0] <= last:
            yield cells_of.get(waiting[0], ()), waiting[1]
            waiting = next(groups, None)


def _row(error: Error) -> int:
    return int(error["row"])


def _about(cells: Sequence[str], wrong: list[Error], plan: ParsePlan, job_id: str) -> list[str]:
    first = wrong[0]
    known = (
        [cells[c.position - 1] for c in plan.columns if c.header == ROW_ID and c.reason == "report"] if cells else []
    )
    row_id = (known[0] if known else "") or f"{job_id}#0#{first['row']}"
    codes = BETWEEN.join(error["code"] for error in wrong)
    messages = BETWEEN.join(error["message"] for error in wrong)
    return [row_id, str(first["line"]), codes, messages, "" if cells else first["raw_data"]]

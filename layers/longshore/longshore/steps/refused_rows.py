"""Rows that were valid and yet could not be loaded, as the report lists them: with line, code and raw text."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing

from longshore.domain.catalogue.row_errors import row_error, shown
from longshore.domain.decide import Row, iso
from longshore.domain.job import Batch, Job
from longshore.domain.parse_plan import plan_from_dict
from longshore.domain.records import KEY_SEPARATOR
from longshore.errors import FileRejected
from longshore.messages import BatchTask
from longshore.steps.loading import Result
from longshore.steps.ports import Services

GONE = "(not shown: the upload is no longer there)"
"""Stands for raw texts of an upload that somebody deleted while it was imported."""


def refused_rows(
    result: Result, task: BatchTask, job: Job, batch: Batch, services: Services
) -> list[dict[str, object]]:
    """Return the errors of rows refused while loading; their raw texts cost one ranged GET, and only here."""
    kinds: list[tuple[str, Sequence[Row]]] = [("RECORD_EXISTS", result.existing), ("CONFLICT", result.conflicts)]
    found = sorted(((row, code) for code, rows in kinds for row in rows), key=lambda pair: pair[0].index)
    raw = _raw_texts([row for row, _ in found], task.part, job, batch, services)
    return [
        row_error(
            code,
            row=row.number,
            line=row.line,
            raw=raw.get(row.number, GONE),
            at=iso(services.clock()),
            key=shown(row.shown_key or row.key.split(KEY_SEPARATOR, 2)[2]),
        ).as_dict()
        for row, code in found
    ]


def _raw_texts(rows: Sequence[Row], part: int, job: Job, batch: Batch, services: Services) -> Mapping[int, str]:
    """Return the raw texts by row number: kept with the rows, or else where the upload has them."""
    if batch.raw_at:
        kept = services.files.member(batch.raw_at)
        assert isinstance(kept, list)
        return {row.number: kept[row.index] for row in rows}
    return _read_again({row.number for row in rows}, part, job, batch, services)


def _read_again(wanted: Collection[int], part: int, job: Job, batch: Batch, services: Services) -> Mapping[int, str]:
    from longshore.readers.csv.spans import read_span  # few batches need it: no cold start has to wait for a parser

    assert job.source
    assert batch.raw_in
    (plan,) = (plan_from_dict(p.plan) for p in services.jobs.parts(job) if p.number == part)
    try:
        with closing(services.files.open(job.source, batch.raw_in)) as stream:
            return {
                row: text
                for chunk in read_span(stream, plan, batch.raw_in)
                for row, text in zip(chunk.rows, chunk.raw, strict=True)
                if row in wanted
            }
    except FileRejected:
        return {}

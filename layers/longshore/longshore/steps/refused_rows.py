"""Rows that were valid and yet could not be loaded, as the report lists them: with line, code and raw text."""

from collections.abc import Sequence
from datetime import datetime

from longshore.domain.catalogue.row_errors import row_error, shown
from longshore.domain.decide import Row, iso
from longshore.domain.job import Batch
from longshore.domain.records import KEY_SEPARATOR
from longshore.steps.loading import Result
from longshore.steps.ports import Files


def refused_rows(result: Result, batch: Batch, files: Files, at: datetime) -> list[dict[str, object]]:
    """Return the errors of rows refused while loading; their raw texts cost one ranged GET, and only here."""
    raw = files.member(batch.raw_at)
    assert isinstance(raw, list)
    kinds: list[tuple[str, Sequence[Row]]] = [("RECORD_EXISTS", result.existing), ("CONFLICT", result.conflicts)]
    found = sorted(((row, code) for code, rows in kinds for row in rows), key=lambda pair: pair[0].index)
    return [
        row_error(
            code,
            row=row.number,
            line=row.line,
            raw=raw[row.index],
            at=iso(at),
            key=shown(row.shown_key or row.key.split(KEY_SEPARATOR, 2)[2]),
        ).as_dict()
        for row, code in found
    ]

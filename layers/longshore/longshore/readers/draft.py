"""Drafting a template from the beginning of a file."""

from dataclasses import replace
from typing import BinaryIO

from longshore.domain.column_survey import ColumnSurvey
from longshore.domain.draft import Draft, draft
from longshore.domain.file_errors import file_rejected
from longshore.domain.file_options import FileOptions
from longshore.readers.csv_reader import read_rows
from longshore.readers.plan import SAMPLE_BYTES, detect_unmapped_plan
from longshore.readers.stream import HashingStream

SAMPLE_ROWS = 10_000
"""About as many records are looked at; memory grows with them and with the number of columns."""


def draft_template(stream: BinaryIO, name: str, options: FileOptions, *, all_text: bool, max_bytes: int) -> Draft:
    """Propose a template for a file; raise FileRejected where it cannot be read or has no rows."""
    source = HashingStream(stream, max_bytes)
    plan = detect_unmapped_plan(*source.head(SAMPLE_BYTES), options)
    surveys = [ColumnSurvey() for _ in plan.columns]
    rows = broken = 0
    chunks = read_rows(source, plan)
    for chunk in chunks:
        for survey, texts in zip(surveys, zip(*chunk.cells, strict=True), strict=False):
            survey.add(texts, chunk.lines)
        rows += len(chunk.cells)
        broken += len(chunk.broken)
        if rows >= SAMPLE_ROWS:
            break
    if not rows + broken:
        raise file_rejected("HEADER_ONLY", line=plan.header_line)
    proposal = draft(name, plan.columns, surveys, all_text)
    seen = f"the first {rows:,} rows were looked at" if next(chunks, None) else f"all {rows:,} rows were looked at"
    unread = f"; {broken:,} records could not be read" if broken else ""
    declared = options.model_dump(exclude_defaults=True)
    document = proposal.document | ({"file": declared} if declared else {})
    return replace(proposal, document=document, notes=[seen + unread, *proposal.notes])

"""Drafting a template from the beginning of a file."""

from dataclasses import replace

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.templates.column_survey import ColumnSurvey
from longshore.domain.templates.draft import Draft, draft
from longshore.domain.templates.file_options import FileOptions
from longshore.readers.reader import PartSource
from longshore.readers.stream import Readable
from longshore.readers.upload import Upload

SAMPLE_ROWS = 10_000
"""About as many records are looked at; memory grows with them and with the number of columns."""


def draft_template(stream: Readable, name: str, options: FileOptions, *, all_text: bool, max_bytes: int) -> Draft:
    """Propose a template for the first part of a file; raise FileRejected where it cannot be read or has no rows."""
    with Upload(stream, options, max_bytes) as upload:
        part = upload.parts[0]
        proposal = _draft_of(part, name, options, all_text)
        others = [other.name for other in upload.parts[1:]]
    left = [f"the template is for the part {shown(part.name)}; there are also {listed(others)}"] if others else []
    return replace(proposal, notes=[*left, *proposal.notes])


def _draft_of(part: PartSource, name: str, options: FileOptions, all_text: bool) -> Draft:
    plan = part.unmapped_plan(options, frozenset())
    surveys = [ColumnSurvey() for _ in plan.columns]
    rows = broken = 0
    chunks = part.read(plan)
    for chunk in chunks:
        for survey, texts in zip(surveys, chunk.columns, strict=False):
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

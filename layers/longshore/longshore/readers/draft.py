"""Drafting templates from the beginning of a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.column_survey import ColumnSurvey
from longshore.domain.templates.draft import Draft, draft
from longshore.domain.templates.file_options import FileOptions
from longshore.readers.part_templates import stored_name
from longshore.readers.preamble import likely_plan
from longshore.readers.reader import PartSource
from longshore.readers.stream import Readable
from longshore.readers.upload import Upload

SAMPLE_ROWS = 10_000
"""About as many records are looked at; memory grows with them and with the number of columns."""


@dataclass(frozen=True)
class PartDraft:
    """The proposal for a part, and the names of the other parts that it is for."""

    part: str
    draft: Draft
    also: list[str]


def draft_template(stream: Readable, name: str, options: FileOptions, *, all_text: bool, max_bytes: int) -> Draft:
    """Propose a template for the first part of a file; raise FileRejected where it cannot be read or has no rows."""
    with Upload(stream, options, max_bytes) as upload:
        part = upload.parts[0]
        proposal = _draft_of(part, likely_plan(part, options), name, options, all_text)
        others = [other.name for other in upload.parts[1:]]
    there = f"there are also {listed(others)}, and --out FOLDER drafts templates for all of them"
    left = [f"the template is for the part {shown(part.name)}; {there}"] if others else []
    return replace(proposal, notes=[*left, *proposal.notes])


def draft_templates(
    stream: Readable, name: str, options: FileOptions, *, all_text: bool, max_bytes: int
) -> list[PartDraft]:
    """Propose a template for the first part of a file, and one for each part whose header is another.

    Of several parts each is called after its part, so that an import finds it. Raises FileRejected where a part cannot
    be read or has no rows.
    """
    with Upload(stream, options, max_bytes) as upload:
        parts = upload.parts
        plans = [likely_plan(part, options) for part in parts]
        proposals: list[PartDraft] = []
        for part, plan in zip(parts, plans, strict=True):
            first = proposals[0] if proposals else None
            if first and _headers(plan) == _headers(plans[0]):
                first.also.append(part.name)
                continue
            called = name if len(parts) == 1 else _called(part.name)
            proposals.append(PartDraft(part.name, _draft_of(part, plan, called, options, all_text), []))
    return _distinct(proposals)


def _headers(plan: ParsePlan) -> list[str]:
    return [column.header for column in plan.columns]


def _called(part: str) -> str:
    return part.rsplit("/", 1)[-1].split(".", 1)[0]


def _distinct(proposals: Sequence[PartDraft]) -> list[PartDraft]:
    """Give each template a name of its own, and a title where only that tells which part is called after it."""
    taken: set[str] = set()
    named = []
    for proposal in proposals:
        document = proposal.draft.document
        wanted = name = document["name"]
        while name in taken:
            name = f"{wanted[:60]}_{len(taken) + 1}"
        taken.add(name)
        document = {**document, "name": name, "record_type": name}
        if proposal.part and stored_name(proposal.part, {name: ""}) is None:
            title = {"title": _called(proposal.part)}
            document = {"$schema": document["$schema"], "name": name, **title, **document}
        named.append(replace(proposal, draft=replace(proposal.draft, document=document)))
    return named


def _draft_of(part: PartSource, plan: ParsePlan, name: str, options: FileOptions, all_text: bool) -> Draft:
    surveys = [ColumnSurvey(native_json=plan.format in ("json", "ndjson")) for _ in plan.columns]
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
    return replace(proposal, document=document, notes=[seen + unread, *_about_header(plan), *proposal.notes])


def _about_header(plan: ParsePlan) -> list[str]:
    """Say what is taken for the header where something stands above it."""
    if plan.header_line <= 1:
        return []
    above = "line 1 is" if plan.header_line == 2 else f"lines 1 to {plan.header_line - 1} are"
    return [f"the header is taken to be line {plan.header_line}, and {above} skipped: if not so, say --header-row"]

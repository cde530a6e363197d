"""The header of a part: its columns matched with a template's fields, and refused where they break its policies."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.formula_safety import restored
from longshore.domain.parse_plan import REPORT_COLUMNS, ROW_ID, Column, MatchReason, ParsePlan
from longshore.domain.rows.sensitive_paths import sensitive_fields
from longshore.domain.templates.header_matching import Confirmed, HeaderMatch, match_columns, normalised
from longshore.domain.templates.template import Template

__all__ = ["match_header", "matched_plan", "normalised", "unmapped_columns"]

NAMED = 5
"""Columns that a refusal names; of more it says how many."""


def unmapped_columns(cells: list[str]) -> tuple[Column, ...]:
    """Return the columns of a file before any template is asked; a report of rejected rows is known by its row ids."""
    if ROW_ID not in cells:
        return tuple(Column(at, cell, None, "unmapped") for at, cell in enumerate(cells, start=1))
    return tuple(
        Column(at, cell, None, "report") if cell in REPORT_COLUMNS else Column(at, restored(cell), None, "unmapped")
        for at, cell in enumerate(cells, start=1)
    )


def matched_plan(plan: ParsePlan, template: Template, confirmed: Confirmed | None = None) -> ParsePlan:
    """Return the plan with the fields that its columns fill, and the questions that a person must answer.

    `confirmed` is what this tenant said before. Raises FileRejected as match_header does.
    """
    match = match_header(plan.columns, plan.header_line, template, confirmed)
    return replace(plan, columns=match.columns, questions=match.questions)


def match_header(
    unmapped: Sequence[Column], line: int, template: Template, confirmed: Confirmed | None = None
) -> HeaderMatch:
    """Match columns with the template's fields; raise FileRejected for unknown, repeated, blank or missing ones.

    Without a header (line 0: JSON, whose records may each leave keys out) no column is missing. A field whose column
    is only asked about is not missing yet.
    """
    place = f"the header (line {line})" if line else "the records"
    match = match_columns(unmapped, template.fields, confirmed)
    _refuse_repeated(match, place, line)
    if template.unknown_columns == "reject":
        _refuse_unknown(match.columns, place, line, template)
    if line:
        _refuse_missing(match, place, line, template)
    left: MatchReason = "extra" if template.unknown_columns == "keep" else "ignored"
    columns = tuple(replace(c, reason=left) if c.reason == "unmapped" else c for c in match.columns)
    return HeaderMatch(columns, match.questions)


def _refuse_repeated(match: HeaderMatch, place: str, line: int) -> None:
    """Refuse two columns for one field, and two questions that one answer would settle alike."""
    _refuse_same([(column.field, column) for column in match.columns if column.field], place, line)
    _refuse_same([(normalised(c.header), c) for c in match.columns if c.reason == "asked"], place, line)


def _refuse_same(named: Sequence[tuple[str, Column]], place: str, line: int) -> None:
    for name, count in Counter(name for name, _ in named).items():
        if count > 1:
            same = [column for other, column in named if other == name]
            positions = " and ".join(str(column.position) for column in same)
            raise file_rejected("REPEATED_COLUMN", positions=positions, place=place, line=line, headers=_quoted(same))


def _quoted(same: Sequence[Column]) -> str:
    """Quote the headers of columns of which one must go."""
    headers = list(dict.fromkeys(shown(column.header) for column in same))
    return f"all {headers[0]}" if len(headers) == 1 else f"{' and '.join(headers)}, which are read as the same"


def _refuse_unknown(columns: Sequence[Column], place: str, line: int, template: Template) -> None:
    unknown = [column for column in columns if column.reason == "unmapped"]
    for column in unknown:
        if not column.header.strip():
            raise file_rejected("BLANK_HEADER", position=column.position, place=place, line=line)
    if unknown:
        # Where no column fills a field this may be a row of data, and some of it be sensitive.
        is_header = any(column.reason in ("exact", "normalised", "alias") for column in columns)
        quotable = is_header or not sensitive_fields(template)
        texts = [f" {shown(column.header)}" if quotable else "" for column in unknown[:NAMED]]
        names = ", ".join(f"column {column.position}{text}" for column, text in zip(unknown, texts, strict=False))
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        raise file_rejected(
            "UNKNOWN_COLUMN", columns=names + more, place=place, line=line, template=shown(template.name)
        )


def _refuse_missing(match: HeaderMatch, place: str, line: int, template: Template) -> None:
    here = {column.field for column in match.columns} | match.asked_fields
    needed = [field for field in template.fields if field.required or template.missing_columns == "reject"]
    missing = [field.header for field in needed if field.name not in here]
    if missing:
        raise file_rejected(
            "MISSING_COLUMN", columns=listed(missing), place=place, line=line, template=shown(template.name)
        )

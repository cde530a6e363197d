"""Matching the header of a file with the fields of a template, each match with its reason."""

import re
from collections import Counter
from dataclasses import replace

from longshore.domain.file_errors import file_rejected
from longshore.domain.formula_safety import restored
from longshore.domain.parse_plan import REPORT_COLUMNS, ROW_ID, Column
from longshore.domain.row_errors import listed, shown
from longshore.domain.template import Template

_SEPARATORS = re.compile(r"[\s_-]+")


def normalised(header: str) -> str:
    """Return the form in which headers are alike: without regard to case, spaces, hyphens and underscores."""
    return _SEPARATORS.sub("_", header.strip()).casefold()


def unmapped_columns(cells: list[str]) -> tuple[Column, ...]:
    """Return the columns of a file before any template is asked; a report of rejected rows is known by its row ids."""
    if ROW_ID not in cells:
        return tuple(Column(at, cell, None, "unmapped") for at, cell in enumerate(cells, start=1))
    return tuple(
        Column(at, cell, None, "report") if cell in REPORT_COLUMNS else Column(at, restored(cell), None, "unmapped")
        for at, cell in enumerate(cells, start=1)
    )


def match_header(unmapped: tuple[Column, ...], line: int, template: Template) -> tuple[Column, ...]:
    """Return the columns of a file with their fields; raise FileRejected for unknown, repeated, blank or missing ones.

    A header that is written exactly as the template says is that field's; one that is only alike counts where the
    field has no exact one and no other field of the template is alike.
    """
    exact = {field.header: field.name for field in template.fields}
    present = {exact[column.header] for column in unmapped if column.header in exact}
    forms = Counter(normalised(field.header) for field in template.fields)
    alike = {
        normalised(field.header): field.name
        for field in template.fields
        if field.name not in present and forms[normalised(field.header)] == 1
    }
    columns = tuple(_match(column, exact, alike) for column in unmapped)
    _refuse_repeated(columns, line)
    if template.unknown_columns == "reject":
        _refuse_unknown(columns, line, template)
    _refuse_missing(columns, line, template)
    return columns


def _match(column: Column, exact: dict[str, str], alike: dict[str, str]) -> Column:
    if column.reason == "report":
        return column
    if field := exact.get(column.header):
        return replace(column, field=field, reason="exact")
    if field := alike.get(normalised(column.header)):
        return replace(column, field=field, reason="normalised")
    return replace(column, reason="ignored")


def _refuse_repeated(columns: tuple[Column, ...], line: int) -> None:
    for name, count in Counter(column.field for column in columns if column.field).items():
        if count > 1:
            same = [column for column in columns if column.field == name]
            positions = " and ".join(str(column.position) for column in same)
            raise file_rejected("REPEATED_COLUMN", positions=positions, line=line, column=shown(same[0].header))


def _refuse_unknown(columns: tuple[Column, ...], line: int, template: Template) -> None:
    unknown = [column for column in columns if column.reason == "ignored"]
    for column in unknown:
        if not column.header.strip():
            raise file_rejected("BLANK_HEADER", position=column.position, line=line)
    if unknown:
        names = ", ".join(f"column {column.position} {shown(column.header)}" for column in unknown[:5])
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        raise file_rejected("UNKNOWN_COLUMN", columns=names + more, line=line, template=shown(template.name))


def _refuse_missing(columns: tuple[Column, ...], line: int, template: Template) -> None:
    present = {column.field for column in columns}
    missing = [field.header for field in template.fields if field.required and field.name not in present]
    if missing:
        raise file_rejected("MISSING_COLUMN", columns=listed(missing), line=line, template=shown(template.name))

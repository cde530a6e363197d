"""`longshore inspect`: how a file is read."""

from pathlib import Path
from typing import Any

import click

from cli import render
from cli.file_flags import file_flags, file_options, template_option
from cli.job_commands import json_option
from cli.offline_parts import planned_parts
from cli.outcome import CliError, Exit
from cli.questions import question_line
from cli.sources import open_source
from cli.template_shelf import TemplateShelf
from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.errors import FileRejected
from longshore.readers.preamble import likely_plan
from longshore.readers.upload import Upload
from longshore.settings import Settings
from longshore.steps.api_view import question_document

Plans = list[tuple[str, str | None, ParsePlan]]
"""The name of each part, the template that it is read by, if any, and how it is read."""

_UNSEEN = {"\t": "tab", " ": "space", "\x1e": "record separator (0x1E)", "\x1f": "unit separator (0x1F)"}
"""Delimiters that cannot be seen, and what they are called."""


@click.command(short_help="Show how a file is read.")
@click.argument("file", type=click.Path(path_type=Path))
@template_option(required=False)
@file_flags
@json_option
def inspect(file: Path, template: tuple[str, ...], as_json: bool, **flags: Any) -> int:
    """Show the parse plan of each part of FILE: encoding, delimiter, header, columns. Nothing is uploaded or started.

    With --template the columns are matched with its fields. The exit status is 2 where the file cannot be read.
    """
    options = file_options(**flags)
    shelf = TemplateShelf(template, options) if template else None
    plans = _plans(file, shelf, shelf.main.template.file if shelf else options)
    if as_json:
        main = shelf.main.template.name if shelf else None
        parts = [{"name": name, "template": of_part, "plan": plan.as_dict()} for name, of_part, plan in plans]
        render.print_json({"file_name": file.name, "template": main, "parts": parts})
    else:
        click.echo("\n\n".join(_described(*plan) for plan in plans))
    return Exit.COMPLETED


def _plans(file: Path, shelf: TemplateShelf | None, options: FileOptions) -> Plans:
    with open_source(file) as stream:
        try:
            with Upload(stream, options, Settings.max_upload_bytes) as upload:
                if shelf is None:
                    return [(part.name, None, likely_plan(part, options)) for part in upload.parts]
                planned = planned_parts(upload.parts, shelf)
                return [(part.source.name, part.pinned.template.name, part.plan) for part in planned]
        except FileRejected as refusal:
            raise refused(file, refusal) from None


def refused(file: Path, refusal: FileRejected) -> CliError:
    """Return the problem that ends a command whose file cannot be read."""
    return CliError(f"{file}: {refusal.code}: {render.one_line(str(refusal))}")


def _described(name: str, template: str | None, plan: ParsePlan) -> str:
    facts = {
        "part": name,
        "template": template,
        "format": plan.format + (" in gzip" if plan.compression else ""),
        "encoding": plan.encoding and f"{plan.encoding}{' (with a byte order mark)' if plan.bom else ''}",
        "delimiter": _UNSEEN.get(plan.delimiter, plan.delimiter),
        "quote": plan.quote or (plan.delimiter and "none"),
        "escape": plan.escape,
        "blank": ", ".join(map(repr, plan.null_markers)),
        "records": plan.path,
        "header": plan.header_line and f"line {plan.header_line}; rows begin at line {plan.data_line}",
        "skipped": plan.header_line > 1 and _above(plan.header_line, guessed=template is None),
        "footer": plan.footer_rows and f"the last {plan.footer_rows} records are no rows",
    }
    lines = [f"{what:<10} {fact}" for what, fact in facts.items() if fact]
    columns = [(c.position, c.header, c.field or "-", _reason(c)) for c in plan.columns]
    asked = [f"asked: {question_line(question)}" for question in map(question_document, plan.questions)]
    table = render.table(("COLUMN", "HEADER", "FIELD", "MATCH"), columns)
    return "\n".join([*lines, "", table, *asked])


def _above(header_line: int, *, guessed: bool) -> str:
    above = "line 1" if header_line == 2 else f"lines 1 to {header_line - 1}"
    return f"{above}, above what is taken for the header (else say --header-row)" if guessed else above


def _reason(column: Column) -> str:
    return f"{column.reason} {column.score:.2f}" if column.reason in ("fuzzy", "asked") else column.reason

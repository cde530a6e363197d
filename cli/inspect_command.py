"""`longshore inspect` and `longshore draft`: how a file is read, and a template proposed for it."""

from pathlib import Path
from typing import Any

import click

from cli import render, template_source
from cli.file_flags import file_flags, file_options, overridden
from cli.job_commands import json_option
from cli.outcome import CliError, Exit
from cli.questions import question_line
from cli.sources import open_source
from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.header_matching import Confirmed
from longshore.domain.templates.template import Template
from longshore.errors import FileRejected
from longshore.readers.draft import draft_template
from longshore.readers.reader import PartSource
from longshore.readers.upload import Upload
from longshore.readers.validation import plan_part
from longshore.settings import Settings
from longshore.steps.api_view import question_document

Plans = list[tuple[str, ParsePlan]]
"""The name of each part, and how it is read."""

_UNSEEN = {"\t": "tab", " ": "space", "\x1e": "record separator (0x1E)", "\x1f": "unit separator (0x1F)"}
"""Delimiters that cannot be seen, and what they are called."""


@click.command(short_help="Show how a file is read.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--template", metavar="T", help="Match the columns with its fields: a document's path or a stored name.")
@file_flags
@json_option
def inspect(file: Path, template: str | None, as_json: bool, **flags: Any) -> int:
    """Show the parse plan of each part of FILE: encoding, delimiter, header, columns. Nothing is uploaded or started.

    The exit status is 2 where the file cannot be read.
    """
    options = file_options(**flags)
    found = overridden(template_source.find(template)[0], options) if template else None
    confirmed = template_source.confirmed(template) if template else {}
    plans = _plans(file, found, found.file if found else options, confirmed)
    if as_json:
        parts = [{"name": name, "plan": plan.as_dict()} for name, plan in plans]
        render.print_json({"file_name": file.name, "template": found.name if found else None, "parts": parts})
    else:
        click.echo("\n\n".join(_described(name, plan) for name, plan in plans))
    return Exit.COMPLETED


def _plans(file: Path, template: Template | None, options: FileOptions, confirmed: Confirmed) -> Plans:
    with open_source(file) as stream:
        try:
            with Upload(stream, options, Settings.max_upload_bytes) as upload:
                return [(part.name, _plan(part, template, options, confirmed)) for part in upload.parts]
        except FileRejected as refusal:
            raise refused(file, refusal) from None


def _plan(part: PartSource, template: Template | None, options: FileOptions, confirmed: Confirmed) -> ParsePlan:
    return plan_part(part, template, confirmed) if template else part.unmapped_plan(options, frozenset())


def refused(file: Path, refusal: FileRejected) -> CliError:
    """Return the problem that ends a command whose file cannot be read."""
    return CliError(f"{file}: {refusal.code}: {render.one_line(str(refusal))}")


def _described(name: str, plan: ParsePlan) -> str:
    facts = {
        "part": name,
        "format": plan.format + (" in gzip" if plan.compression else ""),
        "encoding": plan.encoding and f"{plan.encoding}{' (with a byte order mark)' if plan.bom else ''}",
        "delimiter": _UNSEEN.get(plan.delimiter, plan.delimiter),
        "quote": plan.quote or (plan.delimiter and "none"),
        "escape": plan.escape,
        "blank": ", ".join(map(repr, plan.null_markers)),
        "records": plan.path,
        "header": plan.header_line and f"line {plan.header_line}; rows begin at line {plan.data_line}",
        "footer": plan.footer_rows and f"the last {plan.footer_rows} records are no rows",
    }
    lines = [f"{what:<10} {fact}" for what, fact in facts.items() if fact]
    columns = [(c.position, c.header, c.field or "-", _reason(c)) for c in plan.columns]
    asked = [f"asked: {question_line(question)}" for question in map(question_document, plan.questions)]
    table = render.table(("COLUMN", "HEADER", "FIELD", "MATCH"), columns)
    return "\n".join([*lines, "", table, *asked])


def _reason(column: Column) -> str:
    return f"{column.reason} {column.score:.2f}" if column.reason in ("fuzzy", "asked") else column.reason


@click.command(short_help="Propose a template for a file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--all-text", is_flag=True, help="Propose no types: every column is a string.")
@click.option("--name", help="Name of the template; after the file if left out.")
@file_flags
def draft(file: Path, all_text: bool, name: str | None, **flags: Any) -> int:
    """Propose a template document for FILE on standard output, for a person to confirm; the doubts on standard error.

    A column gets a type only where every value seen fits it and nothing would be lost: leading zeros, more than 15
    digits and E notation stay strings. The exit status is 1 where no column can be the key: the document needs one
    before it is a template.
    """
    options = file_options(**flags)
    limit = Settings.max_upload_bytes
    with open_source(file) as stream:
        try:
            proposal = draft_template(stream, name or file.stem, options, all_text=all_text, max_bytes=limit)
        except FileRejected as refusal:
            raise refused(file, refusal) from None
    render.print_json(proposal.document)
    for note in proposal.notes:
        click.echo(f"longshore: {render.one_line(note)}", err=True)
    click.echo("longshore: this is a proposal: a person must confirm names, types and key before it is used", err=True)
    return Exit.COMPLETED if proposal.is_complete else Exit.WITH_ERRORS

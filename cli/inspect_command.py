"""`longshore inspect` and `longshore draft`: how a file is read, and a template proposed for it."""

from pathlib import Path

import click

from cli import render, template_source
from cli.job_commands import json_option
from cli.outcome import CliError, Exit, UsageProblem
from cli.sources import open_source
from longshore.domain.file_options import FileOptions
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.template import Template
from longshore.errors import FileRejected
from longshore.readers.draft import draft_template
from longshore.readers.plan import SAMPLE_BYTES, detect_plan, detect_unmapped_plan
from longshore.readers.stream import HashingStream
from longshore.settings import Settings

encoding_option = click.option("--encoding", help="A Python codec name such as cp1252; UTF-8 if left out.")


@click.command(short_help="Show how a file is read.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--template", metavar="T", help="Match the columns with its fields: a document's path or a stored name.")
@encoding_option
@json_option
def inspect(file: Path, template: str | None, encoding: str | None, as_json: bool) -> int:
    """Show the parse plan of FILE: encoding, delimiter, header, columns. Nothing is uploaded and nothing started.

    The exit status is 2 where the file cannot be read.
    """
    if template and encoding:
        raise UsageProblem(
            "the template says which encoding its files have; leave one of --template and --encoding out"
        )
    found = template_source.find(template)[0] if template else None
    plan = _plan(file, found, file_options(encoding))
    if as_json:
        render.print_json({"file_name": file.name, "template": found.name if found else None, "plan": plan.as_dict()})
    else:
        click.echo(_described(plan))
    return Exit.COMPLETED


def _plan(file: Path, template: Template | None, options: FileOptions) -> ParsePlan:
    with open_source(file) as stream:
        sample = HashingStream(stream, Settings.max_upload_bytes).head(SAMPLE_BYTES)
    try:
        return detect_plan(*sample, template) if template else detect_unmapped_plan(*sample, options)
    except FileRejected as refusal:
        raise refused(file, refusal) from None


def refused(file: Path, refusal: FileRejected) -> CliError:
    """Return the problem that ends a command whose file cannot be read."""
    return CliError(f"{file}: {refusal.code}: {render.one_line(str(refusal))}")


def file_options(encoding: str | None) -> FileOptions:
    """Return what the command line declares of a file; raise UsageProblem for an encoding that is none."""
    try:
        return FileOptions(encoding=encoding)
    except ValueError:
        raise UsageProblem(f"{encoding!r} is no encoding of files; name one such as utf-8, cp1252 or utf-16") from None


def _described(plan: ParsePlan) -> str:
    delimiter = "tab" if plan.delimiter == "\t" else plan.delimiter
    lines = [
        f"format     {plan.format}",
        f"encoding   {plan.encoding}{' (with a byte order mark)' if plan.bom else ''}",
        f"delimiter  {delimiter}",
        f"quote      {plan.quote}",
        f"header     line {plan.header_line}; rows begin at line {plan.data_line}",
        "",
    ]
    columns = [(c.position, c.header, c.field or "-", c.reason) for c in plan.columns]
    return "\n".join(lines) + "\n" + render.table(("COLUMN", "HEADER", "FIELD", "MATCH"), columns)


@click.command(short_help="Propose a template for a file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--all-text", is_flag=True, help="Propose no types: every column is a string.")
@click.option("--name", help="Name of the template; after the file if left out.")
@encoding_option
def draft(file: Path, all_text: bool, name: str | None, encoding: str | None) -> int:
    """Propose a template document for FILE on standard output, for a person to confirm; the doubts on standard error.

    A column gets a type only where every value seen fits it and nothing would be lost: leading zeros, more than 15
    digits and E notation stay strings. The exit status is 1 where no column can be the key: the document needs one
    before it is a template.
    """
    options = file_options(encoding)
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

"""`longshore templates list | show | sample | push | mapping`."""

from pathlib import Path
from typing import BinaryIO

import click

from cli import render, template_source
from cli.answer_command import column_fields, column_option, ignore_option
from cli.connection import connect
from cli.job_commands import json_option
from cli.outcome import Exit, UsageProblem
from cli.output_files import OutputFile
from longshore.domain.templates.file_options import Format
from longshore.domain.templates.template import Template
from longshore.errors import InvalidRequest

_SAMPLES: dict[str, Format] = {".xlsx": "xlsx", ".csv": "csv", ".json": "json", ".ndjson": "ndjson"}
"""The format of a sample by what the name of its file ends with; the template's by any other."""


@click.group()
def templates() -> None:
    """Templates of the tenant: how each record type is imported."""


@templates.command("list")
@json_option
def list_templates(as_json: bool) -> int:
    """List the templates with their current versions."""
    with connect() as client:
        document = client.templates()
    if as_json:
        render.print_json(document)
    elif document["templates"]:
        rows = ((t["name"], t["version"], t["title"]) for t in document["templates"])
        click.echo(render.table(("TEMPLATE", "VERSION", "TITLE"), rows))
    else:
        click.echo("no templates; add one with: longshore templates push FILE")
    return Exit.COMPLETED


@templates.command()
@click.argument("name")
@click.option("--version", type=click.IntRange(1), default=None, help="Instead of the current version.")
@click.option("--json", "as_json", is_flag=True, help="Name and version around the document.")
def show(name: str, version: int | None, as_json: bool) -> int:
    """Print a template's document."""
    with connect() as client:
        document = client.template(name, version or 0)
    render.print_json(document if as_json else document["template"])
    return Exit.COMPLETED


@templates.command()
@click.argument("template", metavar="T")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where to write it: .xlsx, .csv, .json or .ndjson."
)
def sample(template: str, output: Path | None) -> int:
    """Write a file to be filled in and imported, in the format of the template's files: a workbook if it names none.

    A workbook has a header with notes, drop-downs and formats, a CSV file its header, JSON a record without values. T
    is the path of a document, or a stored template's name. Nothing is started.
    """
    found, place = template_source.find(template)
    declared = found.file.format
    path = output or Path(f"{found.name}.{declared or 'xlsx'}")
    kind = _SAMPLES.get(path.suffix.lower(), declared or "xlsx")
    with OutputFile(path) as out:
        try:
            _write_sample(found, kind, out.file)
        except InvalidRequest as problem:
            raise UsageProblem(f"{path} was not written: {problem}") from None
        out.keep()
    click.echo(f"{path}  (template: {place})")
    if declared not in (None, kind):
        how = f"import it with --format {kind}, or name a file that ends in .{declared}"
        click.echo(f"longshore: files of {found.name} are {declared}: {how}", err=True)
    return Exit.COMPLETED


def _write_sample(template: Template, kind: Format, out: BinaryIO) -> None:
    # Only what is written is imported: a workbook costs a quarter of a second.
    if kind == "xlsx":
        from longshore.readers.reports.sample_workbook import write_sample

        write_sample(template, out)
    else:
        from longshore.readers.reports.sample_text import write_text_sample

        write_text_sample(template, kind, out)


@templates.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@json_option
def push(files: tuple[Path, ...], as_json: bool) -> int:
    """Store template documents; a changed one becomes the new current version."""
    for path in files:
        template_source.read_document(path)
    with connect() as client:
        pushed = [template_source.push(client, path) for path in files]
    if as_json:
        render.print_json({"templates": pushed} if len(files) > 1 else pushed[0])
    else:
        for template in pushed:
            how = "stored" if template["created"] else "unchanged"
            click.echo(f"{template['name']}: version {template['version']} ({how})")
    return Exit.COMPLETED


@templates.command()
@click.argument("name")
@column_option
@ignore_option
@click.option("--forget", metavar="HEADER", help="Forget what was said about this header.")
@click.option("--clear", is_flag=True, help="Forget what was said about every header.")
@json_option
def mapping(
    name: str, columns: tuple[str, ...], ignored: tuple[str, ...], forget: str | None, clear: bool, as_json: bool
) -> int:
    """Show what was said about headers of a template's files, or say more beforehand.

    Files that nobody attends, dropped ones and a schedule's, are rejected where a column is not clear.
    """
    said = column_fields(columns, ignored)
    if bool(said) + bool(forget) + clear > 1:
        raise UsageProblem("--forget and --clear stand alone; first forget, then say what is right")
    with connect() as client:
        if forget or clear:
            client.delete_mapping(name, forget or "")
        document = client.put_mapping(name, said) if said else client.mapping(name)
    if as_json:
        render.print_json(document)
    elif document["columns"]:
        rows = ((c["header"], c["field"] or "(ignored)", c["actor"], c["confirmed_at"]) for c in document["columns"])
        click.echo(render.table(("HEADER", "FIELD", "SAID BY", "AT"), rows))
    else:
        click.echo(f"nothing was said about headers of {name}")
    return Exit.COMPLETED

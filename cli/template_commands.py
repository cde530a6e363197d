"""`longshore templates list | show | sample | push | mapping`."""

from pathlib import Path

import click

from cli import render, template_source
from cli.answer_command import column_fields, column_option, ignore_option
from cli.connection import connect
from cli.job_commands import json_option
from cli.outcome import Exit, UsageProblem
from cli.output_files import OutputFile


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
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write it; the template's name.xlsx.")
def sample(template: str, output: Path | None) -> int:
    """Write a workbook to be filled in and imported: a header with notes, drop-downs and formats.

    T is the path of a document, or a stored template's name. Nothing is started.
    """
    found, place = template_source.find(template)
    # Only where a workbook is written: it costs a quarter of a second to import.
    from longshore.readers.reports.sample_workbook import write_sample

    path = output or Path(f"{found.name}.xlsx")
    with OutputFile(path) as out:
        write_sample(found, out.file)
        out.keep()
    click.echo(f"{path}  (template: {place})")
    if found.file.format not in (None, "xlsx"):
        click.echo(f"longshore: files of {found.name} are {found.file.format}: import it with --format xlsx", err=True)
    return Exit.COMPLETED


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

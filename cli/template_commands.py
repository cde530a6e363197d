"""`longshore templates list | show | push`."""

from pathlib import Path

import click

from cli import render, template_source
from cli.connection import connect
from cli.job_commands import json_option
from cli.outcome import Exit


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

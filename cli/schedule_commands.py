"""`longshore schedules list | show | put | delete`."""

from pathlib import Path

import click

from cli import render, template_source
from cli.connection import connect
from cli.job_commands import json_option
from cli.outcome import Document, Exit
from longshore.domain.job import Mode


@click.group()
def schedules() -> None:
    """Schedules of the tenant: imports that start by themselves."""


@schedules.command("list")
@json_option
def list_schedules(as_json: bool) -> int:
    """List the schedules."""
    with connect() as client:
        document = client.schedules()
    if as_json:
        render.print_json(document)
    elif document["schedules"]:
        header = ("SCHEDULE", "EXPRESSION", "ZONE", "TEMPLATE", "FILES UNDER", "STATE")
        click.echo(render.table(header, map(_row, document["schedules"])))
    else:
        click.echo("no schedules; add one with: longshore schedules put NAME --template T --expression E")
    return Exit.COMPLETED


def _row(schedule: Document) -> tuple[object, ...]:
    columns = ("name", "expression", "zone", "template", "upload_to")
    return (*(schedule[column] for column in columns), "enabled" if schedule["enabled"] else "disabled")


@schedules.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> int:
    """Show a schedule, and the jobs of its last firings."""
    with connect() as client:
        document = client.schedule(name)
    if as_json:
        render.print_json(document)
        return Exit.COMPLETED
    click.echo(_summary(document))
    rows = ((firing["instant"], firing["job_id"], firing["status"] or "") for firing in document["firings"])
    click.echo(render.table(("FIRED FOR", "JOB", "STATUS"), rows) if document["firings"] else "it has not fired yet")
    return Exit.COMPLETED


@schedules.command()
@click.argument("name")
@click.option("--template", required=True, metavar="T", help="A stored template's name, or the path of a document.")
@click.option(
    "--expression", required=True, metavar="E", help="cron(0 6 * * ? *), rate(1 hour) or at(2027-01-31T08:00:00)."
)
@click.option(
    "--zone", default="UTC", show_default=True, help="The time zone that E is read in, such as Europe/Berlin."
)
@click.option("--prefix", default=None, help="Where its files are put, below TENANT/scheduled/.  [default: NAME/]")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="Instead of the template's.")
@click.option("--priority", type=click.IntRange(1, 10), default=5, show_default=True, help="1 (low) to 10 (urgent).")
@click.option("--force", is_flag=True, help="Import even if the same content was imported before.")
@click.option("--disabled", is_flag=True, help="Store it, but let it not fire.")
@json_option
def put(
    name: str,
    template: str,
    expression: str,
    zone: str,
    prefix: str | None,
    mode: str | None,
    priority: int,
    force: bool,
    disabled: bool,
    as_json: bool,
) -> int:
    """Store a schedule: at its times, the newest file under its prefix is imported.

    A schedule of the same NAME is replaced.
    """
    document = Path(template) if template_source.is_path(template) else None
    if document:
        template = template_source.read_document(document)["name"]
    wanted = {"template": template, "expression": expression, "zone": zone, "prefix": prefix, "mode": mode}
    with connect("a schedule") as client:
        if document:
            template_source.push(client, document)
        stored = client.put_schedule(name, {**wanted, "priority": priority, "force": force, "enabled": not disabled})
    if as_json:
        render.print_json(stored)
    else:
        click.echo(f"{_summary(stored)}  ({'created' if stored['created'] else 'changed'})")
    return Exit.COMPLETED


@schedules.command()
@click.argument("name")
@json_option
def delete(name: str, as_json: bool) -> int:
    """Delete a schedule; its jobs go on."""
    with connect() as client:
        document = client.delete_schedule(name)
    if as_json:
        render.print_json(document)
    else:
        click.echo(f"{name}: deleted")
    return Exit.COMPLETED


def _summary(schedule: Document) -> str:
    when = f"{schedule['expression']} in {schedule['zone']}" + ("" if schedule["enabled"] else ", disabled")
    return f"{schedule['name']}: {when}: the newest file under {schedule['upload_to']} -> {schedule['template']}"

"""`longshore locks [conflicts] | slots`: who holds what, and who waits for whom."""

from collections.abc import Iterator

import click

from cli import render
from cli.connection import connect
from cli.job_commands import json_option
from cli.outcome import Document, Exit

limit_option = click.option(
    "--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Jobs of the queue that are shown."
)


@click.group(invoke_without_command=True, short_help="Show the locks that imports hold.")
@json_option
@click.pass_context
def locks(context: click.Context, as_json: bool) -> int:
    """Show the locks that imports of the tenant hold: on which record types, in which mode, and until when."""
    if context.invoked_subcommand is not None:
        return Exit.COMPLETED
    with connect() as client:
        document = client.locks()
    if as_json:
        render.print_json(document)
    elif document["locks"]:
        header = ("RESOURCE", "MODE", "TOKEN", "JOB", "RUN", "EXPIRES")
        click.echo(render.table(header, (row for lock in document["locks"] for row in _lock_rows(lock))))
    else:
        click.echo("no locks are held")
    return Exit.COMPLETED


def _lock_rows(lock: Document) -> Iterator[tuple[object, ...]]:
    for holder in lock["holders"]:
        yield lock["resource"], lock["mode"], lock["token"], holder["job_id"], holder["run"], _expiry(holder)


def _expiry(holder: Document) -> str:
    if holder["live"]:
        return str(holder["expires_at"])
    return f"free at {holder['free_at']}" if holder["free_at"] else "free"


@locks.command(short_help="Show who waits for whom.")
@limit_option
@json_option
@click.pass_context
def conflicts(context: click.Context, limit: int, as_json: bool) -> int:
    """Show what each queued job waits for, who holds it, and when it is worth another try at the latest."""
    with connect() as client:
        document = client.lock_conflicts(limit)
    asked_before = context.parent is not None and context.parent.params["as_json"]
    if as_json or asked_before:
        render.print_json(document)
        return Exit.COMPLETED
    for job in document["queue"]:
        click.echo(f"{job['position']}. {job['job_id']} {render.one_line(job['file_name'])}")
        for wait in job["waits_for"]:
            click.echo(f"   waits for {_wait(wait)}")
        click.echo(f"   tries again by {job['try_again_at']}" if job["waits_for"] else "   starts at the next look")
    if not document["queue"]:
        click.echo("nobody waits")
    _hint_at_more(document)
    return Exit.COMPLETED


def _wait(wait: Document) -> str:
    """Return what is waited for as a phrase: the thing, those who hold it, those who come before."""
    what = {"slot": "a slot of the tenant", "workers": "a free worker"}.get(wait["what"]) or (
        f"the lock of {wait['resource']} ({wait['mode']})"
    )
    held = [f"{holder['job_id']} (until {_expiry(holder)})" for holder in wait["holders"]]
    after = wait.get("after", [])
    return what + (f", held by {', '.join(held)}" if held else "") + (f", after {', '.join(after)}" if after else "")


@click.command(short_help="Show the tenant's slots.")
@limit_option
@json_option
def slots(limit: int, as_json: bool) -> int:
    """Show how many imports of the tenant may run, which do, and which wait."""
    with connect() as client:
        document = client.slots(limit)
    if as_json:
        render.print_json(document)
        return Exit.COMPLETED
    for slot in document["slots"]:
        click.echo(f"{slot['name']}: {slot['used']} of {slot['limit']} used ({slot['utilisation']:.0%})")
        held = [(holder["job_id"], holder["run"], _expiry(holder)) for holder in slot["holders"]]
        waiting = [(job["job_id"], job["position"], job["try_again_at"]) for job in slot["queue"]]
        for header, rows in ((("JOB", "RUN", "EXPIRES"), held), (("WAITING", "PLACE", "TRIES AGAIN BY"), waiting)):
            if rows:
                click.echo(render.table(header, rows))
        _hint_at_more(slot)
    return Exit.COMPLETED


def _hint_at_more(document: Document) -> None:
    if document["more"]:
        click.echo("there are more; see --limit", err=True)

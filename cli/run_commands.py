"""`longshore start` and `longshore retry`: a run is asked for, and followed to its end like an import."""

from collections.abc import Callable

import click

from cli.client import Client
from cli.connection import connect
from cli.import_command import interrupted, show
from cli.job_commands import json_option
from cli.outcome import INTERRUPTED, exit_for
from cli.progress import Progress
from cli.waiting import wait_for

no_wait_option = click.option("--no-wait", is_flag=True, help="Return as soon as the job is queued.")


@click.command(short_help="Start a job that waits for it.")
@click.argument("job")
@no_wait_option
@json_option
def start(job: str, no_wait: bool, as_json: bool) -> int:
    """Start JOB, and wait until it is done.

    For a job that is VALIDATED (its template does not start by itself, or it was a preview) or SCHEDULED. The exit
    status is that of `import`.
    """
    return followed(job, Client.start, no_wait, as_json)


@click.command(short_help="Run what is left of a job again.")
@click.argument("job")
@no_wait_option
@json_option
def retry(job: str, no_wait: bool, as_json: bool) -> int:
    """Run the open and failed batches of JOB again, and wait until they are done.

    For a job that is FAILED or COMPLETED_WITH_ERRORS. Batches that are completed are not touched. The exit status is
    that of `import`.
    """
    return followed(job, Client.retry, no_wait, as_json)


def followed(job: str, ask: Callable[[Client, str], object], no_wait: bool, as_json: bool) -> int:
    """Ask for a run of the job, show how it goes and how it ended, and return the exit status."""
    with connect() as client:
        ask(client, job)
        try:
            jobs = [client.job(job)] if no_wait else wait_for(client, [job], Progress())
        except KeyboardInterrupt:
            click.echo(f"longshore: {interrupted(client, [job])}", err=True)
            return INTERRUPTED
        show(client, jobs, False, as_json)
    return exit_for(jobs)

"""`longshore retry`: a new run over what a job has left, followed to its end like an import."""

import click

from cli.connection import connect
from cli.import_command import interrupted, show
from cli.job_commands import json_option
from cli.outcome import INTERRUPTED, exit_for
from cli.progress import Progress
from cli.waiting import wait_for


@click.command(short_help="Run what is left of a job again.")
@click.argument("job")
@click.option("--no-wait", is_flag=True, help="Return as soon as the job is queued.")
@json_option
def retry(job: str, no_wait: bool, as_json: bool) -> int:
    """Run the open and failed batches of JOB again, and wait until they are done.

    For a job that is FAILED or COMPLETED_WITH_ERRORS. Batches that are completed are not touched. The exit status is
    that of `import`.
    """
    with connect() as client:
        client.retry(job)
        try:
            jobs = [client.job(job)] if no_wait else wait_for(client, [job], Progress())
        except KeyboardInterrupt:
            click.echo(f"longshore: {interrupted(client, [job])}", err=True)
            return INTERRUPTED
        show(client, jobs, False, as_json)
    return exit_for(jobs)

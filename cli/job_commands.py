"""`longshore status | list | errors | cancel`: what is going on, and stopping it."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from cli import render
from cli.client import Client
from cli.connection import connect
from cli.outcome import INTERRUPTED, Document, Exit, UsageProblem, exit_for
from cli.progress import Progress, done_of
from cli.report_download import download
from cli.waiting import wait_for
from longshore.domain.status import JobStatus

STATUSES = [status.value for status in JobStatus]

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")


@click.command(short_help="Show jobs.")
@click.argument("jobs", nargs=-1, required=True, metavar="JOB...")
@click.option("--wait", is_flag=True, help="Wait until they are done.")
@json_option
def status(jobs: tuple[str, ...], wait: bool, as_json: bool) -> int:
    """Show how JOBs stand. The exit status is that of `import`; a job that is still going on counts as 0."""
    with connect() as client:
        documents = wait_for(client, jobs, Progress()) if wait else [_job(client, job) for job in jobs]
    if as_json:
        render.print_json({"jobs": documents} if len(jobs) > 1 else documents[0])
    else:
        for document in documents:
            click.echo(render.summary(document))
    return exit_for(documents)


def _job(client: Client, job_id: str) -> Document:
    try:
        return client.job(job_id)
    except UsageProblem as problem:
        hint = "; this command's embedded AWS is its own: run `longshore up` beside it" if client.own else ""
        raise UsageProblem(f"{problem}{hint}") from None


@click.command("list", short_help="List jobs, newest first.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option(
    "--status", "wanted", type=click.Choice(list(JobStatus), case_sensitive=False), help="Only jobs in this status."
)
@json_option
def list_jobs(limit: int, wanted: str | None, as_json: bool) -> int:
    """List jobs, newest first."""
    with connect() as client:
        jobs, more = _first(client.jobs(wanted or ""), limit)
    if as_json:
        render.print_json({"jobs": jobs, "more": more})
        return Exit.COMPLETED
    header = ("JOB", "STATUS", "TEMPLATE", "ROWS", "DONE", "REJECTED", "CREATED", "FILE")
    click.echo(render.table(header, map(_row, jobs)) if jobs else "no jobs")
    if more:
        click.echo(f"there are more: longshore list --limit {limit * 5}", err=True)
    return Exit.COMPLETED


def _row(job: Document) -> tuple[object, ...]:
    counts = job["counts"]
    numbers = (counts["rows"], done_of(job), counts["rejected"])
    return job["job_id"], job["status"], job["template"], *numbers, job["created_at"], job["file_name"]


@click.command(short_help="Show the rejected rows of a job.")
@click.argument("job")
@click.option("--limit", type=click.IntRange(1, 10_000_000), default=100, show_default=True)
@click.option(
    "--report",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="Write all of them there instead, to be corrected and imported: .csv, .xlsx, or .zip of several parts.",
)
@json_option
def errors(job: str, limit: int, report: Path | None, as_json: bool) -> int:
    """Show the rows of JOB that were not loaded: line, column, reason, raw text."""
    if report:
        return download(job, report, as_json)
    with connect() as client:
        rows, more = _first(client.errors(job), limit)
    if as_json:
        render.print_json({"job_id": job, "errors": rows, "more": more})
        return Exit.COMPLETED
    for row in rows:
        click.echo(render.error_line(row))
    if not rows:
        click.echo("no rejected rows")
    if more:
        click.echo(f"there are more: longshore errors {job} --limit {limit * 10}", err=True)
    return Exit.COMPLETED


def _first(documents: Iterator[Document], limit: int) -> tuple[list[Document], bool]:
    taken = list(islice(documents, limit))
    return taken, next(documents, None) is not None


@click.command(short_help="Cancel a job.")
@click.argument("job")
@click.option("--no-wait", is_flag=True, help="Only ask; do not wait until no batch is in flight any more.")
@json_option
def cancel(job: str, no_wait: bool, as_json: bool) -> int:
    """Cancel JOB: batches in flight are finished, the rest of its rows stays unprocessed."""
    with connect() as client:
        client.cancel(job)
        try:
            document = client.job(job) if no_wait else wait_for(client, [job], Progress())[0]
        except KeyboardInterrupt:
            click.echo(
                f"longshore: no longer waiting; {job} is cancelled once its batches in flight are done", err=True
            )
            return INTERRUPTED
    if as_json:
        render.print_json(document)
    else:
        click.echo(render.summary(document))
    return Exit.COMPLETED

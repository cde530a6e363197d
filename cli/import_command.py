"""`longshore import`: uploads files, follows their jobs to the end and sums up."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from cli import questions, render, template_source
from cli.client import Client
from cli.connection import connect
from cli.file_flags import file_flags, file_options
from cli.outcome import INTERRUPTED, RESTING, CliError, Document, Exit, exit_for
from cli.progress import Progress
from cli.sources import check_source, submit
from cli.waiting import wait_for
from longshore.domain.job import Mode


class Moment(click.ParamType):
    """A time with an offset, ISO 8601."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text if it is such a time."""
        try:
            has_offset = datetime.fromisoformat(value).tzinfo is not None
        except ValueError:
            has_offset = False
        if not has_offset:
            self.fail(f"{value!r} is no time with an offset, such as 2027-01-31T06:00:00+01:00", param, ctx)
        return value


@click.command("import", short_help="Import files.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--template", required=True, metavar="T", help="A stored template's name, or the path of a document.")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="Instead of the template's.")
@click.option("--priority", type=click.IntRange(1, 10), default=5, show_default=True, help="1 (low) to 10 (urgent).")
@click.option("--start-at", type=Moment(), help="Load then and not before, for example 2027-01-31T06:00:00+01:00.")
@file_flags
@click.option("--force", is_flag=True, help="Import even if the same content was imported before.")
@click.option("--preview", is_flag=True, help="Read and check only; the job stays VALIDATED.")
@click.option("--no-wait", is_flag=True, help="Return as soon as the files are uploaded.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output.")
def import_files(
    files: tuple[Path, ...],
    template: str,
    mode: str | None,
    priority: int,
    start_at: str | None,
    force: bool,
    preview: bool,
    no_wait: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Import FILES as the template says, and wait until they are done.

    What a column is that is not clear is asked on a terminal; elsewhere the job waits for `longshore answer`.

    \b
    Exit status: 0 completed, 1 completed with errors, 2 rejected, failed,
    cancelled or waiting for answers, 3 something is wrong with the command,
    4 Longshore not reachable.
    """
    for path in files:
        check_source(path)
    document = Path(template) if template_source.is_path(template) else None
    if document:
        template = template_source.read_document(document)["name"]
    request: dict[str, Any] = {"template": template, "mode": mode, "priority": priority, "start_at": start_at}
    if options := file_options(**flags).model_dump(exclude_unset=True):
        request["file"] = options
    with connect("--no-wait" if no_wait else "--start-at" if start_at else "") as client:
        if document:
            template_source.push(client, document)
        return _import(client, files, {**request, "force": force, "preview": preview}, no_wait, as_json)


def _import(client: Client, files: tuple[Path, ...], request: Document, no_wait: bool, as_json: bool) -> int:
    job_ids, worst = _submit_all(client, files, request)
    try:
        jobs = [client.job(i) for i in job_ids] if no_wait else wait_for(client, job_ids, Progress())
        if not (no_wait or as_json) and questions.on_a_terminal():
            jobs = questions.settled_by_asking(client, jobs)
    except KeyboardInterrupt:
        click.echo(f"longshore: {interrupted(client, job_ids)}", err=True)
        return INTERRUPTED
    show(client, jobs, len(files) > 1, as_json)
    return max(worst, exit_for(jobs))


def _submit_all(client: Client, files: tuple[Path, ...], request: Document) -> tuple[list[str], Exit]:
    """Return the ids of the jobs made, and the status of the problem that ended the series, if one did."""
    job_ids: list[str] = []
    for number, path in enumerate(files):
        try:
            job_ids.append(submit(client, path, request)["job_id"])
        except CliError as problem:
            if not job_ids:
                raise
            left = ", ".join(map(str, files[number:]))
            click.echo(f"longshore: {problem}; not imported: {left}", err=True)
            return job_ids, problem.status
    return job_ids, Exit.COMPLETED


def interrupted(client: Client, job_ids: list[str]) -> str:
    """Return what a person who no longer waits should know."""
    if client.own:
        return "interrupted; the embedded AWS of this command ends, and the import with it"
    ids = " ".join(job_ids)
    return f"no longer waiting, but the import goes on: see `longshore status {ids}`, stop `longshore cancel {ids}`"


def show(client: Client, jobs: list[Document], several: bool, as_json: bool) -> None:
    """Print how jobs stand: what they did on standard output, what is wrong or awaited on standard error."""
    if as_json:
        render.print_json({"jobs": jobs} if several else jobs[0])
    for job in jobs:
        if not as_json:
            click.echo(render.summary(job))
        if job["counts"]["rejected"] and not as_json and not client.own:
            click.echo(f"  all of them: longshore errors {job['job_id']}")
        for part, question in questions.open_questions(job):
            click.echo(f"  {questions.question_line(question, part['name'])}", err=True)
        if job["status"] in RESTING:
            click.echo(f"longshore: {job['job_id']} is {job['status']}: {_rest(job)}", err=True)
        elif exit_for([job]) is Exit.FAILED:
            why = render.one_line(job["reason"]["message"]) if job["reason"] else "no reason was recorded"
            click.echo(f"longshore: {job['file_name']}: {job['status']}: {why}", err=True)


def _rest(job: Document) -> str:
    if job["status"] == "SCHEDULED":
        return f"it starts at {job['start_at']}"
    if job.get("questions"):
        return f"it must be told what these columns are: {questions.how_to_answer(job)}, or --ignore HEADER"
    return f"checked, and nothing is loaded; `longshore start {job['job_id']}` loads it"

"""`longshore answer`: says what the columns are that a job asks about."""

import click

from cli import questions
from cli.client import Client
from cli.connection import connect
from cli.import_command import interrupted, show
from cli.job_commands import json_option
from cli.outcome import INTERRUPTED, Document, UsageProblem, exit_for
from cli.progress import Progress
from cli.waiting import wait_for


def column_fields(columns: tuple[str, ...], ignored: tuple[str, ...]) -> dict[str, str | None]:
    """Return the field of each header, None for one to be ignored; raise UsageProblem for what is not HEADER=FIELD."""
    fields: dict[str, str | None] = {}
    for given in columns:
        # The name of a field has no = in it; a header may.
        header, equals, field = given.rpartition("=")
        if not (equals and header.strip() and field.strip()):
            raise UsageProblem(f"--column {given!r} must be HEADER=FIELD, such as 'E-mail adr.=email'")
        fields[header] = field.strip()
    return fields | dict.fromkeys(ignored)


column_option = click.option("--column", "columns", multiple=True, metavar="HEADER=FIELD", help="The column's field.")
ignore_option = click.option("--ignore", "ignored", multiple=True, metavar="HEADER", help="A column to be ignored.")


@click.command(short_help="Say what columns are that a job asks about.")
@click.argument("job")
@column_option
@ignore_option
@click.option("--part", type=click.IntRange(0), default=None, help="Only of this part; of every one if left out.")
@click.option("--no-wait", is_flag=True, help="Return as soon as the answers are stored.")
@json_option
def answer(
    job: str, columns: tuple[str, ...], ignored: tuple[str, ...], part: int | None, no_wait: bool, as_json: bool
) -> int:
    """Answer what JOB asks about its columns, and wait until it is done.

    Answers are kept for every later file of the template, see `longshore templates mapping`. Once nothing is open the
    file is read again. Without --column and --ignore the questions are asked on a terminal. The exit status is that of
    `import`: 2 while questions are open.
    """
    given = column_fields(columns, ignored)
    with connect() as client:
        found = client.job(job)
        try:
            if not given and questions.on_a_terminal() and not as_json:
                jobs = questions.settled_by_asking(client, [found])
            else:
                jobs = _answered(client, found, given, part, no_wait)
        except KeyboardInterrupt:
            click.echo(f"longshore: {interrupted(client, [job])}", err=True)
            return INTERRUPTED
        show(client, jobs, False, as_json)
    return exit_for(jobs)


def _answered(
    client: Client, job: Document, given: dict[str, str | None], part: int | None, no_wait: bool
) -> list[Document]:
    """Give the answers, or with none see whether others have answered everything."""
    asked: dict[str, set[int]] = {}
    for asking, question in questions.open_questions(job):
        asked.setdefault(question["header"], set()).add(asking["part"])
    answers = [
        {"part": number, "header": header, "field": field}
        for header, field in given.items()
        for number in sorted(asked.get(header, {0}) if part is None else {part})
    ]
    if answers or not asked:
        client.answer(job["job_id"], answers)
    return [client.job(job["job_id"])] if no_wait else wait_for(client, [job["job_id"]], Progress())

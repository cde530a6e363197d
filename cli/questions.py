"""Questions about the columns of a file: shown, asked on a terminal, and answered."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from cli import render
from cli.client import Client
from cli.outcome import Document
from cli.progress import Progress
from cli.waiting import wait_for

Answer = dict[str, Any]
"""Part, header, and the field or None, as the API takes it."""

IGNORE = "-"


def open_questions(job: Document) -> Iterator[tuple[Document, Document]]:
    """Yield the part and each question that a job waits for."""
    for part in job.get("parts", ()):
        for question in part.get("questions", ()):
            yield part, question


def question_line(question: Document, part_name: str = "") -> str:
    """Return a question as one line: the part if the file has several, the column, and what it may be."""
    candidates = ", ".join(f"{c['field']} ({c['score']:.2f})" for c in question["candidates"])
    part = f"{render.one_line(part_name)}: " if part_name else ""
    return f"{part}column {question['position']} {render.quoted(question['header'])} may be {candidates}"


def how_to_answer(job: Document) -> str:
    """Return the command that answers the first question, and leaves the choice to the person."""
    _, first = next(open_questions(job))
    return f"longshore answer {job['job_id']} --column {render.quoted(first['header'] + '=FIELD')}"


def on_a_terminal() -> bool:
    """Whether a person is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def settled_by_asking(client: Client, jobs: Sequence[Document]) -> list[Document]:
    """Ask on the terminal what each job waits for, and return the jobs once they have gone on with the answers."""
    done = list(jobs)
    for at, job in enumerate(done):
        while asked := list(open_questions(job)):
            click.echo(f"{job['file_name']}: what these columns are is not clear; nothing is loaded before", err=True)
            answers = list(_asked(client, job, asked))
            client.answer(job["job_id"], answers)
            job = wait_for(client, [job["job_id"]], Progress())[0]
        done[at] = job
    return done


def _asked(client: Client, job: Document, asked: Sequence[tuple[Document, Document]]) -> Iterator[Answer]:
    for part, question in asked:
        template = client.template(part["template"], part["template_version"])["template"]
        fields = [field["name"] for field in template["fields"]]
        click.echo(f"  {question_line(question, part['name'])}", err=True)
        yield {"part": part["part"], "header": question["header"], "field": _field(question, fields)}


def _field(question: Document, fields: Sequence[str]) -> str | None:
    """Ask until the answer is the number of a candidate, the name of a field, or that the column is ignored."""
    candidates = [candidate["field"] for candidate in question["candidates"]]
    for number, name in enumerate(candidates, start=1):
        click.echo(f"    {number}  {name}", err=True)
    click.echo(f"    {IGNORE}  ignore this column", err=True)
    choices: Mapping[str, str | None] = {
        **{name: name for name in fields},
        **{str(number): name for number, name in enumerate(candidates, start=1)},
        IGNORE: None,
    }
    while (given := click.prompt("  which, or the name of another field", err=True).strip()) not in choices:
        click.echo(f"  {render.quoted(given)} is none of these; the fields are {', '.join(fields)}", err=True)
    return choices[given]

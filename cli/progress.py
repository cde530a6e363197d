"""Progress on standard error: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from cli.outcome import Document
from cli.render import counted


class Progress:
    """Shows jobs as they go on; call `show` as often as there is news, and `close` at the end."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._terminal = sys.stderr.isatty()
        self._shown: dict[str, tuple[str, int]] = {}

    def show(self, jobs: Sequence[Document]) -> None:
        """Show how the jobs stand now."""
        if self._terminal:
            self._draw(jobs)
        else:
            for job in jobs:
                self._print(job)

    def close(self) -> None:
        """Leave the bar's line."""
        if self._bar is not None:
            self._bar.render_finish()

    def _draw(self, jobs: Sequence[Document]) -> None:
        rows, done = sum(map(rows_of, jobs)), sum(map(done_of, jobs))
        if self._bar is None:
            self._bar = click.progressbar(length=1, file=sys.stderr, show_eta=False, show_percent=True)
        self._bar.length = max(rows, 1)
        self._bar.label = f"{_where(jobs)} {done:,}/{counted(rows, 'row')}"
        self._bar.pos = done
        self._bar.update(0)
        self._bar.render_progress()

    def _print(self, job: Document) -> None:
        rows, done = rows_of(job), done_of(job)
        # Elsewhere than on a terminal, a line for each status and each tenth of the rows is enough.
        status, tenth = job["status"], 10 * done // max(rows, 1)
        if self._shown.get(job["job_id"]) == (status, tenth):
            return
        self._shown[job["job_id"]] = (status, tenth)
        of_rows = f", {done:,} of {counted(rows, 'row')}" if rows else ""
        click.echo(f"{job['job_id']} {job['file_name']}: {status}{of_rows}", err=True)


def rows_of(job: Document) -> int:
    """Rows of a job's file, as far as they are known."""
    return int(job["counts"]["rows"])


def done_of(job: Document) -> int:
    """Rows that are accounted for by now."""
    return rows_of(job) - int(job["counts"]["unprocessed"])


def _where(jobs: Sequence[Document]) -> str:
    statuses = sorted({str(job["status"]) for job in jobs})
    return statuses[0] if len(statuses) == 1 else f"{len(jobs)} jobs"

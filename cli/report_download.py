"""`longshore errors JOB --report OUT`: has the report of a job made, waits for it, and downloads it."""

import time
from pathlib import Path

import click
import requests

from cli import render
from cli.client import Client
from cli.connection import connect
from cli.outcome import CliError, Document, Exit, Unreachable, UsageProblem
from cli.output_files import OutputFile

KIND_OF = {".csv": "csv", ".zip": "csv", ".xlsx": "xlsx"}
"""The format of a report by what the name of its file ends with."""

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.3, 5.0, 1.5
WAIT_SECONDS = 1800
TIMEOUT = (5, 300)
BLOCK_BYTES = 1024 * 1024


def download(job: str, path: Path, as_json: bool) -> int:
    """Write the report of a job to a file; raise UsageProblem where the file's name does not fit it."""
    kind = KIND_OF.get(path.suffix)
    if kind is None:
        raise UsageProblem(f"{path}: a report is .csv, .xlsx or, as CSV of several parts, .zip; name it so")
    with connect() as client:
        report = _made(client, job, kind)
        if report["url"]:
            _check_name(path, report)
            _fetch(client, report["url"], path)
    written = bool(report["url"])
    if as_json:
        render.print_json({"job_id": job, "rows": report["rows"], "report": str(path) if written else None})
    else:
        click.echo(f"{render.counted(report['rows'], 'rejected row')}: {path}" if written else "no rejected rows")
    return Exit.COMPLETED


def _made(client: Client, job: str, kind: str) -> Document:
    pause, until = FIRST_PAUSE, time.monotonic() + WAIT_SECONDS
    while (report := client.report(job, kind))["status"] != "READY":
        if time.monotonic() > until:
            raise CliError(f"the report of {job} is not made yet; ask again later, or see the log of MakeReport")
        time.sleep(pause)
        pause = min(pause * GROWTH, LONGEST_PAUSE)
    return report


def _check_name(path: Path, report: Document) -> None:
    suffix = Path(report["file_name"]).suffix
    if path.suffix != suffix:
        raise UsageProblem(f"the report of {report['job_id']} is a {suffix} file; name it so instead of {path}")


def _fetch(client: Client, url: str, path: Path) -> None:
    with OutputFile(path) as out:
        try:
            with requests.Session() as session:  # not the client's: its token is none of the bucket's business
                session.trust_env = client.trust_env
                with session.get(url, stream=True, timeout=TIMEOUT) as answer:
                    answer.raise_for_status()
                    for block in answer.iter_content(BLOCK_BYTES):
                        out.file.write(block)
        except requests.RequestException as error:
            raise Unreachable(f"the report could not be downloaded: {type(error).__name__}; try again") from None
        out.keep()

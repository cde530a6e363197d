"""What a person reads: a job's summary, rejected rows, and tables; `--json` prints the API's documents instead."""

import json
import shlex
from collections.abc import Iterable, Sequence

import click

from cli.outcome import Document

RAW_SHOWN = 80
EFFECTS = ("created", "updated", "deleted")
OTHERS = ("unchanged", "rejected", "held", "unprocessed")


def print_json(document: object) -> None:
    """Print one object."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def summary(job: Document) -> str:
    """Return a job as a few lines: status, counts, reason, the first rejected rows."""
    lines = [f"{job['file_name']} -> {job['template'] or '?'}: {job['status']}  (job {job['job_id']})"]
    if job["counts"]["rows"]:
        lines.append(f"  {counts_line(job['counts'])}")
    if job["reason"]:
        lines.append(f"  {one_line(job['reason']['message'])}")
    lines += part_lines(job.get("parts") or [])
    sample = (job.get("report") or {}).get("rejected_sample") or []
    if sample:
        lines += ["  first rejected rows:", *(f"    {error_line(error)}" for error in sample)]
    return "\n".join(lines)


def part_lines(parts: Sequence[Document]) -> list[str]:
    """Return the counts of each part where there are several, and the warnings of all of them."""
    lines = []
    for part in parts:
        if len(parts) > 1:
            name = one_line(part["name"])
            lines.append(f"  {name} -> {part['template']}: {counts_line(part['counts'])}")
        lines += [f"  warning: {warning_line(warning)}" for warning in part.get("warnings") or []]
    return lines


def warning_line(warning: Document) -> str:
    """Return a warning: what, how often, and where it was met first."""
    column = f" in column {warning['column']}" if warning["column"] else ""
    lines = f", first in line {', '.join(map(str, warning['lines']))}" if warning["lines"] else ""
    example = f", such as {one_line(warning['example'])}" if warning["example"] else ""
    return f"{warning['code']}: {one_line(warning['message'])} ({warning['count']:,}{column}{lines}{example})"


def counts_line(counts: Document) -> str:
    """Return counts as a sentence; kinds of which there are none are left out."""
    effects = [f"{counts[kind]:,} {kind}" for kind in EFFECTS if counts[kind]]
    loaded = f"{counts['loaded']:,} loaded" + (f" ({', '.join(effects)})" if effects else "")
    others = [f"{counts[kind]:,} {kind}" for kind in OTHERS if counts[kind]]
    return f"{counted(counts['rows'], 'row')}: " + ", ".join([loaded, *others])


def counted(count: int, what: str) -> str:
    """Return a number with what is counted, in the plural unless it is one: 1 row, 2,000 rows."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def error_line(error: Document) -> str:
    """Return a rejected row: where it is, why, and the beginning of its raw text."""
    column = f", column {error['column']}" if error.get("column") else ""
    field = f" ({error['field']})" if error.get("field") else ""
    raw = one_line(error.get("raw_data") or "")
    raw = raw if len(raw) <= RAW_SHOWN else raw[: RAW_SHOWN - 1] + "…"
    return f"line {error['line']}{column}{field}: {error['code']}: {one_line(error['message'])} | {raw}"


def one_line(text: str) -> str:
    """Return a text without line ends or control characters, which a file's content may carry to a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def quoted(text: str) -> str:
    """Return a text of a file in quotes, as a shell takes it."""
    return shlex.quote(one_line(text)) if "'" in text else f"'{one_line(text)}'"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows in aligned columns."""
    cells = [[one_line(str(cell)) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells)

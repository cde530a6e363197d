"""The report of rejected rows of a file that was checked here: it is read once more for their cells."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from cli.outcome import CliError, UsageProblem
from cli.output_files import OutputFile
from cli.sources import open_source
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.template import Template
from longshore.errors import FileRejected, InvalidRequest
from longshore.readers.reports.reject_report import ReportFormat, suffix_of, write_report
from longshore.readers.reports.reject_rows import RejectedPart
from longshore.readers.upload import Upload
from longshore.readers.validation import Validation

KIND_OF: dict[str, ReportFormat] = {".csv": "csv", ".zip": "csv", ".xlsx": "xlsx"}
"""The format of a report by what the name of its file ends with."""


@dataclass(frozen=True)
class CheckedPart:
    """A part that was read to its end, how many errors it has, and where they begin in the file that keeps them."""

    number: int
    name: str
    template: Template
    plan: ParsePlan
    result: Validation
    errors: int
    begins: int


@dataclass(frozen=True)
class CheckedFile:
    """What was read of a file.

    `assumed` counts the keys that its rows refer to and that no accepted row of it has, by record type; `samples` are
    some of them.
    """

    parts: list[CheckedPart]
    sha256: str
    size: int
    assumed: Mapping[str, int]
    samples: Mapping[str, Sequence[str]]


def check_name(out: Path, parts: Sequence[CheckedPart]) -> None:
    """Raise UsageProblem where the name of a report does not fit a file of so many parts."""
    kind = KIND_OF[out.suffix]
    if out.suffix == ".csv" and len(parts) > 1:
        raise UsageProblem(f"the file has {len(parts)} parts, and {out} can hold one; name a .zip or an .xlsx file")
    if out.suffix == ".zip" and suffix_of(kind, len(parts)) != "zip":
        raise UsageProblem(f"the file has one part, so its report is no archive; name a .csv file instead of {out}")


def report(path: Path, options: FileOptions, checked: CheckedFile, spool: BinaryIO, out: OutputFile) -> None:
    """Write the report of a checked file; `spool` has its errors as NDJSON. Raises CliError where the file changed."""
    parts = [
        RejectedPart(part.number, part.name, part.plan, part.template, _errors(part, spool)) for part in checked.parts
    ]
    with unchanged(path), open_source(path) as again:
        with Upload(again, options, checked.size) as upload:
            write_report(upload.parts, parts, f"file-{checked.sha256[:16]}", KIND_OF[out.path.suffix], out.file)
            same = upload.sha256 == checked.sha256
        if not same:
            raise changed(path)
    out.keep()


def _errors(part: CheckedPart, spool: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield the errors of a part; parts are read in another order than they are written."""
    spool.seek(part.begins)
    yield from map(orjson.loads, islice(spool, part.errors))


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Say that a file changed where it cannot be read once more as it was read before; raises CliError."""
    try:
        yield
    except (FileRejected, IndexError):
        raise changed(path) from None
    except InvalidRequest as problem:
        raise UsageProblem(f"the report was not written: {problem}") from None


def changed(path: Path) -> CliError:
    """Return the problem of a file that is not the same when it is read once more."""
    return CliError(f"{path} changed while it was read, or can be read only once; check it again when it rests")

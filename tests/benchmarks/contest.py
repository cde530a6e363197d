"""Ways to check a file of students, each run in a process of its own: what it took, and what it found.

`python -m tests.benchmarks.contest WAY FILE [prove]` runs one and prints a line of JSON. Time is the CPU time of the
process, which other work on the machine does not change, from the opening of the file to the last result; importing
and compiling rules come before it.
"""

import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from longshore.domain.rows.row_columns import RowColumns
from longshore.readers.heap import keep_freed_blocks
from longshore.storage.gzip_members import gzip_members

BATCH_ROWS = 1000
WAYS = {
    "floor": "tests.benchmarks.contest:floor",
    "errors": "tests.benchmarks.students_ours:errors",
    "everything": "tests.benchmarks.students_ours:everything",
    "naive": "tests.benchmarks.students_naive:everything",
    "best_pydantic": "tests.benchmarks.students_pydantic:everything",
    "workbook": "tests.benchmarks.students_ours:everything",
    "openpyxl": "tests.benchmarks.students_naive:workbook",
}
"""Name to module and factory; a factory compiles the rules and returns the way."""


@dataclass
class Output:
    """Where a way writes gzipped JSON documents, one a batch; what it writes is dropped unless it is to be proved."""

    keeps: bool = False
    bytes: int = 0
    records: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)

    def take_records(self, member: bytes) -> None:
        """Take a batch of accepted rows."""
        self.bytes += len(member)
        if self.keeps:
            self.records.append(member)

    def take_errors(self, member: bytes) -> None:
        """Take a batch of row errors."""
        self.bytes += len(member)
        if self.keeps:
            self.errors.append(member)


Way = Callable[[Path, Output], int]
"""Checks a file and returns its number of rows."""


@dataclass(frozen=True)
class Run:
    """What a way took, and with `prove` what it found, as hashes.

    `cpu` and `wall` are seconds, `peak` the most memory of the process in bytes, `before` that before the way began.
    """

    rows: int
    cpu: float
    wall: float
    peak: int
    before: int
    records: str = ""
    cells: str = ""
    cells_alone: str = ""
    faulty: int = 0

    @property
    def rate(self) -> float:
        """Rows in a second of CPU time."""
        return self.rows / self.cpu


def run(way: str, path: Path, *more: str, python: str = sys.executable) -> Run:
    """Run a way in a process of its own."""
    command = [python, "-m", "tests.benchmarks.contest", way, str(path), *more]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Run(**json.loads(done.stdout))


def floor() -> Way:
    """Return what no way can undercut: reading the bytes and their SHA-256."""

    def read(path: Path, _: Output) -> int:
        digest, rows = sha256(), 0
        with path.open("rb", buffering=0) as file:
            while block := file.read(128 * 1024):
                digest.update(block)
        return rows

    return read


def pieces(members: Iterable[bytes]) -> Iterator[Any]:
    """Yield the records, or errors, that were written."""
    for _, content in gzip_members(BytesIO(b"".join(members)), 0):
        document = orjson.loads(content)
        if isinstance(document, dict):
            for row, _line, *values in rows_of(document):
                yield {"row": row, **dict(zip(document["fields"], values, strict=True))}
        elif isinstance(document[0], dict):  # else these are raw texts, which only one of the ways keeps
            yield from document


def rows_of(document: dict[str, Any]) -> Iterable[Any]:
    """Return rows as one way or the other writes them: column by column, or row by row."""
    return RowColumns.of(document) if "chunks" in document else document["rows"]


def digests(out: Output) -> dict[str, Any]:
    """Return hashes of the records, of the faulty cells, and of those that no rule between fields is to blame for."""
    records = sha256()
    for record in pieces(out.records):
        records.update(orjson.dumps(record, option=orjson.OPT_SORT_KEYS))
    errors = list(pieces(out.errors))
    cells = {(error["row"], error["field"]) for error in errors}
    alone = {(error["row"], error["field"]) for error in errors if error.get("code") != "RULE_BROKEN"}
    return {"records": records.hexdigest(), "cells": digest(cells), "cells_alone": digest(alone), "faulty": len(cells)}


def digest(cells: Collection[tuple[int, str]]) -> str:
    """Return a hash of the places of faulty cells: row and field."""
    return sha256(orjson.dumps(sorted(cells))).hexdigest()


def peak() -> int:
    """Return the most memory that this program ever had, in bytes.

    Linux knows it for the program (proc(5), VmHWM); ru_maxrss is inherited from whoever started it.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    (kilobytes,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) * 1024


def main(name: str, file: str, proves: str = "") -> None:
    """Run a way and print its Run."""
    module, _, factory = WAYS[name].partition(":")
    way = getattr(importlib.import_module(module), factory)()
    keep_freed_blocks()  # for every way: ours does it by itself
    out, before, started, begun = Output(keeps=bool(proves)), peak(), time.perf_counter(), time.process_time()
    rows = way(Path(file), out)
    cpu, wall = time.process_time() - begun, time.perf_counter() - started
    found = {"rows": rows, "cpu": cpu, "wall": wall, "peak": peak(), "before": before}
    print(json.dumps(found | (digests(out) if proves else {})))


if __name__ == "__main__":
    main(*sys.argv[1:])

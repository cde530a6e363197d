"""Uploads made to hang a parser or to eat its memory; as a program it reads each in a process of its own.

A line of JSON for each upload is printed: its name, what became of it, how many bytes were read, and how much memory
it took above that of the process before.
"""

import gzip
import io
import json
import os
import resource
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

from workbook_files import Made, data_row, header, row, sheet_xml, text

from longshore.domain.rows.raw_texts import RawTexts
from longshore.domain.rows.row_batch import RowBatch
from longshore.domain.templates.template import Template, parse_template
from longshore.errors import FileRejected
from longshore.readers.upload import Upload
from longshore.readers.validation import plan_part, validate

MILLION = 1_000_000
CPU_SECONDS = 120
"""A process that hangs is killed by the system; this is no measure of speed."""


def template(*more: dict[str, object], **changes: object) -> Template:
    fields = [{"name": "id", "required": True}, {"name": "n"}, *more]
    document = {"name": "t", "record_type": "t", "key": ["id"], "fields": fields, "max_rejected_percent": 100}
    return parse_template(document | changes)


def cells(cell: bytes, rows: int = 10) -> bytes:
    return b"id,n,p\n" + b"".join(b"%d,x,%s\n" % (n, cell) for n in range(rows))


def zipped(names: list[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"id,n\n1,a\n")
    return out.getvalue()


def sheet(rows: str, after: str = "") -> bytes:
    return Made({"S": sheet_xml(rows, after)}).bytes()


def of(kind: str, **options: object) -> Template:
    return template({"name": "p", "type": kind, **options})


def keeping() -> Template:
    return template(unknown_columns="keep", extra_cells="keep")


def expressions(operator: str) -> Template:
    longest = operator.join(["p"] * 60) + " > 1"
    return template(
        {"name": "p", "type": "decimal"}, rules=[{"name": f"r{n}", "expression": longest} for n in range(100)]
    )


def growing(transform: dict[str, object]) -> Template:
    return template({"name": "p", "transforms": [transform] * 20})


NUMBERED = b"".join(b"%d,x,%d\n" % (n, n) for n in range(300))
NEW_KEYS = ",".join(f'{{"id": {n}, "k{n}": 1}}' for n in range(8000))

UPLOADS: dict[str, Callable[[], tuple[bytes, Template]]] = {
    "one line": lambda: (b"id,n\n1," + b"x" * 10 * MILLION + b"\n2,b\n", template()),
    "nothing but one line": lambda: (b"x" * 10 * MILLION, template()),
    "a line of commas": lambda: (b"id,n\n1" + b"," * 3 * MILLION + b"\n2,b\n", keeping()),
    "100,000 columns": lambda: ((",".join(f"c{n}" for n in range(100_000)) + "\n1\n").encode(), keeping()),
    "60,000 blank columns": lambda: (b"id" + b"," * 60_000 + b"\n" + (b"1" + b"," * 60_000 + b"\n") * 5, keeping()),
    "a million quotes": lambda: (b"id,n\n1," + b'"' * MILLION + b"\n2,b\n", template()),
    "a million quotes and one": lambda: (b"id,n\n1," + b'"' * (MILLION + 1) + b"\n2,b\n", template()),
    "a quote on each line": lambda: (b"id,n\n" + b'"\n' * 100_000, template()),
    "quotes that open on each line": lambda: (b"id,n\n" + b'a"",","\n' * 50_000, template()),
    "a million escapes": lambda: (b'id,n\n1,"' + b"\\" * MILLION + b"\n2,b\n", template(file={"escape": "\\"})),
    "a million carriage returns": lambda: (b"id,n\n" + b"\r" * MILLION + b"1,a\n", template()),
    "arrays in arrays": lambda: (b"[" * MILLION, template()),
    "objects in objects": lambda: (b'{"a":' * MILLION, template()),
    "a deep value": lambda: (b'[{"id":1,"n":' + b"[" * 300_000 + b"]" * 300_000 + b'},{"id":2}]', template()),
    "a string without end": lambda: (b'[{"id":1,"n":"' + b"a" * 10 * MILLION, template()),
    "a long number": lambda: (b'[{"id":1,"n":' + b"9" * MILLION + b"}]", template()),
    "one key again and again": lambda: (b'[{"id":1,' + b'"a":1,' * 300_000 + b'"n":1}]', keeping()),
    "a new key in each record": lambda: (f"[{NEW_KEYS}]".encode(), keeping()),
    "broken elements": lambda: (b'[{"id":1},' + b'{"id":},' * 50_000 + b'{"id":2}]', template()),
    "tiny gzip members": lambda: (
        b"".join(gzip.compress(b"%d,x\n" % n) for n in range(20_000)),
        template(file={"header_row": 1}, unknown_columns="ignore"),
    ),
    "empty gzip members": lambda: (gzip.compress(b"id,n\n1,a\n") + gzip.compress(b"") * 100_000, template()),
    "a gzip bomb": lambda: (gzip.compress(b"id,n\n" + b"1" * 100 * MILLION, 9), template()),
    "a zip with 5,000 files": lambda: (zipped([f"{n}.csv" for n in range(5000)]), template()),
    "a zip with 5,000 folders": lambda: (zipped([*(f"d{n}/" for n in range(5000)), "a.csv"]), template()),
    "a zip with 60,000 files": lambda: (zipped([f"{n}.csv" for n in range(60_000)]), template()),
    "a cell far away": lambda: (sheet(header("id", "n") + row(1_048_576, text("XFD1048576", "1"))), template()),
    "60,000 columns that may be secret": lambda: (
        b"id" + b"," * 60_000 + b"\n" + (b"1" + b",2" * 60_000 + b"\n") * 5,
        template({"name": "s", "sensitive": True}, unknown_columns="ignore"),
    ),
    "a header far away": lambda: (sheet(row(1, text("A1", "id"), text("XFD1", "n")) + data_row(2)), keeping()),
    "cells far away": lambda: (
        sheet(header("id", "n") + "".join(row(n, text(f"A{n}", "1"), text(f"XFD{n}", "1")) for n in range(2, 2000))),
        keeping(),
    ),
    "deep XML": lambda: (sheet("<a>" * MILLION), template()),
    "merged cells": lambda: (
        sheet(header("id", "n") + data_row(2), '<mergeCell ref="A1:XFD1048576"/>' * 100_000),
        template(),
    ),
    "a pattern that backtracks": lambda: (cells(b"a" * 5000), of("string", pattern="(a|aa|aaa|[a-z]+)*b")),
    "a large pattern": lambda: (cells(b"a" * 500_000), of("string", pattern="(a?){500}a{500}")),
    "a transform that grows": lambda: (cells(b"a" * 3000), growing({"replace": {"find": "a", "by": "aa"}})),
    "a pattern that grows": lambda: (cells(b"a" * 9000, 1), growing({"replace": {"pattern": "a*", "by": "b" * 200}})),
    "products of the greatest size": lambda: (b"id,n,p\n" + NUMBERED, expressions(" * ")),
    "quotients of the greatest size": lambda: (b"id,n,p\n" + NUMBERED, expressions(" / ")),
    "a list of many items": lambda: (cells(b"x;" * 300_000, 3), of("list", enum=["y"])),
    **{
        f"long texts for type {kind}": lambda kind=kind, cell=cell: (cells(cell * 100_000), of(kind))
        for kind, cell in {
            "integer": b"9",
            "decimal": b"9",
            "date": b"2026-",
            "time": b"1:",
            "datetime": b"2026-03-01T",
            "email": b"a.",
            "phone": b"1 ",
            "url": b"http://a.",
            "uuid": b"a-",
            "json": b"[",
            "boolean": b"true",
        }.items()
    },
    "large exponents": lambda: (
        b"id,n,p\n" + b"".join(b"%d,a,1e%d\n" % (n, 10**9 - n) for n in range(999)),
        of("decimal"),
    ),
    "a report of separators": lambda: (b"longshore_row_id;id;n\nj#0#1;1;" + b", " * 200_000 + b"\n", template()),
}


class Counting(io.BytesIO):
    """Knows how many bytes were read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        self.taken += len(block)
        return block


class Counted:
    """A sink that keeps nothing."""

    def __init__(self) -> None:
        self.accepted = 0
        self.rejected: set[object] = set()

    def rows(self, batch: RowBatch, raw: RawTexts) -> None:
        self.accepted += len(raw.texts)

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        self.rejected.update(reject["row"] for reject in rejects)

    def originals(self, originals: dict[str, object]) -> None:
        """Drop what is hidden."""


def peak() -> int:
    """Return the most memory that this process ever had, in bytes (Linux counts in units of 1,024)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def outcome(name: str) -> dict[str, object]:
    data, a_template = UPLOADS[name]()
    stream, sink, rows = Counting(data), Counted(), 0
    bare, refused = peak(), ""
    try:
        with Upload(stream, a_template.file, 10**9) as upload:
            for part in upload.parts:
                plan = plan_part(part, a_template)
                at = datetime(2026, 3, 1, tzinfo=UTC)
                found = validate(part, plan, a_template, tenant="t", at=at, batch_rows=1000, sink=sink)
                rows += found.counts.rows
    except FileRejected as refusal:
        refused = str(refusal)
    return {
        "name": name,
        "refused": refused,
        "missing": 0 if refused else rows - sink.accepted - len(sink.rejected),
        "read": stream.taken - len(data),
        "memory": peak() - bare,
    }


def main() -> None:
    for name in UPLOADS:
        if os.fork() == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            print(json.dumps(outcome(name)), flush=True)
            os._exit(0)
        os.wait()


if __name__ == "__main__":
    sys.exit(main())

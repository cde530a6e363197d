"""Students checked by Longshore: what ValidateUpload does with a file, raw texts and every error of a row included."""

import gc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from longshore.domain.counts import Counts
from longshore.domain.job import Mode
from longshore.domain.rows.raw_texts import RawTexts
from longshore.domain.rows.row_batch import RowBatch
from longshore.domain.templates.template import Template, parse_template
from longshore.readers.upload import Upload
from longshore.readers.validation import Sink, plan_part, validate
from longshore.steps.validated_rows import ValidatedRows
from longshore.storage.rows_writer import GzipRowsWriter, member
from tests.benchmarks.contest import BATCH_ROWS, Output, Way
from tests.benchmarks.students import TEMPLATE

AT = datetime(2026, 3, 1, tzinfo=UTC)
LARGEST = 10**10


class Findings:
    """A sink that keeps the errors, as the others do, and drops the rows."""

    def __init__(self) -> None:
        self.errors: list[dict[str, object]] = []

    def rows(self, batch: RowBatch, raw: RawTexts) -> None:
        """Drop accepted rows."""

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        """Keep row errors."""
        self.errors += rejects

    def originals(self, originals: dict[str, object]) -> None:
        """Drop sensitive cells, of which there are none."""


def errors() -> Way:
    """Return the way from a file to its errors."""
    template = parse_template(TEMPLATE)
    gc.freeze()  # as bootstrap.services does

    def check(path: Path, out: Output) -> int:
        findings = Findings()
        counts = checked(path, template, findings)
        if out.keeps:
            out.take_errors(member(findings.errors))
        return counts.rows

    return check


def everything() -> Way:
    """Return the way from a file to the objects of rows and rejects, and the SHA-256 of the file."""
    template = parse_template(TEMPLATE)
    gc.freeze()  # as bootstrap.services does

    def check(path: Path, out: Output) -> int:
        with objects(template, out) as sink:
            counts = checked(path, template, sink)
            sink.close()
            assert sum(batch.rows for batch in sink.batches()) == counts.rows - counts.rejected
        return counts.rows

    return check


def objects(template: Template, out: Output) -> ValidatedRows:
    """Return the sink that ValidateUpload has, writing to `out` instead of to S3."""
    part: Any = SimpleNamespace(number=0, record_type="student", mode=Mode.UPSERT)
    job: Any = SimpleNamespace(tenant="demo", job_id="job")
    return ValidatedRows(job, "attempt", part, template.key, Objects(out))


def checked(path: Path, template: Template, sink: Sink) -> Counts:
    """Read and check a file."""
    with path.open("rb", buffering=0) as file:
        return checked_stream(file, template, sink)


def checked_stream(stream: Any, template: Template, sink: Sink) -> Counts:
    """Read and check a stream of bytes."""
    with Upload(stream, template.file, LARGEST) as upload:
        (part,) = upload.parts
        plan = plan_part(part, template)
        found = validate(part, plan, template, tenant="demo", at=AT, batch_rows=BATCH_ROWS, sink=sink)
        assert len(upload.sha256) == 64
        return found.counts


class Objects:
    """The files of ValidatedRows, with the network taken away."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def writer(self, key: str) -> GzipRowsWriter:
        """Start an object."""
        take = self._out.take_records if key.startswith("rows/") else self._out.take_errors
        client: Any = Uploads(take)
        return GzipRowsWriter(client, "data", key)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"validation asked for {name}")


class Uploads:
    """The calls of an S3 client that write an object."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def put_object(self, Body: bytes, **_: object) -> dict[str, str]:
        self._take(Body)
        return {"ETag": "etag"}

    def create_multipart_upload(self, **_: object) -> dict[str, str]:
        return {"UploadId": "upload"}

    def upload_part(self, Body: bytes, **_: object) -> dict[str, str]:
        self._take(Body)
        return {"ETag": "etag"}

    def complete_multipart_upload(self, **_: object) -> dict[str, str]:
        return {"ETag": "etag"}

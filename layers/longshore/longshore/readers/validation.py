"""Reading and checking one file end to end: the same code for ValidateUpload and for a file on a laptop.

class ToDataBucket:                                    # a Sink
    def rows(self, batch, raw): self.rows_at = self.writer.append(batch), self.writer.append(raw)
    def rejects(self, rejects): self.rejects_writer.append(rejects)

result = validate(
    files.open(source), template, tenant=job.tenant, at=clock(),
    batch_rows=settings.batch_rows, max_bytes=settings.max_upload_bytes, sink=ToDataBucket(),
)                                                      # raises FileRejected: nothing of what was written counts
part = Part(0, template.record_type, template.name, version, result.plan.as_dict(), result.counts, result.batches)
status = JobStatus.REJECTED if result.refused else ...  # too many rows rejected: the rejects written do count
"""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from longshore.domain.counts import Counts
from longshore.domain.decide import iso
from longshore.domain.file_errors import FILE_ERRORS, file_rejected
from longshore.domain.job import Reason
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.row_checker import Checked, Row, RowChecker, too_many_rejected
from longshore.domain.template import Template
from longshore.readers.csv_reader import read_rows
from longshore.readers.plan import SAMPLE_BYTES, detect_plan
from longshore.readers.stream import HashingStream

REJECTS_MEMBER = 1000
"""How many row errors one member of a rejects object holds."""


class Sink(Protocol):
    """Where checked rows and rejects go, as documents ready for JSON; each call becomes one gzip member."""

    def rows(self, batch: dict[str, object], raw: list[str]) -> None:
        """Take a batch `{"fields": [name, …], "rows": [(row, line, value, …), …]}` and the raw texts of its rows."""

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        """Take up to 1,000 row errors, in the order of the file."""


@dataclass(frozen=True)
class Validation:
    """What became of a file: accepted rows are `unprocessed` in its counts; `size` in bytes.

    `refused` says why nothing may be loaded although the file could be read: too many of its rows were rejected.
    """

    plan: ParsePlan
    counts: Counts
    batches: int
    sha256: str
    size: int
    refused: Reason | None


def validate(
    stream: BinaryIO,
    template: Template,
    *,
    tenant: str,
    at: datetime,
    batch_rows: int,
    max_bytes: int,
    sink: Sink,
) -> Validation:
    """Read the stream once, in flat memory, and hand every row to the sink, accepted or rejected.

    `at` is the timestamp of the errors. Raises FileRejected where the file as a whole cannot be read as the template
    says, whatever went to the sink by then; that too many rows are rejected is known only at the end, see Validation.
    """
    source = HashingStream(stream, max_bytes)
    plan = detect_plan(*source.head(SAMPLE_BYTES), template)
    checker = RowChecker(template, plan, tenant, iso(at))
    batching = _Batching(sink, checker.fields, batch_rows)
    for chunk in read_rows(source, plan):
        batching.add(checker.check(chunk))
    batching.flush()
    if not batching.counts.rows:
        raise file_rejected("HEADER_ONLY", line=plan.header_line)
    refused = _refusal(batching.counts, template)
    return Validation(plan, batching.counts, batching.batches, source.hexdigest(), source.size, refused)


class _Batching:
    """Cuts what was checked into batches and members of rejects, and counts."""

    def __init__(self, sink: Sink, fields: list[str], batch_rows: int) -> None:
        self._sink = sink
        self._fields = fields
        self._batch_rows = batch_rows
        self._rows: list[Row] = []
        self._raw: list[str] = []
        self._rejects: list[dict[str, object]] = []
        self._accepted = self._rejected = 0
        self.batches = 0

    def add(self, checked: Checked) -> None:
        """Take the rows and errors of a chunk; hand on what fills a batch or a member."""
        self._accepted += len(checked.rows)
        self._rejected += checked.rejected
        self._rows += checked.rows
        self._raw += checked.raw
        self._rejects += [error.as_dict() for error in checked.errors]
        while len(self._rows) >= self._batch_rows:
            self._hand_on_rows()
        while len(self._rejects) >= REJECTS_MEMBER:
            self._hand_on_rejects()

    def flush(self) -> None:
        """Hand on the rest."""
        if self._rows:
            self._hand_on_rows()
        if self._rejects:
            self._hand_on_rejects()

    @property
    def counts(self) -> Counts:
        """How the rows stand so far."""
        rows = self._accepted + self._rejected
        return Counts(rows=rows, rejected=self._rejected, unprocessed=self._accepted)

    def _hand_on_rows(self) -> None:
        size = self._batch_rows
        rows, self._rows = self._rows[:size], self._rows[size:]
        raw, self._raw = self._raw[:size], self._raw[size:]
        self._sink.rows({"fields": self._fields, "rows": rows}, raw)
        self.batches += 1

    def _hand_on_rejects(self) -> None:
        rejects, self._rejects = self._rejects[:REJECTS_MEMBER], self._rejects[REJECTS_MEMBER:]
        self._sink.rejects(rejects)


def _refusal(counts: Counts, template: Template) -> Reason | None:
    if not too_many_rejected(counts.rejected, counts.rows, template.max_rejected_percent):
        return None
    data: dict[str, object] = {
        "rejected": counts.rejected,
        "rows": counts.rows,
        "percent": f"{100 * counts.rejected / counts.rows:.3g}",
        "limit": f"{template.max_rejected_percent:g}",
    }
    return Reason("TOO_MANY_REJECTED", FILE_ERRORS["TOO_MANY_REJECTED"].message.format(**data), data)

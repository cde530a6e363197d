"""Reading and checking one file end to end: the same code for ValidateUpload and for a file on a laptop.

class ToDataBucket:                                    # a Sink
    def rows(self, batch, raw): self.rows_at, self.raw_in = self.writer.append(batch.document()), raw.span
    def rejects(self, rejects): self.rejects_writer.append(rejects)

with Upload(files.open(source), template.file, settings.max_upload_bytes) as upload:
    for part in upload.parts:
        plan = plan_part(part, template)               # raises FileRejected: nothing of what was written counts
        result = validate(part, plan, template, tenant=job.tenant, at=clock(), batch_rows=1000, sink=ToDataBucket())
status = JobStatus.REJECTED if result.refused else ...  # too many rows rejected: the rejects written do count
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from tempfile import TemporaryFile
from typing import Protocol

from longshore.domain.catalogue.file_errors import FILE_ERRORS, file_rejected
from longshore.domain.catalogue.notices import Warnings
from longshore.domain.counts import Counts
from longshore.domain.decide import iso
from longshore.domain.job import Reason
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.rows.judging import Judge
from longshore.domain.rows.part_keys import PartKeys
from longshore.domain.rows.raw_texts import RawQueue, RawTexts
from longshore.domain.rows.returned_cells import Originals, ReturnedCells
from longshore.domain.rows.row_batch import RowBatch, RowQueue
from longshore.domain.rows.row_checker import Checked, RowChecker, too_many_rejected
from longshore.domain.templates.header_matching import Confirmed
from longshore.domain.templates.template import Template
from longshore.readers.header import matched_plan, normalised
from longshore.readers.heap import keep_freed_blocks
from longshore.readers.json.fields import json_fields
from longshore.readers.reader import PartSource

REJECTS_MEMBER = 1000
"""How many row errors one member of a rejects object holds."""


class Sink(Protocol):
    """Where checked rows and rejects go; the documents of a call are ready for JSON and become one gzip member."""

    def rows(self, batch: RowBatch, raw: RawTexts) -> None:
        """Take a batch, and the raw texts of its rows."""

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        """Take up to 1,000 row errors, in the order of the file."""

    def originals(self, originals: dict[str, object]) -> None:
        """Take the sensitive cells of some rows, see ReturnedCells; only of a template with sensitive fields."""


@dataclass(frozen=True)
class Validation:
    """What became of a part: accepted rows are `unprocessed` in its counts; `warnings` as Warnings.as_list gives them.

    `refused` says why nothing may be loaded although the part could be read: too many of its rows were rejected.
    """

    counts: Counts
    batches: int
    refused: Reason | None
    warnings: list[dict[str, object]]


def plan_part(part: PartSource, template: Template, confirmed: Confirmed | None = None) -> ParsePlan:
    """Find out how a part is read and which fields its columns fill; raise FileRejected.

    `confirmed` is what this tenant said before about headers of this template.
    """
    wanted = {normalised(header) for field in template.fields for header in (field.header, *field.aliases)}
    plan = matched_plan(part.unmapped_plan(template.file, wanted), template, confirmed)
    plan = replace(plan, extra_cells=template.extra_cells, unknown_columns=template.unknown_columns)
    return json_fields(plan, template) if plan.format in ("json", "ndjson") else plan


def validate(
    part: PartSource,
    plan: ParsePlan,
    template: Template,
    *,
    tenant: str,
    at: datetime,
    batch_rows: int,
    sink: Sink,
    originals: Originals | None = None,
    keys: PartKeys | None = None,
    judges: Sequence[Judge] = (),
) -> Validation:
    """Read a part once, in flat memory, and hand every row to the sink, accepted or rejected.

    `at` is the timestamp of the errors; `originals` knows what masked cells of a report stand for; `keys` are shared by
    the parts of one record type; `judges` are asked about the rows that break no rule. A sheet or a member of a report
    may have no rows: nothing of it was rejected. Raises FileRejected where the part as a whole cannot be read as the
    plan says, whatever went to the sink by then; that too many rows are rejected is known only at the end, see
    Validation.
    """
    keep_freed_blocks()
    warnings = Warnings()
    with ExitStack() as scratch:
        checker = RowChecker(
            template, plan, tenant, iso(at), lambda: scratch.enter_context(TemporaryFile()), keys, judges
        )
        batching = _Batching(sink, checker.fields, batch_rows)
        returned = ReturnedCells(template, plan, originals)
        for read in part.read(plan):
            chunk = returned.put_back(read)
            if kept := returned.originals(chunk):
                sink.originals(kept)
            checked = checker.check(chunk)
            batching.add(checked)
            warnings.add(checked.notices)
            del read, chunk, checked  # the next chunk takes their memory while it is still in the processor's caches
        batching.flush()
    if not batching.counts.rows and not (plan.is_report and part.name):
        raise file_rejected("HEADER_ONLY", line=plan.header_line)
    refused = _refusal(batching.counts, template)
    return Validation(batching.counts, batching.batches, refused, warnings.as_list())


def count_rows(part: PartSource, plan: ParsePlan) -> Counts:
    """Read a part without checking it, because its columns are not settled: how many rows wait for that."""
    rows = sum(len(chunk.cells) + len(chunk.broken) for chunk in part.read(plan))
    return Counts(rows=rows, unprocessed=rows)


class _Batching:
    """Cuts what was checked into batches and members of rejects, and counts."""

    def __init__(self, sink: Sink, fields: list[str], batch_rows: int) -> None:
        self._sink = sink
        self._rows = RowQueue(fields, batch_rows)
        self._raw = RawQueue()
        self._rejects: list[dict[str, object]] = []
        self._accepted = self._rejected = 0
        self.batches = 0

    def add(self, checked: Checked) -> None:
        """Take the rows and errors of a chunk; hand on what fills a batch or a member."""
        self._accepted += len(checked.rows)
        self._rejected += checked.rejected
        self._raw.add(checked.raw)
        self._hand_on_rows(self._rows.add(checked.rows))
        self._rejects += [error.as_dict() for error in checked.errors]
        while len(self._rejects) >= REJECTS_MEMBER:
            self._hand_on_rejects()

    def flush(self) -> None:
        """Hand on the rest."""
        self._hand_on_rows(self._rows.rest())
        if self._rejects:
            self._hand_on_rejects()

    @property
    def counts(self) -> Counts:
        """How the rows stand so far."""
        rows = self._accepted + self._rejected
        return Counts(rows=rows, rejected=self._rejected, unprocessed=self._accepted)

    def _hand_on_rows(self, batches: Iterable[RowBatch]) -> None:
        for batch in batches:
            self._sink.rows(batch, self._raw.take(batch.size))
            self.batches += 1

    def _hand_on_rejects(self) -> None:
        rejects, self._rejects = self._rejects[:REJECTS_MEMBER], self._rejects[REJECTS_MEMBER:]
        self._sink.rejects(rejects)


def _refusal(counts: Counts, template: Template) -> Reason | None:
    if not too_many_rejected(counts.rejected, counts.rows, template.max_rejected_percent, template.max_rejected_rows):
        return None
    most = template.max_rejected_rows
    by_rows = most is not None and counts.rejected > most
    data: dict[str, object] = {
        "rejected": counts.rejected,
        "rows": counts.rows,
        "percent": f"{100 * counts.rejected / counts.rows:.3g}",
        "limit": f"{most} row{'' if most == 1 else 's'}" if by_rows else f"{template.max_rejected_percent:g}%",
    }
    return Reason("TOO_MANY_REJECTED", FILE_ERRORS["TOO_MANY_REJECTED"].message.format(**data), data)

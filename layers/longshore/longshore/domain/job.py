"""A job, its parts and batches as plain values; who may change which is said at each."""

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from longshore.domain.chunk import Span
from longshore.domain.counts import Counts
from longshore.domain.status import JobStatus, reason_for


class Mode(StrEnum):
    """What a row may do to the records."""

    INSERT = "insert"
    UPSERT = "upsert"


@dataclass(frozen=True)
class Source:
    """The pinned object a job reads: this version and no other; `size` in bytes."""

    bucket: str
    key: str
    version_id: str
    size: int


@dataclass(frozen=True)
class Reason:
    """Why a job is where it is, for a person: a code, one line, and data that names things."""

    code: str
    message: str
    detail: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """One import. Every change is a conditional write on `version`; workers never write it.

    `attempt` names the validation whose parts and batches count; `run` is the number of the latest execution, 0 before
    the first. `record_types` are those that its parts write, `refers_to` those that its rows only refer to; a job that
    writes `record_type` alone may leave them empty. Times are UTC with an offset; `claimed_until`
    (epoch ms) is the deadline of a validation under way. `options` are FileOptions that override the template's,
    `questions` the number of open ones.
    """

    tenant: str
    job_id: str
    status: JobStatus
    template: str
    actor: str
    created_at: datetime
    updated_at: datetime
    file_name: str
    version: int = 1
    template_version: int = 0
    record_type: str = ""
    record_types: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    mode: Mode | None = None
    priority: int = 5
    force: bool = False
    preview: bool = False
    not_before: datetime | None = None
    source: Source | None = None
    options: dict[str, object] | None = None
    questions: int = 0
    sha256: str = ""
    request_hash: str = ""
    attempt: str = ""
    claimed_until: int = 0
    counts: Counts = field(default_factory=Counts)
    run: int = 0
    workers: int = 0
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: Reason | None = None

    @property
    def writes(self) -> tuple[str, ...]:
        """The record types that a run of it locks EXCLUSIVE."""
        return tuple(sorted(set(self.record_types or (self.record_type,))))

    @property
    def reads(self) -> tuple[str, ...]:
        """Those that a run of it locks SHARED: what it refers to and does not write itself."""
        return tuple(sorted(set(self.refers_to) - set(self.writes)))

    @property
    def attended(self) -> bool:
        """Whether somebody asked for it who can answer questions: not so a dropped file, or a schedule's."""
        return not self.actor.startswith(("upload:", "schedule:"))

    @property
    def execution_name(self) -> str:
        """The name that makes a run of a job start at most once (Step Functions: 1 to 80 characters)."""
        return f"{self.job_id}-{self.run}"


@dataclass(frozen=True)
class JobEvent:
    """One line of a job's history, written in the transaction that changed the job to `version`."""

    version: int
    at: datetime
    actor: str
    old: JobStatus | None
    new: JobStatus
    reason: str


def moved(job: Job, to: JobStatus, at: datetime, actor: str, **changes: object) -> tuple[Job, JobEvent]:
    """Return the job in its new status and the event that says so.

    Raises TransitionRefused where the table of transitions has no such edge. `changes` are further fields of the job.
    """
    why = reason_for(job.status, to)
    after = replace(job, status=to, version=job.version + 1, updated_at=at, **changes)  # type: ignore[arg-type]
    return after, JobEvent(after.version, at, actor, job.status, to, why)


@dataclass(frozen=True)
class Part:
    """One record type of a job; written by ValidateUpload before the job names its `attempt`.

    `name` is the member's path or the sheet's title, "" for a plain file; `warnings` as Warnings.as_list gives them.
    `originals` are the sensitive cells of its rows, which are shown to nobody.
    """

    number: int
    record_type: str
    template: str
    template_version: int
    plan: dict[str, object]
    counts: Counts = field(default_factory=Counts)
    batches: int = 0
    rejects: "Pointer | None" = None
    originals: "Pointer | None" = None
    level: int = 0
    name: str = ""
    mode: Mode = Mode.UPSERT
    warnings: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True)
class Pointer:
    """A range of an object in the data bucket, read with its ETag as a condition; offset and length in bytes."""

    key: str
    etag: str
    offset: int
    length: int


class BatchStatus(StrEnum):
    """OPEN: to be done (a claim may be held on it); FAILED: attempts exhausted in one run; COMPLETED: done for good."""

    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Batch:
    """Up to 1,000 rows: claim, progress and result in one item that only its claimant writes.

    `rows_at` points to the canonical rows, `raw_at` to their raw texts, or `raw_in` says where the upload has them;
    `deadline` (epoch ms) is 0 when nobody holds a claim. `generation` counts the claims ever made; `rejects` points to
    the errors of rows refused while loading.
    """

    part: int
    number: int
    first_row: int
    rows: int
    rows_at: Pointer
    raw_at: Pointer | None = None
    raw_in: Span | None = None
    status: BatchStatus = BatchStatus.OPEN
    run: int = 0
    generation: int = 0
    deadline: int = 0
    counts: Counts | None = None
    rejects: Pointer | None = None
    error: str = ""

    @property
    def standing(self) -> Counts:
        """What this batch adds to the job's totals now: its result, or all of its rows unprocessed."""
        return self.counts or Counts(rows=self.rows, unprocessed=self.rows)

    @property
    def done(self) -> bool:
        """Whether a run has nothing left to do of it: a worker said so, or every row of it was found loaded."""
        return self.status is BatchStatus.COMPLETED or not self.standing.unprocessed


def id_for_object(bucket: str, key: str, version_id: str) -> str:
    """Return the job id of a dropped object: the same object version always gives the same job."""
    return _id("object", bucket, key, version_id)


def id_for_request(tenant: str, idempotency_key: str | None) -> str:
    """Return the job id of a request: stable for an Idempotency-Key, random without one."""
    return _id("request", tenant, idempotency_key or secrets.token_hex(16))


def id_for_schedule(tenant: str, schedule: str, instant: datetime) -> str:
    """Return the job id of a schedule's instant: delivered twice, it is the same job."""
    return _id("schedule", tenant, schedule, instant.astimezone(UTC).isoformat())


def _id(*names: str) -> str:
    # The length of each name is part of the digest's input, so that no two lists of names run together.
    text = "".join(f"{len(name)}:{name}" for name in names)
    return "j" + hashlib.sha256(text.encode()).hexdigest()[:24]

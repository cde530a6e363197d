"""What the steps need of the world: small Protocols, implemented in storage/ and, for tests, by the embedded AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:  # a cold start does not pay for what only annotations name
    from longshore.domain.chunk import Span
    from longshore.domain.grants import Hold
    from longshore.domain.job import Batch, Job, JobEvent, Part, Pointer, Source
    from longshore.domain.locks import Lease
    from longshore.domain.status import JobStatus
    from longshore.domain.templates.template import Template
    from longshore.messages import BatchTask, BusMessage, Level, RunInput
    from longshore.settings import Settings
    from longshore.steps.mapping_port import Mappings
    from longshore.steps.record_port import Records
    from longshore.steps.report_port import Reports
    from longshore.steps.rule_function_port import RuleFunctions
    from longshore.steps.schedule_port import Schedules
    from longshore.steps.turn_port import Turns

Clock = Callable[[], datetime]
"""Gives the time in UTC, with an offset."""

Sleep = Callable[[float], None]
"""Waits for some seconds."""


@dataclass(frozen=True)
class Page:
    """Some jobs, newest first, and where to go on; `cursor` is "" on the last page."""

    jobs: list[Job]
    cursor: str


class Jobs(Protocol):
    """Jobs, their history, parts and queue."""

    def create(self, job: Job, event: JobEvent) -> None:
        """Write a new job and its first event; raise AlreadyExists where the id is taken."""

    def get(self, tenant: str, job_id: str) -> Job:
        """Read a job consistently; raise JobNotFound."""

    def change(self, before: Job, after: Job, event: JobEvent) -> None:
        """Write `after` and its event in one transaction if the job is still as `before`; raise StaleItem if not.

        Takes the content claim when the job leaves VALIDATING accepted (raising AlreadyExists where another job has it
        and the job does not say `force`), and gives it back when the new status releases it.
        """

    def events(self, tenant: str, job_id: str) -> list[JobEvent]:
        """Return the history, oldest first."""

    def page(self, tenant: str, limit: int, cursor: str, status: JobStatus | None) -> Page:
        """Return some jobs of a tenant, newest first; raise InvalidRequest for a cursor that is not ours."""

    def queued(self, tenant: str, limit: int) -> list[Job]:
        """Return jobs waiting for their turn: by priority, then age."""

    def tenants_waiting(self) -> list[str]:
        """Return the tenants that have a queued job."""

    def due(self, at: datetime, limit: int) -> list[Job]:
        """Return jobs that Sweep should look at by now, those waiting longest first."""

    def content_owner(self, tenant: str, template: str, version: int, sha256: str) -> str:
        """Return the id of the job that imported this content, "" if none did."""

    def put_parts(self, job: Job, attempt: str, parts: Iterable[Part]) -> None:
        """Write the parts of a validation attempt; they count once the job names the attempt."""

    def parts(self, job: Job) -> list[Part]:
        """Return the parts of the job's attempt, in order."""


class Batches(Protocol):
    """Batch items: claim, progress and result; written by one worker at a time."""

    def put(self, tenant: str, job_id: str, attempt: str, batches: Iterable[Batch]) -> None:
        """Write new batches of a validation attempt."""

    def all(self, job: Job) -> list[Batch]:
        """Return every batch of the job's attempt by part and number, read consistently."""

    def claim(self, task: BatchTask, now: int, deadline: int) -> Batch | None:
        """Take the batch for `task.run` until `deadline` (epoch ms), generation + 1, and return it.

        Returns None where it is completed already; raises ClaimHeld where another claim's deadline has not passed.
        """

    def release(self, task: BatchTask, claimed: Batch) -> None:
        """Give an unfinished claim back; does nothing where the claim is no longer ours."""

    def complete(self, task: BatchTask, done: Batch) -> bool:
        """Write the result if the claim (run, generation) is still ours and open; say whether it was."""

    def settle(self, job: Job, found: Batch) -> None:
        """Write the counts of a batch whose claims are all past, if it is still as found; raise StaleItem if not."""


class Leases(Protocol):
    """What a worker needs of its run."""

    def status_and_lease(self, task: BatchTask) -> tuple[JobStatus, Job, Lease | None]:
        """Read, in one call, what a worker must know before it claims: the job and the lease of its run."""

    def renew(self, lease: Lease, expires_at: int) -> Lease | None:
        """Prolong a lease that has not expired; return None where it is lost for ever."""


class Runs(Leases, Protocol):
    """Leases, locks, slots and workers, taken and given back together with the job's change of status."""

    def holds(self, tenant: str, resources: Sequence[str]) -> Hold:
        """Read the tenant's slot, the worker pool and these locks, with the leases of all their holders."""

    def start(self, before: Job, after: Job, event: JobEvent, hold: Hold, lease: Lease) -> None:
        """In one transaction: the job's change, the lease, and `hold` as changed by a grant; raise StaleItem."""

    def lapsed(self, job: Job) -> bool:
        """Whether the lease of the job's run is gone: expired by more than the grace, or not there."""

    def close(self, job: Job) -> None:
        """Let nothing of the job's run begin any more; a run that has ended is left alone."""

    def finish(self, before: Job, after: Job, event: JobEvent) -> None:
        """In one transaction: the job's change, and all that the run `before.run` holds given back; raise StaleItem."""


class Catalog(Protocol):
    """Templates and their versions."""

    def put(self, tenant: str, template: Template, actor: str, at: datetime) -> int:
        """Store a new version, or find that the current one is equal; return its number."""

    def get(self, tenant: str, name: str, version: int = 0) -> tuple[Template, int]:
        """Return a version (0 is the current one) and its number; raise TemplateNotFound."""

    def names(self, tenant: str) -> list[tuple[str, int, str]]:
        """Return name, current version and title of each template of a tenant, by name."""


class RowsWriter(Protocol):
    """One object of concatenated gzip members, written as a multipart upload while it grows."""

    def append(self, document: object) -> tuple[int, int]:
        """Add one JSON document as a member; return its offset and length in bytes."""

    def close(self) -> str:
        """Finish the object and return its ETag."""

    def abort(self) -> None:
        """Forget all that was written."""


class Files(Protocol):
    """Objects of the two buckets."""

    def open(self, source: Source, span: Span | None = None) -> BinaryIO:
        """Stream an upload, or a span of it, at its pinned version; raise FileRejected where that version is gone."""

    def writer(self, key: str) -> RowsWriter:
        """Start an object of the data bucket."""

    def member(self, pointer: Pointer) -> object:
        """Read one member of an object, if the object still has the pointer's ETag."""

    def members(self, key: str, offset: int = 0) -> Iterator[tuple[int, object]]:
        """Stream an object's members from the one at `offset` (bytes) on: the offset of each, and its document."""

    def put_once(self, key: str, document: object) -> Pointer:
        """Write a gzipped JSON document unless the key exists; the first one stays."""

    def manifest(self, key: str, tasks: Sequence[BatchTask]) -> Level:
        """Write the open batches of one level as the JSON array that the Map reads."""

    def find_upload(self, key: str) -> Source | None:
        """Return the first version of an uploaded object, None where there is none."""

    def newest_upload(self, prefix: str) -> Source | None:
        """Return the newest object under a prefix of the uploads bucket, None where there is none."""

    def upload_link(self, key: str, max_bytes: int, seconds: int) -> dict[str, object]:
        """Return the URL and form fields of a presigned POST that may write this one key."""


class Executions(Protocol):
    """Runs of the state machine."""

    def start(self, name: str, run_input: RunInput) -> None:
        """Start run_import under this name; that it was started before is success."""

    def status(self, name: str) -> str:
        """Return RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE, "" where it never started."""

    def stop(self, name: str, why: str) -> None:
        """Stop an execution; that it has ended already is success."""


class Validations(Protocol):
    """ValidateUpload, asked for through Lambda."""

    def again(self, job: Job) -> None:
        """Ask for a job whose file is pinned to be read: for the first time, or because an attempt died."""

    def arrived(self, source: Source) -> None:
        """Deliver the event of this object once more."""


class Bus(Protocol):
    """What others may want to know; a lost message costs a minute, never a job."""

    def publish(self, message: BusMessage) -> None:
        """Tell it."""


class Services(Protocol):
    """All that a step may ask for; each is made when it is first asked for, so that a worker pays for what it uses."""

    @property
    def settings(self) -> Settings:
        """What template.yaml says."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def sleep(self) -> Sleep:
        """How to wait."""

    @property
    def jobs(self) -> Jobs:
        """Jobs, their history and parts."""

    @property
    def batches(self) -> Batches:
        """Batches of a job."""

    @property
    def leases(self) -> Leases:
        """The half of the locks that a worker needs."""

    @property
    def runs(self) -> Runs:
        """Leases, locks, slots and workers."""

    @property
    def catalog(self) -> Catalog:
        """Templates."""

    @property
    def mappings(self) -> Mappings:
        """What tenants confirmed about headers."""

    @property
    def records(self) -> Records:
        """The destination."""

    @property
    def rule_functions(self) -> RuleFunctions:
        """Lambdas of the tenants."""

    @property
    def files(self) -> Files:
        """Objects of both buckets."""

    @property
    def executions(self) -> Executions:
        """Runs of the state machine."""

    @property
    def turns(self) -> Turns:
        """Waits for the turn of a tenant's queued jobs."""

    @property
    def reports(self) -> Reports:
        """Reports of jobs."""

    @property
    def schedules(self) -> Schedules:
        """Schedules and their firings."""

    @property
    def validations(self) -> Validations:
        """ValidateUpload, asked for through Lambda."""

    @property
    def bus(self) -> Bus:
        """What others may want to know."""

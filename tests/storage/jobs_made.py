"""Jobs, batches and their changes for the tests of the storage."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from longshore.domain.job import Batch, Job, JobEvent, Mode, Pointer, Reason, Source, moved
from longshore.domain.status import JobStatus

NOW = datetime(2026, 11, 21, 12, 0, 0, 250, tzinfo=UTC)
SHA = "ab" * 32


def a_job(tenant: str, job_id: str = "j1", status: JobStatus = JobStatus.VALIDATING, **fields: object) -> Job:
    """Return a job with a value in every field that a job of some status has."""
    job = Job(
        tenant=tenant,
        job_id=job_id,
        status=status,
        template="country",
        actor="anna",
        created_at=NOW,
        updated_at=NOW,
        file_name="länder.csv",
        template_version=3,
        record_type="country",
        mode=Mode.UPSERT,
        source=Source("uploads", "a/country/länder.csv", "v1", 12),
        sha256=SHA,
        attempt="a1",
        claimed_until=1_764_000_000_000,
        reason=Reason("X", "one line", {"n": 1, "share": 2.5, "names": ["a", None, True]}),
    )
    return replace(job, **fields)


def first_event(job: Job) -> JobEvent:
    """Return the event of a job's creation."""
    return JobEvent(job.version, job.created_at, job.actor, None, job.status, "created")


def to(job: Job, status: JobStatus, **changes: object) -> tuple[Job, Job, JobEvent]:
    """Return a change of a job as JobStore.change takes it."""
    return job, *moved(job, status, job.updated_at + timedelta(seconds=1), "tester", **changes)


def a_batch(number: int = 0, part: int = 0, **fields: object) -> Batch:
    """Return an open batch of 1,000 rows."""
    rows = Pointer("rows/x", '"etag"', number * 100, 100)
    raw = Pointer("rows/x", '"etag"', number * 100 + 50, 50)
    return replace(Batch(part, number, number * 1000 + 1, 1000, rows, raw), **fields)

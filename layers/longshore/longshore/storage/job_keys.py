"""The keys of a job's items, and the keys by which the indexes of the Jobs table find it.

Every index is sparse: an item without an index's keys is not in it.
"""

import zlib
from datetime import UTC, datetime, timedelta

from longshore.domain.job import Job
from longshore.domain.status import RUNNING, JobStatus
from longshore.storage.items import time_text

WATCH_SHARDS = 4
"""Partitions of the watch index; one would take all changes of all tenants' jobs."""
HIGHEST_PRIORITY = 10
LOOK_AFTER = timedelta(seconds=60)
"""A message that was lost, or an execution that never began, is noticed after this time."""

JOB = "job"


def job_pk(tenant: str, job_id: str) -> str:
    """Return the partition of everything that belongs to a job."""
    return f"{tenant}#{job_id}"


def event_sk(version: int) -> str:
    """Return the sort key of the event that made this version."""
    return f"event#{version:06d}"


def part_sk(attempt: str, part: int) -> str:
    """Return the sort key of a part."""
    return f"part#{attempt}#{part:02d}"


def batch_sk(attempt: str, part: int, batch: int) -> str:
    """Return the sort key of a batch; its numbers are not padded, because run_import builds it too and cannot pad."""
    return f"batch#{attempt}#{part}#{batch}"


def listed_at(job: Job) -> str:
    """Return a job's place in its tenant's list."""
    return f"{time_text(job.created_at)}#{job.job_id}"


def watch_shards() -> list[str]:
    """Return every partition of the watch index."""
    return [str(n) for n in range(WATCH_SHARDS)]


def index_keys(job: Job, upload_link_seconds: int) -> dict[str, str]:
    """Return the keys under which the indexes hold a job in its present state."""
    keys = {"list_tenant": job.tenant, "listed_at": listed_at(job)}
    if job.status == JobStatus.QUEUED:
        waiting_since = time_text(job.queued_at or job.updated_at)
        keys["queue_tenant"] = job.tenant
        keys["queue_order"] = f"{HIGHEST_PRIORITY - job.priority:02d}#{waiting_since}#{job.job_id}"
    if (at := _watch_at(job, upload_link_seconds)) is not None:
        keys["watch_shard"] = str(zlib.crc32(job.job_id.encode()) % WATCH_SHARDS)
        keys["watch_at"] = time_text(at)
    return keys


def _watch_at(job: Job, upload_link_seconds: int) -> datetime | None:
    """Return when Sweep should look at a job; None where nothing can be amiss."""
    if job.status == JobStatus.AWAITING_UPLOAD:
        return job.created_at + timedelta(seconds=upload_link_seconds)
    if job.status == JobStatus.VALIDATING:
        return datetime.fromtimestamp(job.claimed_until / 1000, UTC)
    if job.status == JobStatus.SCHEDULED:
        return job.not_before or job.updated_at
    if job.status == JobStatus.QUEUED:
        return (job.queued_at or job.updated_at) + LOOK_AFTER
    if job.status in RUNNING or job.status == JobStatus.ROLLING_BACK:
        return job.updated_at + LOOK_AFTER
    return None

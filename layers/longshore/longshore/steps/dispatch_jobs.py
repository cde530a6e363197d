"""DispatchJobs: starts queued jobs whose turn it is, with slot, locks and workers taken in one transaction."""

from collections.abc import Sequence
from enum import Enum

from longshore.domain.job import Batch, BatchStatus, Job, Part, moved
from longshore.domain.locks import Lease, Refusal, grant, lease_key
from longshore.domain.status import JobStatus
from longshore.errors import StaleItem
from longshore.messages import BatchTask, DispatchRequest, Done, Level, RunInput
from longshore.steps.ports import Files, Services

ACTOR = "system:dispatch_jobs"
LOOK_AHEAD = 50
"""Queued jobs of a tenant looked at: the first may wait for a lock that the next ones do not need."""

TRIES = 5
"""How often a start is decided anew after another dispatcher changed what it was decided on."""


class Turn(Enum):
    """What came of looking at one queued job."""

    STARTED = "started"
    GONE = "no longer queued"
    NO_SLOT = "the tenant runs as many imports as it may"
    NO_LOCK = "another import writes the same records"
    NO_WORKER = "no worker is free"


def dispatch_jobs(request: DispatchRequest, services: Services) -> Done:
    """Start what may start now, the asking tenant's jobs first, then those of every tenant that waits.

    A duplicate or late event finds nothing to start; two at once are settled by the transaction.
    """
    waiting = services.jobs.tenants_waiting()
    asking = [request.detail.tenant] if request.detail.tenant in waiting else []
    for tenant in [*asking, *(tenant for tenant in waiting if tenant not in asking)]:
        if not _dispatch_tenant(tenant, services):
            break
    return Done()


def _dispatch_tenant(tenant: str, services: Services) -> bool:
    """Start a tenant's jobs by priority and age; return False once no worker is free for anybody."""
    for job in services.jobs.queued(tenant, LOOK_AHEAD):
        turn = _try_start(job, services)
        if turn is Turn.NO_WORKER:
            return False
        if turn is Turn.NO_SLOT:
            break
    return True


def _try_start(job: Job, services: Services) -> Turn:
    for _ in range(TRIES):
        if job.status is not JobStatus.QUEUED:
            return Turn.GONE
        try:
            return _start(job, services)
        except StaleItem:
            job = services.jobs.get(job.tenant, job.job_id)
    raise StaleItem(f"job {job.job_id} or what it needs changed {TRIES} times while it was being started")


def _start(job: Job, services: Services) -> Turn:
    parts = services.jobs.parts(job)
    left = batches_left(job, services)
    hold = services.runs.holds(job.tenant, sorted({part.record_type for part in parts}))
    now = services.clock()
    now_ms = int(now.timestamp() * 1000)
    settings = services.settings
    key, expires_at = lease_key(job.tenant, job.job_id, job.run + 1), now_ms + 1000 * settings.run_lease
    lease = Lease(key, expires_at, {}, grace=1000 * settings.late_call_grace)
    granted = grant(hold, lease, now_ms, settings.running_imports, settings.worker_concurrency, len(left))
    if isinstance(granted, Refusal):
        return {hold.slot.key: Turn.NO_SLOT, hold.workers.key: Turn.NO_WORKER}.get(granted.what, Turn.NO_LOCK)
    taken, lease, share = granted
    after, event = moved(job, JobStatus.PROCESSING, now, ACTOR, run=job.run + 1, workers=share, started_at=now)
    services.runs.start(job, after, event, taken, lease)
    begin_run(after, parts, left, services)
    return Turn.STARTED


def begin_run(job: Job, parts: Sequence[Part], left: Sequence[Batch], services: Services) -> None:
    """Write the manifests of a run that was granted, and start its execution; `left` are its batches to do.

    Whoever dies in here is followed by Sweep, which does the same again: same manifests, same name, same input.
    """
    levels = _write_manifests(job, parts, left, services.files)
    start = RunInput(tenant=job.tenant, job_id=job.job_id, run=job.run, workers=job.workers, levels=levels)
    services.executions.start(job.execution_name, start)


def batches_left(job: Job, services: Services) -> list[Batch]:
    """Return the batches that a run of the job has to do."""
    return [batch for batch in services.batches.all(job) if batch.status is not BatchStatus.COMPLETED]


def _write_manifests(job: Job, parts: Sequence[Part], left: Sequence[Batch], files: Files) -> list[Level]:
    """Write one manifest per level that has a batch to do, lowest level first; return them."""
    level_of = {part.number: part.level for part in parts}
    levels = []
    for level in sorted({level_of[batch.part] for batch in left}):
        tasks = [_task(job, batch) for batch in left if level_of[batch.part] == level]
        levels.append(files.manifest(manifest_key(job, level), tasks))
    return levels


def manifest_key(job: Job, level: int) -> str:
    """Return the key of a level's manifest: one per run, so that no run reads another's."""
    return f"runs/{job.tenant}/{job.job_id}/{job.run}/level-{level:02d}.json"


def _task(job: Job, batch: Batch) -> BatchTask:
    return BatchTask(
        tenant=job.tenant,
        job_id=job.job_id,
        attempt=job.attempt,
        part=batch.part,
        batch=batch.number,
        run=job.run,
    )

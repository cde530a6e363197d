"""DispatchJobs: starts queued jobs whose turn it is, with slot, locks and workers taken in one transaction."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from longshore.domain.grants import Limits, Refusal, grant, hindering, refusal
from longshore.domain.job import Batch, Job, Part, moved
from longshore.domain.locks import WORKERS_KEY, Lease, lease_key, slot_key
from longshore.domain.status import JobStatus
from longshore.domain.turns import try_again, turn
from longshore.domain.waiting import modes_of
from longshore.errors import StaleItem
from longshore.messages import BatchTask, DispatchRequest, Done, Level, RunInput, TurnWait
from longshore.observability import logger
from longshore.steps.ports import Files, Services

ACTOR = "system:dispatch_jobs"
LOOK_AHEAD = 50
"""Queued jobs of a tenant looked at: the first may wait for a lock that the next ones do not need."""

TRIES = 5
"""How often a start is decided anew after another dispatcher changed what it was decided on."""


@dataclass(frozen=True)
class Refused:
    """Why a job stays queued: by what, which resources' locks it waits for, and when to try again (epoch ms)."""

    by: Refusal
    resources: frozenset[str]
    try_again_at: int


def dispatch_jobs(request: DispatchRequest, services: Services) -> Done:
    """Start what may start now, the asking tenant's jobs first, then those of every tenant that waits.

    A duplicate or late event finds nothing to start; two at once are settled by the transaction. A tenant of which jobs
    stay queued gets another look when what they wait for must be gone; when it ends before that, the bus tells.
    """
    waiting = services.jobs.tenants_waiting()
    asking = [request.detail.tenant] if request.detail.tenant in waiting else []
    looks: dict[str, int] = {}
    for tenant in [*asking, *(tenant for tenant in waiting if tenant not in asking)]:
        refused = _dispatch_tenant(tenant, services)
        if refused:
            looks[tenant] = min(job.try_again_at for job in refused)
        if any(job.by.what == WORKERS_KEY for job in refused):
            break
    for tenant, at in looks.items():
        _look_again(tenant, at, services)
    return Done()


def _dispatch_tenant(tenant: str, services: Services) -> list[Refused]:
    """Start a tenant's jobs by priority and age, until no slot or worker is free; return why some were refused.

    A lock that a job waits for is taken by no job behind it: SHARED holders in turn would keep an EXCLUSIVE one out.
    """
    refused: list[Refused] = []
    waited_for: set[str] = set()
    position = 1
    for job in services.jobs.queued(tenant, LOOK_AHEAD):
        if waited_for.isdisjoint(modes_of(job)):
            found = _try_start(job, position, services)
            if found is None:
                continue
            refused.append(found)
            waited_for |= found.resources
            logger.info("waits for its turn", tenant=tenant, job_id=job.job_id, what=found.by.what, of=found.by.holder)
            if found.by.what in (slot_key(tenant), WORKERS_KEY):
                break
        position += 1
    return refused


def _try_start(job: Job, position: int, services: Services) -> Refused | None:
    """Start a job, or return why it stays queued; None also where somebody else moved it."""
    for _ in range(TRIES):
        if job.status is not JobStatus.QUEUED:
            return None
        try:
            return _start(job, position, services)
        except StaleItem:
            job = services.jobs.get(job.tenant, job.job_id)
    raise StaleItem(f"job {job.job_id} or what it needs changed {TRIES} times while it was being started")


def _start(job: Job, position: int, services: Services) -> Refused | None:
    hold = services.runs.holds(job.tenant, sorted(modes_of(job)))
    now = services.clock()
    now_ms = int(now.timestamp() * 1000)
    settings = services.settings
    limits = Limits(settings.running_imports, settings.worker_concurrency)
    refused = refusal(hold, now_ms, limits, job.reads)
    # Batches are many: whoever is refused need not read them.
    left = [] if refused else batches_left(job, services)
    key, expires_at = lease_key(job.tenant, job.job_id, job.run + 1), now_ms + 1000 * settings.run_lease
    lease = Lease(key, expires_at, {}, grace=1000 * settings.late_call_grace)
    granted = refused or grant(hold, lease, now_ms, limits, len(left), job.reads)
    if isinstance(granted, Refusal):
        at = try_again(granted, position, hold.slot.used, limits.running_imports, now_ms)
        return Refused(granted, hindering(hold, now_ms, job.reads), at)
    taken, lease, share = granted
    after, event = moved(job, JobStatus.PROCESSING, now, ACTOR, run=job.run + 1, workers=share, started_at=now)
    services.runs.start(job, after, event, taken, lease)
    begin_run(after, services.jobs.parts(job), left, services)
    return None


def _look_again(tenant: str, at: int, services: Services) -> None:
    """Have the tenant's queue looked at again at about this time; asked for twice, it is one wait."""
    again = turn(tenant, at, int(services.clock().timestamp() * 1000), random.random())
    services.turns.wait(again.name, TurnWait(tenant=tenant, seconds=ceil(again.wait.total_seconds())))


def begin_run(job: Job, parts: Sequence[Part], left: Sequence[Batch], services: Services) -> None:
    """Write the manifests of a run that was granted, and start its execution; `left` are its batches to do.

    Whoever dies in here is followed by Sweep, which does the same again: same manifests, same name, same input.
    """
    levels = _write_manifests(job, parts, left, services.files)
    start = RunInput(tenant=job.tenant, job_id=job.job_id, run=job.run, workers=job.workers, levels=levels)
    services.executions.start(job.execution_name, start)


def batches_left(job: Job, services: Services) -> list[Batch]:
    """Return the batches that a run of the job has to do."""
    return [batch for batch in services.batches.all(job) if not batch.done]


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

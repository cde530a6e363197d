"""Who waits for whom: what each queued job of a tenant would be refused for, who holds it, and who is before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from longshore.domain.grants import Hold, Limits, lock_refusal, slot_refusal
from longshore.domain.job import Job
from longshore.domain.locks import Lock, LockMode
from longshore.domain.turns import try_again


class Needed(StrEnum):
    """What a run takes before it starts."""

    SLOT = "slot"
    LOCK = "lock"
    WORKERS = "workers"


@dataclass(frozen=True)
class Wait:
    """Something that a job waits for: `holders` are leases, `after` queued jobs before it that want it too.

    `resource` and `mode` are those of a lock, "" and None for a capacity.
    """

    needed: Needed
    holders: tuple[str, ...]
    resource: str = ""
    mode: LockMode | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """A queued job at its place, counted from 1; `try_again_at` (epoch ms) unless a holder ends before."""

    job: Job
    position: int
    waits: tuple[Wait, ...]
    try_again_at: int


def modes_of(job: Job) -> dict[str, LockMode]:
    """Return the locks that a run of a job takes, by resource."""
    return dict.fromkeys(job.writes, LockMode.EXCLUSIVE) | dict.fromkeys(job.reads, LockMode.SHARED)


def waiting(queue: Sequence[Job], hold: Hold, limits: Limits, now: int) -> list[Waiting]:
    """Return what the jobs of a queue, in its order, wait for; `hold` has the locks that any of them takes."""
    left = hold.without_the_dead(now)
    return [_waiting(job, queue[:ahead], left, limits, now) for ahead, job in enumerate(queue)]


def _waiting(job: Job, ahead: Sequence[Job], left: Hold, limits: Limits, now: int) -> Waiting:
    waits, refusals = [], []
    if full := slot_refusal(left.slot, limits.running_imports, left.leases, now):
        waits.append(Wait(Needed.SLOT, tuple(sorted(left.slot.units))))
        refusals.append(full)
    locks = {lock.resource: lock for lock in left.locks}
    for resource, mode in sorted(modes_of(job).items()):
        lock = locks[resource]
        after = tuple(other.job_id for other in ahead if _waits_for(other, lock))
        if lock.hinders(mode) or after:
            waits.append(Wait(Needed.LOCK, tuple(sorted(lock.holders)), lock.resource, mode, after))
        if lock.hinders(mode):
            refusals.append(lock_refusal(lock, left.leases, now))
    if none_free := slot_refusal(left.workers, limits.worker_concurrency, left.leases, now):
        waits.append(Wait(Needed.WORKERS, tuple(sorted(left.workers.units))))
        refusals.append(none_free)
    position = len(ahead) + 1
    used, limit = left.slot.used, limits.running_imports
    at = max((try_again(refused, position, used, limit, now) for refused in refusals), default=now)
    return Waiting(job, position, tuple(waits), at)


def _waits_for(other: Job, lock: Lock) -> bool:
    """Whether a job waits for a lock: nobody behind it takes that lock before it."""
    wanted = modes_of(other).get(lock.resource)
    return wanted is not None and lock.hinders(wanted)

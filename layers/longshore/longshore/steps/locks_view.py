"""The use cases of locks and slots behind the HTTP API: who holds what, and who waits for whom.

Nothing is scanned. Every run holds a slot of its tenant, so the one slot item names the leases of all runs, and each
lease names its locks; the queue index names the jobs that wait, and each job names the locks that it will take.
"""

from datetime import UTC, datetime

from longshore.domain.grants import Hold, Limits
from longshore.domain.job import Job
from longshore.domain.locks import IMPORTS, run_of
from longshore.domain.waiting import Needed, Wait, Waiting, modes_of, waiting
from longshore.steps.api_view import moment
from longshore.steps.caller import Caller
from longshore.steps.ports import Services

Document = dict[str, object]


def list_locks(services: Services, caller: Caller) -> Document:
    """Return every lock of the tenant that a run holds, with its holders, by resource."""
    now = _now(services)
    running = services.runs.holds(caller.tenant, [])
    held = {r for key in running.slot.units if key in running.leases for r in running.leases[key].resources}
    hold = services.runs.holds(caller.tenant, sorted(held)).without_the_dead(now)
    return {
        "locks": [
            {
                "resource": lock.resource,
                "mode": lock.mode,
                "token": lock.token,
                "holders": [_holder(key, hold, now) for key in sorted(lock.holders)],
            }
            for lock in hold.locks
            if lock.holders
        ]
    }


def list_conflicts(services: Services, caller: Caller, limit: int) -> Document:
    """Return what the tenant's first queued jobs wait for, in the order in which they will be started."""
    hold, queue, more = _queue(services, caller, limit)
    now = _now(services)
    waits = waiting(queue, hold, _limits(services), now)
    return {"queue": [_waiting_document(job, hold, caller, now) for job in waits], "more": more}


def list_slots(services: Services, caller: Caller, limit: int) -> Document:
    """Return the counted capacities of the tenant: how much of each is used, by whom, and who waits for it."""
    hold, queue, more = _queue(services, caller, limit)
    now = _now(services)
    slot = hold.without_the_dead(now).slot
    limits = _limits(services)
    in_queue = [
        {"job_id": job.job.job_id, "position": job.position, "try_again_at": _moment(job.try_again_at)}
        for job in waiting(queue, hold, limits, now)
    ]
    imports = {
        "name": IMPORTS,
        "limit": limits.running_imports,
        "used": slot.used,
        "utilisation": round(slot.used / limits.running_imports, 2) if limits.running_imports else 1.0,
        "holders": [_holder(key, hold, now) for key in sorted(slot.units)],
        "queue": in_queue,
        "more": more,
    }
    return {"slots": [imports]}


def _queue(services: Services, caller: Caller, limit: int) -> tuple[Hold, list[Job], bool]:
    """Read the first jobs of the tenant's queue, and all that any of them needs."""
    found = services.jobs.queued(caller.tenant, limit + 1)
    queue = found[:limit]
    hold = services.runs.holds(caller.tenant, sorted({resource for job in queue for resource in modes_of(job)}))
    return hold, queue, len(found) > limit


def _waiting_document(job: Waiting, hold: Hold, caller: Caller, now: int) -> Document:
    return {
        "job_id": job.job.job_id,
        "file_name": job.job.file_name,
        "priority": job.job.priority,
        "queued_at": moment(job.job.queued_at),
        "position": job.position,
        "try_again_at": _moment(job.try_again_at),
        "waits_for": [_wait_document(wait, hold, caller, now) for wait in job.waits],
    }


def _wait_document(wait: Wait, hold: Hold, caller: Caller, now: int) -> Document:
    """Show a wait; of those who hold workers, which are everybody's, only the caller's tenant."""
    own = [key for key in wait.holders if run_of(key)[0] == caller.tenant]
    document: Document = {"what": wait.needed, "holders": [_holder(key, hold, now) for key in own]}
    if wait.needed is Needed.LOCK:
        tokens = {lock.resource: lock.token for lock in hold.locks}
        document |= {
            "resource": wait.resource,
            "mode": wait.mode,
            "token": tokens[wait.resource],
            "after": list(wait.after),
        }
    return document


def _holder(key: str, hold: Hold, now: int) -> Document:
    """Show a run that holds something; `live` unless its lease has expired, or it is being ended."""
    _, job_id, run = run_of(key)
    lease = hold.leases.get(key)
    return {
        "job_id": job_id,
        "run": run,
        "live": lease is not None and lease.live(now),
        "expires_at": _moment(lease.expires_at) if lease else None,
        "free_at": _moment(lease.gone_at) if lease else None,
    }


def _limits(services: Services) -> Limits:
    return Limits(services.settings.running_imports, services.settings.worker_concurrency)


def _now(services: Services) -> int:
    return int(services.clock().timestamp() * 1000)


def _moment(ms: int) -> str | None:
    return moment(datetime.fromtimestamp(ms / 1000, UTC))

"""Leases, locks and slots as values: who holds what, until when, and what a grant would change.

Use: a run takes a slot of its tenant, a share of the workers and an EXCLUSIVE lock on each record type it writes, all
in one transaction with its job's change to PROCESSING. The promise: if a run dies, all it holds is free as soon as its
lease has expired (15 minutes by default) and the 30 seconds have passed in which a late call of it may still arrive.

Expiry is part of every condition, never TTL. Times are epoch milliseconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

GRACE_MS = 30_000
"""How long after its deadline a call of a dead worker may still arrive (design section 7)."""


class LockMode(StrEnum):
    """Writers of records take EXCLUSIVE; SHARED never writes records."""

    SHARED = "SHARED"
    EXCLUSIVE = "EXCLUSIVE"


@dataclass(frozen=True)
class Lease:
    """A run's right to what it holds, until `expires_at`; `tokens` are its fencing tokens by record type.

    `grace` is how long after its expiry (ms) a late call of the run may still arrive. `closing`: the run is being
    ended, and nothing of it begins any more.
    """

    key: str
    expires_at: int
    tokens: dict[str, int]
    grace: int = GRACE_MS
    closing: bool = False

    def live(self, now: int) -> bool:
        """Whether its run may still act."""
        return now < self.expires_at and not self.closing

    def gone(self, now: int) -> bool:
        """Whether nothing of its run can act any more, late calls included."""
        return now >= self.gone_at

    @property
    def gone_at(self) -> int:
        """When that is so, unless it is renewed before."""
        return self.expires_at + self.grace


@dataclass(frozen=True)
class Lock:
    """A resource and the leases that hold it; `token` grows with each EXCLUSIVE grant and never restarts."""

    key: str
    mode: LockMode = LockMode.EXCLUSIVE
    holders: frozenset[str] = frozenset()
    token: int = 0
    revision: int = 0

    @property
    def resource(self) -> str:
        """What is locked, without its tenant."""
        return self.key.split("#", 2)[2]


@dataclass(frozen=True)
class Slots:
    """A counted capacity and how many units each lease holds of it."""

    key: str
    units: dict[str, int]
    revision: int = 0


@dataclass(frozen=True)
class Hold:
    """What was read before a grant: `leases` of every holder by key (a missing lease is a dead one)."""

    slot: Slots
    workers: Slots
    locks: tuple[Lock, ...]
    leases: dict[str, Lease]
    displaced: frozenset[str] = frozenset()

    def dead(self, now: int) -> frozenset[str]:
        """Holders of which nothing can act any more; a grant displaces them."""
        held = {*self.slot.units, *self.workers.units, *(h for lock in self.locks for h in lock.holders)}
        return frozenset(h for h in held if h not in self.leases or self.leases[h].gone(now))


@dataclass(frozen=True)
class Refusal:
    """Why a grant is refused: the capacity or resource, its holder, and when to try again (epoch ms)."""

    what: str
    holder: str
    retry_at: int


def lease_key(tenant: str, job_id: str, run: int) -> str:
    """Return the key of a run's lease."""
    return f"{tenant}#lease#{job_id}#{run}"


def lock_key(tenant: str, resource: str) -> str:
    """Return the key of a lock."""
    return f"{tenant}#lock#{resource}"


def slot_key(tenant: str) -> str:
    """Return the key of the tenant's slots for running imports."""
    return f"{tenant}#slot#imports"


WORKERS_KEY = "#slot#workers"
"""The pool of workers is one for all tenants; no tenant's name is empty, so no tenant owns this key."""


def grant(
    hold: Hold, lease: Lease, now: int, running_imports: int, worker_concurrency: int, wanted: int
) -> tuple[Hold, Lease, int] | Refusal:
    """Decide whether a run may have a slot, its locks (EXCLUSIVE) and a share of up to `wanted` workers.

    Returns what the items become, the lease with its tokens, and the share; or who stands in the way. A run gets at
    most half of the free workers (rounded up), so that the next one does not find none; the sum of all shares never
    exceeds `worker_concurrency`.
    """
    dead = hold.dead(now)
    slot = {k: u for k, u in hold.slot.units.items() if k not in dead}
    workers = {k: u for k, u in hold.workers.units.items() if k not in dead}
    if sum(slot.values()) >= running_imports:
        return _refusal(hold.slot.key, _ends(slot, hold), now)
    for lock in hold.locks:
        if ends := _ends(lock.holders - dead, hold):
            return _refusal(lock.key, ends[-1:], now)
    free = worker_concurrency - sum(workers.values())
    if free < 1:
        return _refusal(hold.workers.key, _ends(workers, hold), now)
    share = max(1, min(wanted, (free + 1) // 2))
    locks = tuple(
        Lock(k.key, LockMode.EXCLUSIVE, frozenset({lease.key}), k.token + 1, k.revision + 1) for k in hold.locks
    )
    granted = replace(
        hold,
        slot=Slots(hold.slot.key, {**slot, lease.key: 1}, hold.slot.revision + 1),
        workers=Slots(hold.workers.key, {**workers, lease.key: share}, hold.workers.revision + 1),
        locks=locks,
        displaced=dead,
    )
    return granted, replace(lease, tokens={lock.resource: lock.token for lock in locks}), share


def _ends(holders: Iterable[str], hold: Hold) -> list[tuple[int, str]]:
    """Return when each holder would be gone if it died now, the first one first."""
    return sorted((hold.leases[holder].gone_at, holder) for holder in holders)


def _refusal(what: str, ends: Sequence[tuple[int, str]], now: int) -> Refusal:
    """Name the holder to wait for: of a capacity the first to be gone, of a lock the last, for it needs them all gone.

    A capacity of 0 is held by nobody; it is worth another try once somebody may have raised it.
    """
    retry_at, holder = ends[0] if ends else (now + GRACE_MS, "")
    return Refusal(what, holder, retry_at)

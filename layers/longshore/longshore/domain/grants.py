"""What a run is granted, decided from what was read: all of it, or a refusal that names who is in the way."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from longshore.domain.locks import GRACE_MS, Lease, Lock, LockMode, Slots, gone_at

MOST_DISPLACED = 40
"""Dead holders that one grant displaces: a transaction has 100 items, and a job may need 50 for its locks."""


@dataclass(frozen=True)
class Limits:
    """Imports of one tenant that may run at once, and the workers that there are for all tenants."""

    running_imports: int
    worker_concurrency: int


@dataclass(frozen=True)
class Hold:
    """What was read before a grant: `leases` of every holder by key (a missing lease is a dead one)."""

    slot: Slots
    workers: Slots
    locks: tuple[Lock, ...]
    leases: dict[str, Lease]
    displaced: frozenset[str] = frozenset()

    def dead(self, now: int) -> frozenset[str]:
        """Holders of which nothing can act any more."""
        held = {*self.slot.units, *self.workers.units, *(h for lock in self.locks for h in lock.holders)}
        return frozenset(holder for holder in held if gone_at(holder, self.leases) <= now)

    def without_the_dead(self, now: int) -> "Hold":
        """Return what is left when a grant displaces the dead; of very many, those that hold one of the locks first.

        The others are counted as if they lived, until Sweep has ended their runs.
        """
        locked = {holder for lock in self.locks for holder in lock.holders}
        gone = frozenset(sorted(self.dead(now), key=lambda h: (h not in locked, h))[:MOST_DISPLACED])
        locks = tuple(lock.without(gone) for lock in self.locks)
        return Hold(self.slot.without(gone), self.workers.without(gone), locks, self.leases, gone)


@dataclass(frozen=True)
class Refusal:
    """Why a grant is refused: the capacity or lock by its key, its holder, and when to try again (epoch ms)."""

    what: str
    holder: str
    retry_at: int


def grant(
    hold: Hold, lease: Lease, now: int, limits: Limits, wanted: int, shared: Collection[str] = ()
) -> tuple[Hold, Lease, int] | Refusal:
    """Decide whether a run may have a slot, its locks and a share of up to `wanted` workers.

    Its locks are those in `hold`: SHARED on the resources in `shared`, EXCLUSIVE on all others. Returns what the items
    become, the lease with its tokens, and the share; or who stands in the way. A run gets at most half of the free
    workers (rounded up), so that the next one does not find none; the sum of all shares never exceeds their number.
    """
    if refused := refusal(hold, now, limits, shared):
        return refused
    left = hold.without_the_dead(now)
    free = limits.worker_concurrency - left.workers.used
    share = max(1, min(wanted, (free + 1) // 2))
    granted = replace(
        left,
        slot=left.slot.taken(lease.key, 1),
        workers=left.workers.taken(lease.key, share),
        locks=tuple(lock.taken(_mode(lock, shared), lease.key) for lock in left.locks),
    )
    tokens = {lock.resource: lock.token for lock in granted.locks if lock.resource not in shared}
    held_shared = frozenset(lock.resource for lock in granted.locks if lock.resource in shared)
    return granted, replace(lease, tokens=tokens, shared=held_shared), share


def refusal(hold: Hold, now: int, limits: Limits, shared: Collection[str] = ()) -> Refusal | None:
    """Return what keeps a run from being granted all of this, None where nothing does."""
    left = hold.without_the_dead(now)
    if full := slot_refusal(left.slot, limits.running_imports, hold.leases, now):
        return full
    for lock in _hindering(left, shared):
        return lock_refusal(lock, hold.leases, now)
    return slot_refusal(left.workers, limits.worker_concurrency, hold.leases, now)


def hindering(hold: Hold, now: int, shared: Collection[str] = ()) -> frozenset[str]:
    """Return every resource whose lock keeps a run from being granted all of this."""
    return frozenset(lock.resource for lock in _hindering(hold.without_the_dead(now), shared))


def _hindering(left: Hold, shared: Collection[str]) -> Iterable[Lock]:
    return (lock for lock in left.locks if lock.hinders(_mode(lock, shared)))


def slot_refusal(slots: Slots, limit: int, leases: Mapping[str, Lease], now: int) -> Refusal | None:
    """Return who to wait for where no unit of a counted capacity is free, None where one is.

    The first to be gone. A capacity of 0 is held by nobody: it is worth another try once somebody may have raised it.
    """
    if slots.used < limit:
        return None
    at, holder = min(_ends(slots.units, leases), default=(now + GRACE_MS, ""))
    return Refusal(slots.key, holder, max(at, now + 1))


def lock_refusal(lock: Lock, leases: Mapping[str, Lease], now: int) -> Refusal:
    """Return who to wait for where a lock is held: the last to be gone, for it needs them all gone."""
    at, holder = max(_ends(lock.holders, leases))
    return Refusal(lock.key, holder, max(at, now + 1))


def _ends(holders: Iterable[str], leases: Mapping[str, Lease]) -> Iterable[tuple[int, str]]:
    """Yield when each holder would be gone if it died now."""
    return ((gone_at(holder, leases), holder) for holder in holders)


def _mode(lock: Lock, shared: Collection[str]) -> LockMode:
    return LockMode.SHARED if lock.resource in shared else LockMode.EXCLUSIVE

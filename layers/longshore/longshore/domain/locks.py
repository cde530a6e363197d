"""Leases, locks and slots as values: who holds what, and until when.

Use: a run takes a slot of its tenant, a share of the workers, an EXCLUSIVE lock on each record type it writes and a
SHARED one on each that it only refers to, all in one transaction with its job's change to PROCESSING. The promise: if a
run dies, all it holds is free as soon as its lease has expired (15 minutes by default) and the 30 seconds have passed
in which a late call of it may still arrive.

    is asked for      nobody holds it     runs hold it SHARED    a run holds it EXCLUSIVE
    SHARED            taken               taken too              waits
    EXCLUSIVE         taken, token + 1    waits for all          waits

Expiry is part of every condition, never TTL. Times are epoch milliseconds.
"""

from collections.abc import Collection, Mapping
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

    `shared` are the resources that it holds SHARED, which gives no token. `grace` is how long after its expiry (ms) a
    late call of the run may still arrive. `closing`: the run is being ended, and nothing of it begins any more.
    """

    key: str
    expires_at: int
    tokens: dict[str, int]
    grace: int = GRACE_MS
    closing: bool = False
    shared: frozenset[str] = frozenset()

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

    @property
    def resources(self) -> list[str]:
        """Every resource of which it holds the lock, in either mode."""
        return sorted({*self.tokens, *self.shared})


def gone_at(holder: str, leases: Mapping[str, Lease]) -> int:
    """Return when nothing of a holder can act any more; one without a lease has ended: 0."""
    return leases[holder].gone_at if holder in leases else 0


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

    def without(self, holders: Collection[str]) -> "Lock":
        """Return it as if these had never held it, still at the same revision."""
        return replace(self, holders=self.holders - set(holders))

    def hinders(self, mode: LockMode) -> bool:
        """Whether its holders keep others from taking it in this mode, as long as they live."""
        return bool(self.holders) and LockMode.EXCLUSIVE in (mode, self.mode)

    def taken(self, mode: LockMode, holder: str) -> "Lock":
        """Return it with one more holder, one revision on; only EXCLUSIVE raises the token."""
        token = self.token + 1 if mode is LockMode.EXCLUSIVE else self.token
        return Lock(self.key, mode, self.holders | {holder}, token, self.revision + 1)


@dataclass(frozen=True)
class Slots:
    """A counted capacity and how many units each lease holds of it."""

    key: str
    units: dict[str, int]
    revision: int = 0

    @property
    def used(self) -> int:
        """How many units are held."""
        return sum(self.units.values())

    def without(self, holders: Collection[str]) -> "Slots":
        """Return it with the units of these free, still at the same revision."""
        return replace(self, units={holder: units for holder, units in self.units.items() if holder not in holders})

    def taken(self, holder: str, units: int) -> "Slots":
        """Return it with the units held, one revision on."""
        return Slots(self.key, {**self.units, holder: units}, self.revision + 1)


def lease_key(tenant: str, job_id: str, run: int) -> str:
    """Return the key of a run's lease."""
    return f"{tenant}#lease#{job_id}#{run}"


def run_of(lease: str) -> tuple[str, str, int]:
    """Return tenant, job and run of a lease by its key; no tenant's name and no job's id has a separator in it."""
    tenant, _, job_id, run = lease.split("#")
    return tenant, job_id, int(run)


def lock_key(tenant: str, resource: str) -> str:
    """Return the key of a lock."""
    return f"{tenant}#lock#{resource}"


IMPORTS = "imports"
"""The counted capacity that every tenant has: its running imports."""


def slot_key(tenant: str, name: str = IMPORTS) -> str:
    """Return the key of a counted capacity of a tenant by its name."""
    return f"{tenant}#slot#{name}"


WORKERS_KEY = "#slot#workers"
"""The pool of workers is one for all tenants; no tenant's name is empty, so no tenant owns this key."""

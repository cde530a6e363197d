"""Runs that start, renew, die and end in any order never hold more than there is, nor the same thing twice."""

from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from longshore.domain.locks import (
    GRACE_MS,
    WORKERS_KEY,
    Hold,
    Lease,
    Lock,
    Refusal,
    Slots,
    grant,
    lease_key,
    lock_key,
    slot_key,
)

TENANTS = ("acme", "blue")
RESOURCES = ("city", "country", "region")
RUNNING_IMPORTS = 2
WORKERS = 5
LEASE_MS = 900_000


class Locks(RuleBasedStateMachine):
    """A Locks table in memory; `writing` are the runs of which a call may still arrive."""

    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.started = 0
        self.slots = {tenant: Slots(slot_key(tenant), {}) for tenant in TENANTS}
        self.workers = Slots(WORKERS_KEY, {})
        self.locks = {(t, r): Lock(lock_key(t, r)) for t in TENANTS for r in RESOURCES}
        self.leases: dict[str, Lease] = {}
        self.tokens: dict[str, list[int]] = {}

    @rule(
        target=runs,
        tenant=st.sampled_from(TENANTS),
        resources=st.sets(st.sampled_from(RESOURCES), min_size=1),
        wanted=st.integers(0, 9),
    )
    def start(self, tenant: str, resources: set[str], wanted: int):
        self.started += 1
        lease = Lease(lease_key(tenant, f"j{self.started}", 1), self.now + LEASE_MS, {})
        locks = tuple(self.locks[tenant, resource] for resource in sorted(resources))
        hold = Hold(self.slots[tenant], self.workers, locks, dict(self.leases))
        answer = grant(hold, lease, self.now, RUNNING_IMPORTS, WORKERS, wanted)
        if isinstance(answer, Refusal):
            self.check_refusal(answer, hold)
            return multiple()
        taken, lease, share = answer
        assert 1 <= share <= max(1, wanted)
        self.slots[tenant], self.workers = taken.slot, taken.workers
        for lock in taken.locks:
            self.locks[tenant, lock.resource] = lock
            assert lease.tokens[lock.resource] == lock.token
            self.tokens.setdefault(lock.key, []).append(lock.token)
        self.leases[lease.key] = lease
        return lease.key

    def check_refusal(self, refusal: Refusal, hold: Hold) -> None:
        """Whoever is named holds it, may still act, and will not by the time to try again unless it lives on."""
        held = {hold.slot.key: hold.slot.units, WORKERS_KEY: hold.workers.units}
        held |= {lock.key: lock.holders for lock in hold.locks}
        assert refusal.holder in held[refusal.what]
        assert refusal.retry_at > self.now
        assert self.leases[refusal.holder].gone(refusal.retry_at)

    @rule(key=consumes(runs))
    def end(self, key: str) -> None:
        """As RunStore.finish: whatever the lease still holds is given back, tokens stay."""
        self.leases.pop(key)
        for tenant, slots in self.slots.items():
            self.slots[tenant] = without(slots, key)
        self.workers = without(self.workers, key)
        for name, lock in self.locks.items():
            self.locks[name] = replace(lock, holders=lock.holders - {key})

    @rule(key=runs)
    def renew(self, key: str) -> None:
        lease = self.leases.get(key)
        if lease and lease.live(self.now):
            self.leases[key] = replace(lease, expires_at=self.now + LEASE_MS)

    @rule(ms=st.sampled_from([1, GRACE_MS, LEASE_MS // 2, LEASE_MS, LEASE_MS + GRACE_MS]))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @invariant()
    def no_more_imports_run_than_are_allowed(self) -> None:
        for slots in self.slots.values():
            assert sum(slots.units.values()) <= RUNNING_IMPORTS

    @invariant()
    def no_more_workers_are_granted_than_there_are(self) -> None:
        assert sum(self.workers.units.values()) <= WORKERS

    @invariant()
    def nothing_has_two_writers(self) -> None:
        writing = {key for key, lease in self.leases.items() if not lease.gone(self.now)}
        for lock in self.locks.values():
            assert len(lock.holders) <= 1
            claimants = {key for key in writing if lock.resource in self.leases[key].tokens and same_tenant(key, lock)}
            assert claimants <= lock.holders

    @invariant()
    def tokens_only_grow(self) -> None:
        for tokens in self.tokens.values():
            assert tokens == sorted(set(tokens))


def without(slots: Slots, key: str) -> Slots:
    return replace(slots, units={holder: n for holder, n in slots.units.items() if holder != key})


def same_tenant(key: str, lock: Lock) -> bool:
    return key.split("#")[0] == lock.key.split("#")[0]


Locks.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLocks = Locks.TestCase

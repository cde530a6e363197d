"""Runs that start, renew, die and end in any order never hold more than there is, nor the same thing twice."""

from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from longshore.domain.grants import Hold, Limits, Refusal, grant, hindering
from longshore.domain.locks import (
    GRACE_MS,
    WORKERS_KEY,
    Lease,
    Lock,
    LockMode,
    Slots,
    lease_key,
    lock_key,
    slot_key,
)

TENANTS = ("acme", "blue")
RESOURCES = ("city", "country", "region")
LIMITS = Limits(running_imports=3, worker_concurrency=6)
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
        modes=st.dictionaries(st.sampled_from(RESOURCES), st.sampled_from(LockMode), min_size=1),
        wanted=st.integers(0, 9),
    )
    def start(self, tenant: str, modes: dict[str, LockMode], wanted: int):
        self.started += 1
        lease = Lease(lease_key(tenant, f"j{self.started}", 1), self.now + LEASE_MS, {})
        locks = tuple(self.locks[tenant, resource] for resource in sorted(modes))
        shared = {resource for resource, mode in modes.items() if mode is LockMode.SHARED}
        hold = Hold(self.slots[tenant], self.workers, locks, dict(self.leases))
        answer = grant(hold, lease, self.now, LIMITS, wanted, shared)
        if isinstance(answer, Refusal):
            self.check_refusal(answer, hold, shared)
            return multiple()
        taken, lease, share = answer
        assert 1 <= share <= max(1, wanted)
        self.slots[tenant], self.workers = taken.slot, taken.workers
        for lock in taken.locks:
            before, self.locks[tenant, lock.resource] = self.locks[tenant, lock.resource], lock
            assert (lock.mode, lock.revision) == (modes[lock.resource], before.revision + 1)
            if lock.resource in shared:
                assert lock.token == before.token
            else:
                assert lease.tokens[lock.resource] == lock.token
                self.tokens.setdefault(lock.key, []).append(lock.token)
        assert (set(lease.tokens), lease.shared) == (set(modes) - shared, shared)
        self.leases[lease.key] = lease
        return lease.key

    def check_refusal(self, refusal: Refusal, hold: Hold, shared: set[str]) -> None:
        """Whoever is named holds it, may still act, and will not by the time to try again unless it lives on."""
        held = {hold.slot.key: hold.slot.units, WORKERS_KEY: hold.workers.units}
        held |= {lock.key: lock.holders for lock in hold.locks}
        assert refusal.holder in held[refusal.what]
        assert refusal.retry_at > self.now
        assert self.leases[refusal.holder].gone(refusal.retry_at)
        for lock in hold.locks:
            alive = lock.holders - hold.dead(self.now)
            excluded = alive and (lock.mode is LockMode.EXCLUSIVE or lock.resource not in shared)
            assert bool(excluded) == (lock.resource in hindering(hold, self.now, shared))

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
            assert slots.used <= LIMITS.running_imports

    @invariant()
    def no_more_workers_are_granted_than_there_are(self) -> None:
        assert self.workers.used <= LIMITS.worker_concurrency

    @invariant()
    def a_writer_is_alone_and_sharers_are_among_themselves(self) -> None:
        """Of all runs of which a call may still arrive, whatever the lock says."""
        acting = [lease for lease in self.leases.values() if not lease.gone(self.now)]
        for lock in self.locks.values():
            here = [lease for lease in acting if same_tenant(lease.key, lock)]
            writers = {lease.key for lease in here if lock.resource in lease.tokens}
            sharers = {lease.key for lease in here if lock.resource in lease.shared}
            assert writers | sharers <= lock.holders
            assert len(writers) + bool(sharers) <= 1
            assert len(lock.holders) <= 1 or lock.mode is LockMode.SHARED

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

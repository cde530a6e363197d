"""What a grant takes and what it refuses."""

from dataclasses import replace

import pytest

from longshore.domain.grants import MOST_DISPLACED, Hold, Limits, Refusal, grant, hindering
from longshore.domain.locks import (
    GRACE_MS,
    WORKERS_KEY,
    Lease,
    Lock,
    LockMode,
    Slots,
    lease_key,
    lock_key,
    run_of,
    slot_key,
)

NOW = 1_000_000


def a_lease(job: str, expires_at: int = NOW + 900_000) -> Lease:
    return Lease(lease_key("acme", job, 1), expires_at, {})


def a_hold(*holders: Lease, locked: bool = False, workers: int = 1, resources: tuple[str, ...] = ("country",)) -> Hold:
    """Return what was read where each holder has a slot, `workers` workers and, where asked for, every lock."""
    keys = [holder.key for holder in holders]
    return Hold(
        slot=Slots(slot_key("acme"), dict.fromkeys(keys, 1), revision=7),
        workers=Slots(WORKERS_KEY, dict.fromkeys(keys, workers), revision=9),
        locks=tuple(
            Lock(lock_key("acme", r), holders=frozenset(keys if locked else ()), token=4, revision=5) for r in resources
        ),
        leases={holder.key: holder for holder in holders},
    )


def granted(hold: Hold, lease: Lease, now: int = NOW, imports: int = 3, pool: int = 10, wanted: int = 99, shared=()):
    answer = grant(hold, lease, now, Limits(imports, pool), wanted, shared)
    assert not isinstance(answer, Refusal)
    return answer


def refused(hold: Hold, lease: Lease, now: int = NOW, imports: int = 3, pool: int = 10, shared=()) -> Refusal:
    answer = grant(hold, lease, now, Limits(imports, pool), 1, shared)
    assert isinstance(answer, Refusal)
    return answer


def shared(hold: Hold) -> Hold:
    """The same, where those who hold the locks hold them SHARED."""
    return replace(hold, locks=tuple(replace(lock, mode=LockMode.SHARED) for lock in hold.locks))


def test_a_grant_takes_slot_workers_and_every_lock_with_the_next_token():
    taken, lease, share = granted(a_hold(resources=("country", "region")), a_lease("j1"))
    assert taken.slot.units == {lease.key: 1}
    assert taken.workers.units == {lease.key: share}
    assert [lock.holders for lock in taken.locks] == [{lease.key}] * 2
    assert lease.tokens == {"country": 5, "region": 5}
    assert (taken.slot.revision, taken.workers.revision, [k.revision for k in taken.locks]) == (8, 10, [6, 6])


def test_the_tokens_of_a_resource_whose_name_has_a_separator_are_its_own():
    _, lease, _ = granted(a_hold(resources=("a#b", "b")), a_lease("j1"))
    assert set(lease.tokens) == {"a#b", "b"}


def test_a_run_gets_at_most_half_of_the_free_workers_and_no_more_than_it_wants():
    assert granted(a_hold(), a_lease("j1"), pool=10)[2] == 5
    assert granted(a_hold(a_lease("j0"), workers=5), a_lease("j1"), pool=10)[2] == 3
    assert granted(a_hold(a_lease("j0"), workers=9), a_lease("j1"), pool=10)[2] == 1
    assert granted(a_hold(), a_lease("j1"), pool=10, wanted=2)[2] == 2
    assert granted(a_hold(), a_lease("j1"), pool=10, wanted=0)[2] == 1


def test_a_full_capacity_names_the_holder_who_would_be_gone_first():
    first, second = a_lease("j1", NOW + 5), a_lease("j2", NOW + 9)
    assert refused(a_hold(second, first), a_lease("j3"), imports=2) == Refusal(
        slot_key("acme"), first.key, NOW + 5 + GRACE_MS
    )
    assert refused(a_hold(second, first, workers=5), a_lease("j3"), pool=10) == Refusal(
        WORKERS_KEY, first.key, NOW + 5 + GRACE_MS
    )


def test_a_shared_lock_names_the_holder_who_would_be_gone_last():
    first, last = a_lease("j1", NOW + 5), a_lease("j2", NOW + 9)
    hold = shared(a_hold(first, last, locked=True))
    assert refused(hold, a_lease("j3")) == Refusal(lock_key("acme", "country"), last.key, NOW + 9 + GRACE_MS)


def test_one_more_shares_a_lock_without_a_token():
    first = a_lease("j1")
    taken, lease, _ = granted(shared(a_hold(first, locked=True)), a_lease("j2"), shared={"country"})
    assert taken.locks == (Lock(lock_key("acme", "country"), LockMode.SHARED, {first.key, lease.key}, 4, 6),)
    assert (lease.tokens, lease.shared, lease.resources) == ({}, {"country"}, ["country"])


def test_a_run_takes_some_locks_exclusive_and_some_shared():
    taken, lease, _ = granted(a_hold(resources=("country", "region")), a_lease("j1"), shared={"region"})
    assert [(lock.resource, lock.mode, lock.token) for lock in taken.locks] == [
        ("country", LockMode.EXCLUSIVE, 5),
        ("region", LockMode.SHARED, 4),
    ]
    assert (lease.tokens, lease.shared) == ({"country": 5}, {"region"})


def test_nobody_shares_what_a_writer_holds():
    writer = a_lease("j1")
    assert refused(a_hold(writer, locked=True), a_lease("j2"), shared={"country"}).holder == writer.key


def test_a_sharer_displaces_a_dead_writer_and_the_dead_among_the_sharers():
    dead, alive = a_lease("j1", NOW - GRACE_MS), a_lease("j2")
    taken, lease, _ = granted(a_hold(dead, locked=True), a_lease("j3"), shared={"country"})
    assert (taken.locks[0].mode, taken.locks[0].holders, taken.displaced) == (LockMode.SHARED, {lease.key}, {dead.key})
    taken, lease, _ = granted(shared(a_hold(dead, alive, locked=True)), a_lease("j3"), shared={"country"})
    assert (taken.locks[0].holders, taken.displaced) == ({alive.key, lease.key}, {dead.key})


def test_every_lock_that_is_in_the_way_is_named_not_only_the_first():
    hold = a_hold(a_lease("j1"), locked=True, resources=("city", "country", "region"))
    assert refused(hold, a_lease("j2")).what == lock_key("acme", "city")
    assert hindering(hold, NOW) == {"city", "country", "region"}
    assert hindering(shared(hold), NOW, {"city"}) == {"country", "region"}


def test_no_more_dead_are_displaced_than_a_transaction_can_check():
    """Those that hold the lock come first; the rest count as alive until Sweep has ended them."""
    dead = [a_lease(f"j{n:03d}", NOW - GRACE_MS) for n in range(60)]
    hold = shared(a_hold(*dead, locked=True))
    few = replace(hold.locks[0], holders=frozenset(lease.key for lease in dead[-3:]))
    taken, _, _ = granted(replace(hold, locks=(few,)), a_lease("new"), imports=99, pool=99)
    assert len(taken.displaced) == MOST_DISPLACED
    assert few.holders <= taken.displaced
    assert refused(hold, a_lease("new"), imports=99, pool=99).retry_at == NOW + 1


def test_a_lease_says_whose_run_it_is():
    assert run_of(lease_key("acme", "j1", 3)) == ("acme", "j1", 3)


@pytest.mark.parametrize(("imports", "pool", "what"), [(0, 10, slot_key("acme")), (3, 0, WORKERS_KEY)])
def test_a_capacity_of_nothing_refuses_everybody(imports, pool, what):
    assert refused(a_hold(), a_lease("j1"), imports=imports, pool=pool) == Refusal(what, "", NOW + GRACE_MS)


def test_an_expired_holder_stays_until_its_late_calls_cannot_arrive_any_more():
    dead = a_lease("j1", NOW)
    hold = a_hold(dead, locked=True)
    assert refused(hold, a_lease("j2"), now=NOW + GRACE_MS - 1).holder == dead.key
    taken, lease, _ = granted(hold, a_lease("j2"), now=NOW + GRACE_MS)
    assert taken.displaced == {dead.key}
    assert taken.locks[0].holders == {lease.key}
    assert set(taken.slot.units) == set(taken.workers.units) == {lease.key}


def test_a_holder_without_a_lease_has_ended():
    hold = a_hold(a_lease("j1"), locked=True)
    taken, lease, _ = granted(replace(hold, leases={}), a_lease("j2"))
    assert set(taken.slot.units) == {lease.key}


def test_a_lease_lives_until_it_expires_and_is_gone_after_the_grace():
    lease = a_lease("j1", NOW)
    assert lease.live(NOW - 1)
    assert not lease.live(NOW)
    assert not lease.gone(NOW + GRACE_MS - 1)
    assert lease.gone(NOW + GRACE_MS)


def test_no_key_of_one_tenant_is_a_key_of_another():
    keys = {
        key(tenant)
        for tenant in ("a", "b")
        for key in (slot_key, lambda t: lock_key(t, "x"), lambda t: lease_key(t, "x", 1))
    }
    assert len(keys | {WORKERS_KEY}) == 7

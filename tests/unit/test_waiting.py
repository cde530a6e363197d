"""What each queued job waits for, who holds it, and who comes before it."""

from datetime import UTC, datetime

from longshore.domain.grants import Hold, Limits
from longshore.domain.job import Job
from longshore.domain.locks import GRACE_MS, WORKERS_KEY, Lease, Lock, LockMode, Slots, lease_key, lock_key, slot_key
from longshore.domain.status import JobStatus
from longshore.domain.waiting import Needed, Wait, modes_of, waiting

NOW = 1_000_000
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMITS = Limits(running_imports=3, worker_concurrency=10)
EXCLUSIVE, SHARED = LockMode.EXCLUSIVE, LockMode.SHARED


def queued(job_id: str, *writes: str, reads: tuple[str, ...] = ()) -> Job:
    return Job("acme", job_id, JobStatus.QUEUED, "t", "anna", AT, AT, "f.csv", record_types=writes, refers_to=reads)


def holding(job_id: str, expires_at: int = NOW + 900_000, tenant: str = "acme") -> Lease:
    return Lease(lease_key(tenant, job_id, 1), expires_at, {})


def a_hold(*leases: Lease, workers: dict[str, int] | None = None, locks: tuple[Lock, ...] = ()) -> Hold:
    slot = Slots(slot_key("acme"), {lease.key: 1 for lease in leases if lease.key.startswith("acme#")})
    return Hold(slot, Slots(WORKERS_KEY, workers or {}), locks, {lease.key: lease for lease in leases})


def lock(resource: str, mode: LockMode = EXCLUSIVE, *holders: Lease) -> Lock:
    return Lock(lock_key("acme", resource), mode, frozenset(lease.key for lease in holders), token=7)


def test_a_job_locks_what_it_writes_and_shares_what_it_refers_to() -> None:
    assert modes_of(queued("j1", "city", "region", reads=("country", "region"))) == {
        "city": EXCLUSIVE,
        "region": EXCLUSIVE,
        "country": SHARED,
    }
    plain = Job("acme", "j1", JobStatus.QUEUED, "t", "anna", AT, AT, "f.csv", record_type="city")
    assert modes_of(plain) == {"city": EXCLUSIVE}


def test_a_job_that_nothing_keeps_starts_at_the_next_look() -> None:
    (found,) = waiting([queued("j1", "city")], a_hold(locks=(lock("city"),)), LIMITS, NOW)
    assert (found.position, found.waits, found.try_again_at) == (1, (), NOW)


def test_a_lock_is_waited_for_by_name_holder_and_mode() -> None:
    writer = holding("j0")
    hold = a_hold(writer, locks=(lock("city", EXCLUSIVE, writer),))
    (found,) = waiting([queued("j1", "x", reads=("city",))], _with(hold, lock("x")), LIMITS, NOW)
    assert found.waits == (Wait(Needed.LOCK, (writer.key,), "city", SHARED),)
    assert found.try_again_at == writer.gone_at


def test_who_shares_waits_for_nobody_but_a_writer_before_it() -> None:
    reader = holding("j0")
    hold = a_hold(reader, locks=(lock("a"), lock("b"), lock("city", SHARED, reader)))
    first = queued("j1", "a", reads=("city",))
    writer, last = queued("j2", "city"), queued("j3", "b", reads=("city",))
    assert [found.waits for found in waiting([first, last], hold, LIMITS, NOW)] == [(), ()]
    shown = waiting([first, writer, last], hold, LIMITS, NOW)
    assert [found.waits for found in shown] == [
        (),
        (Wait(Needed.LOCK, (reader.key,), "city", EXCLUSIVE),),
        (Wait(Needed.LOCK, (reader.key,), "city", SHARED, after=("j2",)),),
    ]


def test_a_full_tenant_waits_for_the_first_holder_to_go_and_for_its_place() -> None:
    holders = [holding(f"h{n}", NOW + 10_000 * n) for n in (1, 2, 3)]
    hold = a_hold(*holders, locks=(lock("city"),))
    queue = [queued(f"j{n}", "city") for n in range(8)]
    shown = waiting(queue, hold, LIMITS, NOW)
    assert [found.position for found in shown] == list(range(1, 9))
    assert {found.waits for found in shown} == {(Wait(Needed.SLOT, tuple(lease.key for lease in holders)),)}
    assert shown[0].try_again_at == NOW + 10_000 + GRACE_MS
    assert shown[7].try_again_at == NOW + 45_000


def test_the_dead_hold_nothing() -> None:
    dead = holding("j0", NOW - GRACE_MS)
    hold = a_hold(dead, workers={dead.key: 10}, locks=(lock("city", EXCLUSIVE, dead),))
    (found,) = waiting([queued("j1", "city")], hold, LIMITS, NOW)
    assert found.waits == ()


def test_workers_are_waited_for_whoever_has_them() -> None:
    other = holding("x", tenant="blue")
    hold = a_hold(other, workers={other.key: 10}, locks=(lock("city"),))
    (found,) = waiting([queued("j1", "city")], hold, LIMITS, NOW)
    assert found.waits == (Wait(Needed.WORKERS, (other.key,)),)


def _with(hold: Hold, *locks: Lock) -> Hold:
    return Hold(hold.slot, hold.workers, (*hold.locks, *locks), hold.leases)

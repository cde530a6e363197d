"""Runs take all they need with their job's change of status, or nothing, and give all of it back."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from subprocess import run as run_process

import pytest

from longshore.domain.grants import Limits, Refusal, grant
from longshore.domain.job import Job
from longshore.domain.locks import GRACE_MS, WORKERS_KEY, Lease, LockMode, lease_key, slot_key
from longshore.domain.status import JobStatus
from longshore.errors import JobNotFound, Retryable, StaleItem
from longshore.messages import BatchTask
from longshore.storage import clients
from longshore.storage.jobs import JobStore
from longshore.storage.runs import RunStore
from tests.storage.faults import losing_the_first_reply
from tests.storage.jobs_made import a_job, first_event, to

LEASE_MS = 900_000
LIMITS = Limits(running_imports=3, worker_concurrency=10)
S = JobStatus


@pytest.fixture
def jobs(stores) -> JobStore:
    return JobStore(clients.dynamodb(), stores.jobs, stores.catalog, upload_link_seconds=3600)


@pytest.fixture
def runs(stores, clock) -> RunStore:
    """Start with a worker pool that nobody holds: it is one for all tenants."""
    clients.dynamodb().delete_item(TableName=stores.locks, Key={"pk": {"S": WORKERS_KEY}})
    return RunStore(clients.dynamodb(), stores.jobs, stores.locks, stores.catalog, clock, upload_link_seconds=3600)


def queued(jobs: JobStore, tenant: str, job_id: str = "j1") -> Job:
    job = a_job(tenant, job_id, S.QUEUED, sha256=job_id)
    jobs.create(job, first_event(job))
    return job


def start(
    runs: RunStore, job: Job, now: int, resources: tuple[str, ...] = ("country",), shared: tuple[str, ...] = ()
) -> tuple[Job, Lease]:
    """Do what DispatchJobs does."""
    hold = runs.holds(job.tenant, (*resources, *shared))
    asked = Lease(lease_key(job.tenant, job.job_id, job.run + 1), now + LEASE_MS, {})
    answer = grant(hold, asked, now, LIMITS, 4, shared)
    assert not isinstance(answer, Refusal), answer
    taken, lease, share = answer
    before, after, event = to(job, S.PROCESSING, run=job.run + 1, workers=share)
    runs.start(before, after, event, taken, lease)
    return after, lease


def a_task(job: Job) -> BatchTask:
    return BatchTask(tenant=job.tenant, job_id=job.job_id, attempt="a1", part=0, batch=0, run=job.run)


def finish(runs: RunStore, job: Job, status: JobStatus = S.COMPLETED) -> Job:
    before, after, event = to(job, status)
    runs.finish(before, after, event)
    return after


def test_nothing_is_held_before_the_first_run(runs, tenant):
    hold = runs.holds(tenant, ["region", "country"])
    assert (hold.slot.units, hold.slot.revision) == ({}, 0)
    assert [(lock.resource, lock.token, lock.revision) for lock in hold.locks] == [("country", 0, 0), ("region", 0, 0)]


def test_a_start_writes_job_event_lease_slot_workers_and_locks(jobs, runs, clock, tenant):
    job, lease = start(runs, queued(jobs, tenant), clock.ms, ("country", "region"))
    assert jobs.get(tenant, "j1") == job
    assert [event.new for event in jobs.events(tenant, "j1")] == [S.QUEUED, S.PROCESSING]
    hold = runs.holds(tenant, ["country", "region"])
    assert hold.slot.units == {lease.key: 1}
    assert hold.workers.units == {lease.key: 4}
    assert [(lock.holders, lock.token) for lock in hold.locks] == [({lease.key}, 1)] * 2
    assert hold.leases == {lease.key: lease}
    assert runs.status_and_lease(a_task(job)) == (S.PROCESSING, job, lease)


def test_a_run_gives_all_back_and_keeps_the_token(jobs, runs, clock, tenant):
    job, _ = start(runs, queued(jobs, tenant), clock.ms)
    ended = finish(runs, job)
    assert jobs.get(tenant, "j1") == ended
    hold = runs.holds(tenant, ["country"])
    assert (hold.slot.units, hold.workers.units, hold.locks[0].holders, hold.leases) == ({}, {}, frozenset(), {})
    _, lease = start(runs, queued(jobs, tenant, "j2"), clock.ms)
    assert lease.tokens == {"country": 2}


def test_a_second_start_of_the_same_read_is_stale_and_takes_nothing(jobs, runs, clock, tenant):
    one, two = queued(jobs, tenant, "j1"), queued(jobs, tenant, "j2")
    hold = runs.holds(tenant, ["country"])
    starts = []
    for job in (one, two):
        taken, lease, share = grant(hold, Lease(lease_key(tenant, job.job_id, 1), clock.ms, {}), clock.ms, LIMITS, 4)
        starts.append((*to(job, S.PROCESSING, run=1, workers=share), taken, lease))
    runs.start(*starts[0])
    with pytest.raises(StaleItem):
        runs.start(*starts[1])
    assert jobs.get(tenant, "j2") == two
    assert set(runs.holds(tenant, ["country"]).slot.units) == {lease_key(tenant, "j1", 1)}


def test_a_job_that_changed_meanwhile_starts_no_run(jobs, runs, clock, tenant):
    job = queued(jobs, tenant)
    jobs.change(*to(job, S.CANCELLED))
    with pytest.raises(StaleItem):
        start(runs, job, clock.ms)
    assert runs.holds(tenant, ["country"]).slot.revision == 0


def test_one_of_eight_starts_on_a_record_type_wins(jobs, runs, clock, tenant):
    waiting = [queued(jobs, tenant, f"j{n}") for n in range(8)]
    hold = runs.holds(tenant, ["country"])

    def attempt(job: Job) -> bool:
        asked = Lease(lease_key(tenant, job.job_id, 1), clock.ms + LEASE_MS, {})
        taken, lease, share = grant(hold, asked, clock.ms, LIMITS, 4)
        try:
            runs.start(*to(job, S.PROCESSING, run=1, workers=share), taken, lease)
        except Retryable:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, waiting))
    assert won.count(True) == 1
    processing = [job.job_id for job in waiting if jobs.get(tenant, job.job_id).status is S.PROCESSING]
    assert processing == [f"j{won.index(True)}"]
    lock = runs.holds(tenant, ["country"]).locks[0]
    assert (lock.holders, lock.token) == ({lease_key(tenant, processing[0], 1)}, 1)


def test_runs_of_many_tenants_end_at_once_though_they_share_the_worker_pool(jobs, runs, clock, tenant):
    ended = [start(runs, queued(jobs, f"{tenant}{n}"), clock.ms)[0] for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda job: finish(runs, job), ended))
    assert runs.holds(tenant, []).workers.units == {}


def test_a_dead_run_is_displaced_and_its_end_takes_nothing_from_its_successor(jobs, runs, clock, tenant):
    dead, _ = start(runs, queued(jobs, tenant, "j1"), clock.ms)
    clock.pass_seconds((LEASE_MS + GRACE_MS) / 1000)
    assert runs.lapsed(dead)
    alive, lease = start(runs, queued(jobs, tenant, "j2"), clock.ms)
    assert not runs.lapsed(alive)
    before = runs.holds(tenant, ["country"])
    finish(runs, dead, S.FAILED)
    after = runs.holds(tenant, ["country"])
    assert after == before
    assert after.locks[0].holders == {lease.key}
    assert runs.lapsed(dead)


def test_many_share_what_one_writer_then_waits_for(jobs, runs, clock, tenant):
    readers = [start(runs, queued(jobs, tenant, f"j{n}"), clock.ms, (f"own{n}",), ("country",)) for n in range(2)]
    (lock,) = runs.holds(tenant, ["country"]).locks
    assert (lock.mode, lock.holders, lock.token) == (LockMode.SHARED, {lease.key for _, lease in readers}, 0)
    assert [(lease.tokens, lease.shared) for _, lease in readers] == [({f"own{n}": 1}, {"country"}) for n in range(2)]
    writer = queued(jobs, tenant, "writer")
    for job, lease in readers:
        refused = grant(runs.holds(tenant, ["country"]), lease, clock.ms, LIMITS, 4)
        assert isinstance(refused, Refusal)
        finish(runs, job)
    _, lease = start(runs, writer, clock.ms)
    (lock,) = runs.holds(tenant, ["country"]).locks
    assert (lock.mode, lock.holders, lock.token) == (LockMode.EXCLUSIVE, {lease.key}, 1)


def test_a_lease_is_read_back_with_what_it_shares(jobs, runs, clock, tenant):
    job, lease = start(runs, queued(jobs, tenant), clock.ms, ("city",), ("country", "region"))
    assert runs.status_and_lease(a_task(job))[2] == lease
    assert lease.shared == {"country", "region"}
    finish(runs, job)
    assert [lock.holders for lock in runs.holds(tenant, lease.resources).locks] == [frozenset()] * 3


def test_one_of_several_dead_readers_that_lives_after_all_keeps_the_writer_out(jobs, runs, clock, tenant):
    """The writer has read all of them as gone, and each is looked at once more in its transaction."""
    leases = [start(runs, queued(jobs, tenant, f"j{n}"), clock.ms, (f"own{n}",), ("country",))[1] for n in range(3)]
    job = queued(jobs, tenant, "writer")
    clock.pass_seconds(LEASE_MS / 1000 - 1)
    assert runs.renew(leases[1], clock.ms + LEASE_MS)
    clock.pass_seconds(1 + GRACE_MS / 1000)
    much_later = clock.ms + LEASE_MS
    before = runs.holds(tenant, ["country"])
    with pytest.raises(StaleItem, match="lease"):
        start(runs, job, much_later)
    assert runs.holds(tenant, ["country"]) == before
    assert jobs.get(tenant, "writer") == job
    clock.pass_seconds((LEASE_MS + GRACE_MS) / 1000)
    start(runs, job, clock.ms)


def test_a_job_takes_all_of_many_locks_or_none(jobs, runs, clock, tenant):
    names = tuple(f"type{n:02d}" for n in range(40))
    reads = tuple(f"ref{n}" for n in range(10))
    job, lease = start(runs, queued(jobs, tenant), clock.ms, names, reads)
    assert lease.tokens == dict.fromkeys(names, 1)
    finish(runs, job)
    hold = runs.holds(tenant, [*names, *reads])
    assert {(lock.holders, lock.token) for lock in hold.locks} == {(frozenset(), 1), (frozenset(), 0)}
    assert hold.slot == runs.holds(tenant, []).slot
    assert hold.slot.key == slot_key(tenant)


def test_a_holder_that_was_renewed_after_all_is_not_displaced(jobs, runs, clock, tenant):
    """The dispatcher read a lease that was gone by its own clock; the transaction looks once more."""
    _, lease = start(runs, queued(jobs, tenant, "j1"), clock.ms)
    job = queued(jobs, tenant, "j2")
    much_later = clock.ms + LEASE_MS + GRACE_MS
    with pytest.raises(StaleItem, match="lease"):
        start(runs, job, much_later)
    assert runs.holds(tenant, ["country"]).locks[0].holders == {lease.key}
    assert jobs.get(tenant, "j2") == job


def test_finishing_again_is_stale_and_changes_nothing(jobs, runs, clock, tenant):
    job, _ = start(runs, queued(jobs, tenant), clock.ms)
    finish(runs, job)
    start(runs, queued(jobs, tenant, "j2"), clock.ms)
    hold = runs.holds(tenant, ["country"])
    with pytest.raises(StaleItem):
        finish(runs, job, S.FAILED)
    assert runs.holds(tenant, ["country"]) == hold


def test_finishing_releases_the_content_of_a_failed_job(stores, jobs, runs, clock, tenant):
    job = a_job(tenant)
    jobs.create(job, first_event(job))
    before, after, event = to(job, S.QUEUED)
    jobs.change(before, after, event)
    started, _ = start(runs, after, clock.ms)
    finish(runs, started, S.FAILED)
    assert jobs.content_owner(tenant, "country", 3, job.sha256) == ""


def test_a_finish_whose_reply_was_lost_has_happened(jobs, runs, clock, tenant):
    job, _ = start(runs, queued(jobs, tenant), clock.ms)
    with losing_the_first_reply(clients.dynamodb(), "TransactWriteItems"):
        ended = finish(runs, job)
    assert jobs.get(tenant, "j1") == ended
    assert runs.holds(tenant, ["country"]).workers.units == {}


def test_a_lease_is_prolonged_never_shortened_and_lost_for_ever(jobs, runs, clock, tenant):
    job, lease = start(runs, queued(jobs, tenant), clock.ms)
    longer = runs.renew(lease, lease.expires_at + 1000)
    assert longer == replace(lease, expires_at=lease.expires_at + 1000)
    assert runs.renew(lease, lease.expires_at + 500) == longer
    assert runs.status_and_lease(a_task(job))[2] == longer
    clock.pass_seconds((LEASE_MS + 1000) / 1000)
    assert runs.renew(longer, longer.expires_at + LEASE_MS) is None
    assert runs.status_and_lease(a_task(job))[2] == longer


def test_the_lease_of_a_run_that_ended_cannot_be_renewed(jobs, runs, clock, tenant):
    job, lease = start(runs, queued(jobs, tenant), clock.ms)
    ended = finish(runs, job)
    assert runs.renew(lease, lease.expires_at + 1000) is None
    assert runs.status_and_lease(a_task(ended)) == (S.COMPLETED, ended, None)


def test_a_worker_of_an_unknown_job_is_told_so(runs, tenant):
    with pytest.raises(JobNotFound):
        runs.status_and_lease(BatchTask(tenant=tenant, job_id="x", attempt="a", part=0, batch=0, run=1))


def test_what_validate_upload_and_load_batch_import_does_not_import_pynamodb():
    modules = ("jobs", "batches", "leases", "records", "files", "catalog", "mappings", "clients", "bus", "executions")
    imports = ", ".join(f"longshore.storage.{module}" for module in modules)
    code = f"import sys, {imports}; sys.exit('pynamodb' in sys.modules)"
    assert run_process([sys.executable, "-c", code], check=False).returncode == 0

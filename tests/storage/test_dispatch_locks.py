"""DispatchJobs takes, per job, several locks in both modes, and lets nobody overtake a writer that waits."""

from collections.abc import Iterator

import pytest

from longshore.domain.job import Job
from longshore.domain.locks import LockMode, lease_key, lock_key
from longshore.domain.status import JobStatus
from tests.storage.conftest import Stores
from tests.storage.job_tables import read_tables
from tests.storage.job_world import JobWorld
from tests.storage.job_worlds import worlds
from tests.storage.jobs_made import a_job, first_event, to


@pytest.fixture
def world(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobWorld]:
    made = worlds(stores, monkeypatch)()
    yield made
    made.close()


def queue(world: JobWorld, job_id: str, writes: tuple[str, ...], reads: tuple[str, ...] = (), priority: int = 5) -> Job:
    types = {"record_types": writes, "refers_to": reads}
    job = a_job(world.tenant, job_id, JobStatus.QUEUED, sha256="", attempt="", priority=priority, **types)
    world.services.jobs.create(job, first_event(job))
    return job


def statuses(world: JobWorld, *job_ids: str) -> list[JobStatus]:
    return [world.services.jobs.get(world.tenant, job_id).status for job_id in job_ids]


def end(world: JobWorld, job_id: str) -> None:
    job = world.services.jobs.get(world.tenant, job_id)
    world.services.runs.finish(*to(job, JobStatus.FAILED))


QUEUED, PROCESSING = JobStatus.QUEUED, JobStatus.PROCESSING


def test_a_job_of_several_record_types_locks_each_and_shares_what_it_refers_to(world, stores):
    job = queue(world, "j1", ("region", "city"), reads=("country", "city"))
    assert world.services.jobs.get(world.tenant, "j1") == job
    world.dispatch(None)
    tables = read_tables(stores)
    lease = tables.leases[lease_key(world.tenant, "j1", 1)]
    assert (lease.tokens, lease.shared) == ({"city": 1, "region": 1}, {"country"})
    modes = {lock.resource: (lock.mode, lock.holders, lock.token) for lock in tables.locks.values()}
    holder = frozenset({lease.key})
    assert modes == {
        "city": (LockMode.EXCLUSIVE, holder, 1),
        "region": (LockMode.EXCLUSIVE, holder, 1),
        "country": (LockMode.SHARED, holder, 0),
    }
    end(world, "j1")
    after = read_tables(stores)
    assert not after.holders
    assert after.locks[lock_key(world.tenant, "city")].token == 1


def test_a_job_that_names_no_record_types_locks_the_one_that_it_has(world, stores):
    queue(world, "j1", ())
    world.dispatch(None)
    assert read_tables(stores).leases[lease_key(world.tenant, "j1", 1)].tokens == {"country": 1}


def test_two_that_refer_to_the_same_run_together_and_its_writer_waits(world):
    queue(world, "j1", ("city",), reads=("country",))
    queue(world, "j2", ("street",), reads=("country",))
    queue(world, "writer", ("country",), priority=1)
    world.dispatch(None)
    assert statuses(world, "j1", "j2", "writer") == [PROCESSING, PROCESSING, QUEUED]
    for job_id in ("j1", "j2"):
        end(world, job_id)
    world.dispatch(None)
    assert statuses(world, "writer") == [PROCESSING]


def test_nobody_shares_what_a_writer_before_it_waits_for(world):
    queue(world, "j1", ("city",), reads=("country",), priority=9)
    world.dispatch(None)
    queue(world, "writer", ("country",), priority=8)
    queue(world, "later", ("street",), reads=("country",))
    world.dispatch(None)
    assert statuses(world, "j1", "writer", "later") == [PROCESSING, QUEUED, QUEUED]
    end(world, "j1")
    world.dispatch(None)
    assert statuses(world, "writer", "later") == [PROCESSING, QUEUED]


def test_a_job_behind_one_that_waits_takes_the_locks_that_nobody_waits_for(world):
    queue(world, "j1", ("city",), priority=9)
    world.dispatch(None)
    queue(world, "waits", ("city", "region"), priority=8)
    queue(world, "free", ("region",))
    world.dispatch(None)
    assert statuses(world, "waits", "free") == [QUEUED, PROCESSING]

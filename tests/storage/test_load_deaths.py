"""LoadBatch dies before each of its AWS calls, or loses the reply to each, in a job of two record types and levels."""

import pytest

from longshore.domain.job import Batch, Job
from longshore.domain.records import record_key
from longshore.domain.status import JobStatus
from tests.storage.conftest import Stores
from tests.storage.job_world import JobWorld
from tests.storage.job_worlds import Worlds, worlds

# Slow: a world, with a whole run of its job, for every call of a worker.
pytestmark = pytest.mark.slow

PET, ITEM = 0, 1
"""The numbers of the parts, as the files lie in the archive; pets depend on items."""

WRITTEN = [(ITEM, "item", "A"), (ITEM, "item", "H"), (ITEM, "item", "I"), (PET, "pet", "A"), (PET, "pet", "P")]


@pytest.fixture
def new_world(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    return worlds(stores, monkeypatch)


def begun(world: JobWorld) -> tuple[Job, list[Batch]]:
    """Start the run of a job of two parts; return it, and its batches, the lower level first."""
    world.drop("both")
    world.deliver(0, None)
    world.dispatch(None)
    world.check()
    (job,) = world.running()
    level = {part.number: part.level for part in world.tables.parts[job.job_id]}
    assert level == {ITEM: 0, PET: 1}
    return job, sorted(world.tables.batches[job.job_id], key=lambda batch: level[batch.part])


def check(world: JobWorld, job: Job) -> None:
    """Every row of either part is written once, under its own type and the part's own rev, and counted there."""
    world.check()
    ended = world.tables.jobs[job.job_id]
    assert (ended.status, ended.counts.created, ended.counts.rejected) == (JobStatus.COMPLETED_WITH_ERRORS, 5, 1)
    loaded = [(batch.part, batch.counts.created) for batch in world.tables.batches[job.job_id] if batch.counts]
    assert loaded == [(PET, 2), (ITEM, 2), (ITEM, 1)]
    revs = {record_key(world.tenant, kind, [code]): [job.job_id, str(part)] for part, kind, code in WRITTEN}
    assert {key: rev.split("#")[:2] for key, rev in world.tables.revs.items()} == revs


@pytest.mark.parametrize("fault", ["dies", "loses"])
def test_every_call(new_world: Worlds, fault: str) -> None:
    struck, call = True, 0
    while struck:
        world = new_world()
        job, batches = begun(world)
        struck = False
        for batch in batches:
            task = world.task(job, batch, 1)
            struck |= world.load(task, **{"dies": None, fault: call})
            world.check()
            if fault == "dies":
                world.clock.pass_seconds(100)
                world.load(task, None)
        world.finish(job)
        check(world, job)
        world.close()
        call += 1
    assert call > 6

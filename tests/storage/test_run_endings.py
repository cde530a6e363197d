"""How a run ends when somebody of it, or of the run before, comes late: the real steps, one after the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from longshore.domain.job import BatchStatus, Job
from longshore.domain.status import JobStatus
from longshore.storage import clients
from tests.storage.conftest import Stores
from tests.storage.job_world import JobWorld
from tests.storage.job_worlds import Worlds, worlds


@pytest.fixture
def new_world(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    return worlds(stores, monkeypatch)


@pytest.fixture
def one_running_job(new_world: Worlds) -> Iterator[tuple[JobWorld, Job]]:
    world = new_world()
    world.drop("five")
    world.deliver(0, None)
    world.dispatch(None)
    world.check()
    (job,) = world.running()
    yield world, job
    world.close()


@pytest.mark.parametrize(
    "late",
    [
        pytest.param("TransactWriteItems", id="the worker comes after the batches were read"),
        pytest.param("Query", id="the worker comes before the batches are read"),
    ],
)
def test_a_worker_of_a_run_that_is_being_ended_loads_nothing_uncounted(one_running_job, late):
    """The lock goes to somebody else at the end, and nobody waits for a claim that nobody saw."""
    world, job = one_running_job
    task = world.task(job, world.tables.batches[job.job_id][0], job.run)
    with meanwhile(late, lambda: world.load(task, None)):
        world.finish(job)
    assert_all_is_counted(world, job)


@pytest.mark.parametrize(
    "just_before",
    [
        pytest.param("UpdateItem", id="before it claims its batch"),
        pytest.param("BatchExecuteStatement", id="before it writes"),
    ],
)
def test_a_worker_whose_run_ends_under_it_loads_nothing_uncounted(one_running_job, just_before):
    """It has looked, and found its run alive; then the run is ended."""
    world, job = one_running_job
    task = world.task(job, world.tables.batches[job.job_id][0], job.run)
    with meanwhile(just_before, lambda: world.finish(job)):
        world.load(task, None)
    assert_all_is_counted(world, job)


def assert_all_is_counted(world: JobWorld, job: Job) -> None:
    world.check()
    world.bring_to_an_end()
    assert world.tables.jobs[job.job_id].counts.loaded == len(world.tables.revs)


@contextmanager
def meanwhile(operation: str, act: Callable[[], object]) -> Iterator[None]:
    """Let somebody else act just before the first request of an operation arrives."""
    acted: list[bool] = []

    def before_send(**_: Any) -> None:
        if not acted:
            acted.append(True)
            act()

    events, name = clients.dynamodb().meta.events, f"before-send.dynamodb.{operation}"
    events.register_first(name, before_send)
    try:
        yield
    finally:
        events.unregister(name, before_send)
    assert acted, f"{operation} was not called"


@pytest.fixture
def retried(one_running_job) -> tuple[JobWorld, Job, Job]:
    """A world, and its job as it was in a run that loaded nothing, and as it is in the run after that."""
    world, first = one_running_job
    world.finish(first, error={"Error": "States.Timeout", "Cause": ""})
    world.check()
    world.retry(world.tables.jobs[first.job_id], None)
    world.dispatch(None)
    return world, first, _now(world, first)


def _now(world: JobWorld, job: Job) -> Job:
    world.check()
    return world.tables.jobs[job.job_id]


def test_a_late_catch_marks_no_batch_that_a_later_run_has_claimed(retried):
    world, first, second = retried
    assert (second.status, second.run) == (JobStatus.PROCESSING, 2)
    task = world.task(second, world.tables.batches[second.job_id][0], run=2)
    world.services.batches.claim(task, world.clock.ms, world.clock.ms + 60_000)
    world.check()
    claimed = world.tables.batches[first.job_id][0]
    world.give_up(task.model_copy(update={"run": 1}))
    world.check()
    assert world.tables.batches[first.job_id][0] == claimed
    world.give_up(task)
    world.check()
    assert world.tables.batches[first.job_id][0].status is BatchStatus.FAILED


def test_what_a_late_catch_marks_before_a_later_run_claims_it_is_loaded_all_the_same(retried):
    world, _, second = retried
    task = world.task(second, world.tables.batches[second.job_id][0], run=2)
    world.give_up(task.model_copy(update={"run": 1}))
    world.check()
    marked = world.tables.batches[second.job_id][0]
    assert (marked.status, marked.run) == (BatchStatus.FAILED, 1)
    world.load(task, None)
    world.check()
    assert world.tables.batches[second.job_id][0].status is BatchStatus.COMPLETED
    world.bring_to_an_end()


def test_a_batch_given_up_after_all_of_its_rows_were_written_is_done(one_running_job):
    """Its worker died between its last write and the result; what the records say counts."""
    world, job = one_running_job
    for batch in world.tables.batches[job.job_id]:
        task = world.task(job, batch, job.run)
        before = len(world.tables.revs)
        for dies in range(40):
            world.load(task, dies)
            world.check()
            if len(world.tables.revs) == before + batch.rows:
                break
            world.clock.pass_seconds(100)
        world.give_up(task)
    world.check()
    assert {batch.status for batch in world.tables.batches[job.job_id]} == {BatchStatus.FAILED}
    world.clock.pass_seconds(200)
    world.finish(job)
    ended = _now(world, job)
    assert (ended.status, ended.counts.loaded, ended.reason) == (JobStatus.COMPLETED, 5, None)

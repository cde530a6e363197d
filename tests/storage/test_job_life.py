"""Jobs live through anything that people, time and AWS do to them, and every promise holds after every step.

The real steps on the real stores: events arrive twice, late or never, any step dies before any of its AWS calls, runs
are cancelled, retried and swept up. Only time, and the functions' own runtime, are the test's.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import boto3
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from longshore.domain.job import BatchStatus, Job
from longshore.domain.status import JobStatus
from longshore.settings import Settings
from longshore.storage import backoff, clients
from tests.storage.conftest import Stores
from tests.storage.dying_process import Process
from tests.storage.job_world import JobWorld

WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
TURN = {"StartAt": "Over", "States": {"Over": {"Type": "Succeed"}}}
DIES = st.none() | st.none() | st.integers(0, 14)
WHICH = st.integers(0, 30)
FILE = st.sampled_from(["five", "five", "others", "others", "one bad", "all bad", "no rows"])
ASKED = st.sampled_from([{}, {"force": True}, {"preview": True}, {"mode": "insert", "force": True}])
UPLOADS = 5
"""In one life; more make it slow, and no other."""

Worlds = Callable[[], JobWorld]


class JobLife(RuleBasedStateMachine):
    """What may happen, in any order."""

    def __init__(self, new_world: Worlds) -> None:
        super().__init__()
        self.world = new_world()

    @precondition(lambda self: self.world.uploads < UPLOADS)
    @rule(file=FILE, dies=st.lists(DIES, max_size=8))
    def a_file_is_dropped(self, file: str, dies: list[int | None]) -> None:
        """Its event is delivered at once, or later, or never; other jobs may come first all the same."""
        self.world.drop(file)
        if dies:
            self.world.deliver(0, dies[0])
            self.world.check()
            self.world.go_on(len(self.world.tables.jobs), dies[1:])

    @precondition(lambda self: self.world.uploads < UPLOADS)
    @rule(file=FILE, asked=ASKED, later=st.booleans(), uploaded=st.sampled_from([True, True, True, False]))
    def an_import_is_asked_for(self, file: str, asked: dict[str, object], later: bool, uploaded: bool) -> None:
        self.world.ask(file, asked, later, uploaded)

    @precondition(lambda self: self.world.events)
    @rule(which=WHICH, dies=DIES)
    def an_event_is_delivered(self, which: int, dies: int | None) -> None:
        self.world.deliver(which, dies)

    @precondition(lambda self: self.world.going_on())
    @rule(which=WHICH, dies=st.lists(DIES, min_size=1, max_size=8))
    def a_job_goes_on(self, which: int, dies: list[int | None]) -> None:
        self.world.go_on(which, dies)

    @rule(dies=DIES)
    def queued_jobs_are_dispatched(self, dies: int | None) -> None:
        self.world.dispatch(dies)

    @precondition(lambda self: self.world.tasks())
    @rule(which=WHICH, dies=DIES)
    def a_batch_is_loaded(self, which: int, dies: int | None) -> None:
        """By a worker of any run that ever was: Lambda may deliver late, and Step Functions tries again."""
        tasks = self.world.tasks()
        self.world.load(tasks[-1 - which % len(tasks)], dies)

    @precondition(lambda self: any(map(self.world.left, self.world.running())))
    @rule(which=WHICH)
    def a_batch_is_given_up(self, which: int) -> None:
        """Its attempts are exhausted."""
        world = self.world
        left = [world.task(job, batch, job.run) for job in world.running() for batch in world.left(job)]
        world.give_up(left[which % len(left)])

    @precondition(lambda self: any(job.run for job in self.world.jobs()))
    @rule(which=WHICH, earlier=st.sampled_from([0, 0, 0, 1]), failed=st.booleans(), dies=DIES)
    def a_run_is_finished(self, which: int, earlier: int, failed: bool, dies: int | None) -> None:
        """Its latest one, or once more an earlier one."""
        started = [job for job in self.world.jobs() if job.run]
        job = started[which % len(started)]
        error = {"Error": "States.Timeout", "Cause": ""} if failed else None
        self.world.finish(job, dies, max(1, job.run - earlier), error)

    @precondition(lambda self: self.world.running())
    @rule(which=WHICH)
    def an_execution_is_stopped(self, which: int) -> None:
        running = self.world.running()
        self.world.stop(running[which % len(running)])

    @rule(dies=DIES)
    def a_minute_passes_and_sweep_looks(self, dies: int | None) -> None:
        self.world.sweep(dies)

    @precondition(lambda self: self.world.jobs())
    @rule(which=WHICH, dies=DIES)
    def somebody_cancels(self, which: int, dies: int | None) -> None:
        jobs = self.world.running() or self.world.jobs()
        self.world.cancel(jobs[which % len(jobs)], dies)

    @precondition(lambda self: self.world.jobs())
    @rule(which=WHICH, dies=DIES)
    def somebody_retries(self, which: int, dies: int | None) -> None:
        jobs = self.world.jobs()
        self.world.retry(jobs[which % len(jobs)], dies)

    @rule(seconds=st.sampled_from([1, 45, 95, 500, 1000]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.pass_seconds(seconds)

    @invariant()
    def every_promise_holds(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        try:
            if sys.exc_info()[1] is None:
                self.world.bring_to_an_end()
        finally:
            self.world.close()


@pytest.fixture
def new_world(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    """Make worlds with a bus, and a state machine that does nothing: its states are the rules."""
    monkeypatch.setattr(backoff, "FIRST", 0)
    process = Process()
    process.patch(monkeypatch)
    name = f"life-{uuid4().hex[:8]}"
    boto3.client("events").create_event_bus(Name=name)
    run_import, await_turn = (
        boto3.client("stepfunctions").create_state_machine(
            name=f"{name}-{kind}", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/none"
        )["stateMachineArn"]
        for kind, definition in (("run-import", WAIT), ("await-turn", TURN))
    )
    small = Settings(
        jobs_table=stores.jobs,
        locks_table=stores.locks,
        catalog_table=stores.catalog,
        records_table=stores.records,
        uploads_bucket=stores.uploads,
        data_bucket=stores.data,
        bus_name=name,
        run_import_arn=run_import,
        await_turn_arn=await_turn,
        validate_upload_arn="validate-upload",
        worker_concurrency=3,
        batch_rows=2,
        running_imports=2,
    )
    return partial(JobWorld, stores, small, process)


def test_every_promise_holds_after_every_step(new_world: Worlds) -> None:
    run_state_machine_as_test(
        partial(JobLife, new_world),
        settings=settings(
            max_examples=14,
            stateful_step_count=40,
            deadline=None,
            print_blob=True,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make a failure smaller takes many minutes
            suppress_health_check=list(HealthCheck),
        ),
    )


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

"""Jobs live through anything that people, time and AWS do to them, and every promise holds after every step.

The real steps on the real stores: events arrive twice, late or never, any step dies before any of its AWS calls, runs
are cancelled, retried and swept up. Only time, and the functions' own runtime, are the test's.
"""

import sys
from functools import partial

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.storage.conftest import Stores
from tests.storage.job_worlds import Worlds, worlds

DIES = st.none() | st.none() | st.integers(0, 14)
WHICH = st.integers(0, 30)
FILE = st.sampled_from(["five", "five", "others", "others", "both", "one bad", "all bad", "no rows"])
ASKED = st.sampled_from([{}, {"force": True}, {"preview": True}, {"mode": "insert", "force": True}])
UPLOADS = 5
"""In one life; more make it slow, and no other."""


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
    return worlds(stores, monkeypatch)


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

"""Sweep dies before each of its AWS calls, or loses the reply to each; every stuck job goes on, and once.

What a dead Sweep left is done by that of the next minute; a lost reply the SDK makes good at once.
"""

import json
from collections.abc import Callable

import pytest

from longshore.domain.job import Job
from longshore.domain.locks import lease_key
from longshore.domain.status import JobStatus
from longshore.messages import ObjectCreated, RunInput, ValidationRequest
from longshore.storage import clients
from tests.storage.conftest import Stores
from tests.storage.dying_process import Killed
from tests.storage.faults import failing
from tests.storage.job_world import JobWorld
from tests.storage.job_worlds import Worlds, worlds

# Slow: a world, with its stuck jobs and all that becomes of them, for every call of a sweep.
pytestmark = pytest.mark.slow

Check = Callable[[], None]
S = JobStatus


@pytest.fixture
def new_world(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    return worlds(stores, monkeypatch)


def read(world: JobWorld, file: str, template: str = "item", dies: int | None = None) -> None:
    """Drop a file and validate it."""
    world.drop(file, template)
    world.deliver(0, dies)


def never_begun_never_read_and_never_told(world: JobWorld) -> Check:
    """A run whose execution was not started, a file whose validation died, and a queued job of which nobody heard."""
    read(world, "both")
    with failing(clients.stepfunctions(), "StartExecution", Killed()):
        world.dispatch(None)
    read(world, "others", dies=6)
    read(world, "one bad")
    world.clock.pass_seconds(400)
    assert statuses(world) == [S.PROCESSING, S.VALIDATING, S.QUEUED]
    begun, unread, _ = world.jobs()

    def all_went_on() -> None:
        assert statuses(world) == [S.PROCESSING, S.VALIDATING, S.QUEUED]
        assert executions(world) == [(1, "RUNNING"), (0, ""), (0, "")]
        assert levels(world, begun) == [[(1, 0), (1, 1)], [(0, 0)]]
        assert world.tables.holders == {lease_key(world.tenant, begun.job_id, 1)}
        assert ValidationRequest(tenant=world.tenant, job_id=unread.job_id) in world.events
        assert world.told[-1] == "JobQueued"

    return all_went_on


def unheard_scheduled_stalled_and_closed(world: JobWorld) -> Check:
    """A lost event, a job whose time came, a run that nobody works on, one with rows whose execution was closed."""
    world.ask("all bad", {}, later=False, uploaded=True)
    lost = world.events.pop()
    world.clock.pass_seconds(2000)
    world.ask("one bad", {}, later=True, uploaded=True)
    world.deliver(0, None)
    world.clock.pass_seconds(700)
    read(world, "others", "pet")
    world.dispatch(None)
    world.clock.pass_seconds(800)
    read(world, "five")
    world.dispatch(None)
    world.check()
    closed = world.jobs()[-1]
    world.load(world.task(closed, world.left(closed)[0], 1), None)
    world.stop(closed)
    world.clock.pass_seconds(200)
    assert statuses(world) == [S.AWAITING_UPLOAD, S.SCHEDULED, S.PROCESSING, S.PROCESSING]

    def all_went_on() -> None:
        assert statuses(world) == [S.AWAITING_UPLOAD, S.QUEUED, S.FAILED, S.COMPLETED_WITH_ERRORS]
        assert executions(world) == [(0, ""), (0, ""), (1, "ABORTED"), (1, "ABORTED")]
        counts = [job.counts for job in world.jobs()[2:]]
        assert [(of_job.created, of_job.unprocessed) for of_job in counts] == [(0, 3), (2, 3)]
        assert not world.tables.holders
        arrived = [event for event in world.events if isinstance(event, ObjectCreated)]
        assert arrived[-1].detail == lost.detail
        assert {"JobQueued", "RunEnded"} <= set(world.told)

    return all_went_on


def statuses(world: JobWorld) -> list[JobStatus]:
    """The status of each job, the oldest first; and every promise is looked at."""
    world.check()
    return [job.status for job in world.jobs()]


def executions(world: JobWorld) -> list[tuple[int, str]]:
    """The number of runs of each job, and the status of the last one's execution, "" where there is none."""
    return [(job.run, world.services.executions.status(job.execution_name)) for job in world.jobs()]


def levels(world: JobWorld, job: Job) -> list[list[tuple[int, int]]]:
    """Part and number of the batches that the job's first run was given, by level."""
    arn = world.services.settings.run_import_arn.replace(":stateMachine:", ":execution:")
    execution = clients.stepfunctions().describe_execution(executionArn=f"{arn}:{job.job_id}-1")
    given = RunInput.model_validate_json(execution["input"])
    manifests = [clients.s3().get_object(Bucket=level.bucket, Key=level.key)["Body"] for level in given.levels]
    return [[(task["part"], task["batch"]) for task in json.load(manifest)] for manifest in manifests]


@pytest.mark.parametrize("fault", ["dies", "loses"])
@pytest.mark.parametrize("stuck", [never_begun_never_read_and_never_told, unheard_scheduled_stalled_and_closed])
def test_every_call(new_world: Worlds, stuck: Callable[[JobWorld], Check], fault: str) -> None:
    struck, call = True, 0
    while struck:
        world = new_world()
        all_went_on = stuck(world)
        world.told.clear()
        struck = world.sweep(**{"dies": None, fault: call})
        if fault == "loses":
            all_went_on()
        world.sweep(None)
        all_went_on()
        call += 1
        if not struck:
            # What all of them look like after any fault; so one of them is enough to be followed to its end.
            world.bring_to_an_end()
            assert {job.run for job in world.jobs()} <= {0, 1}, "no job is started twice"
        world.close()
    assert call > 10

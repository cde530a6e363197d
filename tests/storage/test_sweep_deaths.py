"""Sweep dies before each of its AWS calls, one after the other; the next minute's brings every stuck job on, once."""

from collections.abc import Callable

import pytest

from longshore.domain.status import JobStatus
from tests.storage.conftest import Stores
from tests.storage.job_world import JobWorld
from tests.storage.job_worlds import Worlds, worlds

# Slow: a world, its whole life after the death included, for every call of a sweep.
pytestmark = pytest.mark.slow


@pytest.fixture
def new_world(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    return worlds(stores, monkeypatch)


def read(world: JobWorld, file: str, dies: int | None = None) -> None:
    world.drop(file)
    world.deliver(0, dies)
    world.check()


def never_begun_never_read_and_never_told(world: JobWorld) -> None:
    """A run whose execution was not started, a file whose validation died, and a queued job of which nobody heard."""
    read(world, "five")
    for dies in range(40):
        world.dispatch(dies)
        world.check()
        if world.running():
            break
    read(world, "others", dies=6)
    read(world, "one bad")
    world.clock.pass_seconds(400)
    assert sorted(job.status for job in world.jobs()) == ["PROCESSING", "QUEUED", "VALIDATING"]


def closed_stalled_and_scheduled(world: JobWorld) -> None:
    """A run whose execution was closed, with rows of it loaded; a run that nobody works on; a job whose time comes."""
    read(world, "five")
    world.dispatch(None)
    world.check()
    (closed,) = world.running()
    world.load(world.task(closed, world.left(closed)[0], 1), None)
    world.stop(closed)
    world.ask("others", {}, later=True, uploaded=True)
    world.deliver(0, None)
    world.check()
    world.clock.pass_seconds(1300)
    assert sorted(job.status for job in world.jobs()) == ["PROCESSING", "SCHEDULED"]


@pytest.mark.parametrize("stuck", [never_begun_never_read_and_never_told, closed_stalled_and_scheduled])
def test_every_death(new_world: Worlds, stuck: Callable[[JobWorld], None]) -> None:
    survived = False
    dies = 0
    while not survived:
        world = new_world()
        stuck(world)
        survived = not world.sweep(dies)
        world.check()
        world.sweep(None)
        world.check()
        assert JobStatus.SCHEDULED not in {job.status for job in world.jobs()}
        world.bring_to_an_end()
        assert all(job.run <= 1 for job in world.jobs()), "no job is started twice"
        world.close()
        dies += 1
    assert dies > 10

"""Whatever workers do at once with a batch could have happened one after the other: one of them has it at a time.

The workers are threads with a store each; see test_linearizable_runs.py for how their turns and faults are chosen. Each
batch is a history of its own.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from longshore.domain.counts import Counts
from longshore.domain.job import Batch, BatchStatus
from longshore.errors import ClaimHeld, ServiceUnavailable, StaleItem
from longshore.messages import BatchTask
from longshore.storage import backoff, clients
from longshore.storage.batches import BatchStore
from tests.storage.batch_specification import (
    BatchState,
    Claim,
    Complete,
    Held,
    Read,
    Release,
    Settle,
    State,
    specification,
)
from tests.storage.conftest import SteppingClock, Stores
from tests.storage.interleaving import Connection, Fault, Freely, InTurns
from tests.storage.jobs_made import a_batch, a_job
from tests.storage.linearizability import History, NotLinearizable, check

BATCHES = 2
TIMEOUT_MS = 60_000


class Command(NamedTuple):
    """What a worker does next, as one of a run."""

    action: str
    batch: int = 0
    run: int = 1
    faults: tuple[Fault, ...] = ()
    seconds: float = 0


LOST, UNSENT = Fault.REPLY_LOST, Fault.NOT_SENT
FAULTS = st.sampled_from([(), (), (), (), (), (), (LOST,), (LOST, LOST), (UNSENT, LOST), (LOST,) * 3, (UNSENT,) * 3])
ACTIONS = st.sampled_from(["work", "work", "work", "work", "claim", "fail", "release", "settle", "look"])
COMMANDS = st.builds(Command, ACTIONS, st.integers(0, BATCHES - 1), st.integers(1, 2), FAULTS)
STEPS = st.sampled_from([0.001, TIMEOUT_MS / 2000, TIMEOUT_MS / 1000])
WAITS = st.builds(Command, st.just("wait"), seconds=STEPS)
PROGRAMS = st.lists(st.lists(COMMANDS | COMMANDS | COMMANDS | WAITS, min_size=4, max_size=10), min_size=3, max_size=5)
ORDERS = st.lists(st.integers(0, 11), min_size=20, max_size=60)


@dataclass
class Worker:
    """One process; it remembers its latest claim of each batch, dead as that may be by now."""

    connection: Connection
    store: BatchStore
    world: "World"
    claimed: dict[int, Batch] = field(default_factory=dict)

    def do(self, command: Command) -> None:
        if command.action == "claim" or (command.action == "work" and command.batch not in self.claimed):
            self._claim(command)
        elif command.action in ("work", "fail"):
            self._complete(command)
        elif command.action == "release":
            self._release(command)
        elif command.action == "settle":
            self._settle(command)
        else:
            self._look(command.batch)

    def _claim(self, command: Command) -> None:
        now = self.world.clock.ms
        call = Claim(next(self.world.numbers), command.run, now, now + TIMEOUT_MS)
        task = self.world.task(command.batch, command.run)

        def claim() -> object:
            try:
                batch = self.store.claim(task, now, call.deadline)
            except ClaimHeld as held:
                return Held(held.until)
            if batch is None:
                return None
            self.claimed[command.batch] = batch
            return _seen(batch)

        self._record(command, call, claim)

    def _complete(self, command: Command) -> None:
        if (batch := self.claimed.get(command.batch)) is None:
            return
        status = BatchStatus.FAILED if command.action == "fail" else BatchStatus.COMPLETED
        created = next(self.world.numbers)
        done = replace(batch, status=status, counts=Counts(rows=1000, created=created, rejected=1000 - created))
        task = self.world.task(command.batch, batch.run)
        call = Complete(batch.run, batch.generation, status, created)
        self._record(command, call, lambda: self.store.complete(task, done))

    def _release(self, command: Command) -> None:
        if (batch := self.claimed.get(command.batch)) is not None:
            task = self.world.task(command.batch, batch.run)
            self._record(command, Release(batch.run, batch.generation), lambda: self.store.release(task, batch))

    def _settle(self, command: Command) -> None:
        found = self._look(command.batch)
        created = next(self.world.numbers)
        counted = replace(found, counts=Counts(rows=1000, created=created, unprocessed=1000 - created))

        def settle() -> bool:
            try:
                self.store.settle(a_job(self.world.tenant), counted)
            except StaleItem:
                return False
            return True

        self._record(command, Settle(_seen(found), created), settle)

    def _look(self, number: int) -> Batch:
        self.connection.plan(())
        history = self.world.histories[number]
        invoked = history.place()
        batch = self.store.all(a_job(self.world.tenant))[number]
        history.add(self.connection.name, Read(), _seen(batch), invoked, reads=True)
        return batch

    def _record(self, command: Command, call: object, action: Callable[[], object]) -> None:
        """Record a call; each of its tries that was not answered may have had an effect of its own."""
        self.connection.plan(command.faults)
        history = self.world.histories[command.batch]
        invoked = history.place()
        try:
            result = action()
        except ServiceUnavailable:
            self.connection.lost = self.connection.lost or 1
        else:
            history.add(self.connection.name, call, result, invoked)
        for _ in range(self.connection.lost):
            history.add_unanswered(self.connection.name, call, invoked)


def _seen(batch: Batch) -> BatchState:
    return BatchState(batch.status, batch.run, batch.generation, batch.deadline, batch.counts and batch.counts.created)


class World:
    """A job of two open batches, and workers to come."""

    def __init__(self, stores: Stores, connections: Sequence[Connection]) -> None:
        self.stores, self.connections = stores, connections
        self.clock = SteppingClock()
        self.tenant = f"t{uuid4().hex[:12]}"
        self.numbers = itertools.count(1)
        self.histories = [History() for _ in range(BATCHES)]
        store = BatchStore(clients.dynamodb(), stores.jobs)
        store.put(self.tenant, "j1", "a1", [a_batch(number) for number in range(BATCHES)])

    def task(self, batch: int, run: int) -> BatchTask:
        return BatchTask(tenant=self.tenant, job_id="j1", attempt="a1", part=0, batch=batch, run=run)

    def run(
        self,
        turns: Freely,
        programs: Sequence[Sequence[Command]],
        tamper: Callable[[str, dict[str, Any]], None] | None = None,
    ) -> None:
        parts = {}
        for connection, program in zip(self.connections, programs, strict=False):
            connection.begin(turns, lambda: False)
            connection.tamper = tamper or connection.tamper
            worker = Worker(connection, BatchStore(connection.client, self.stores.jobs), self)
            parts[connection.name] = partial(self._do, worker, program, turns)
        turns.run(parts)

    def _do(self, worker: Worker, program: Sequence[Command], turns: Freely) -> None:
        for command in program:
            if command.action == "wait":
                turns.turn(worker.connection.name)
                self.clock.pass_seconds(command.seconds)
            else:
                worker.do(command)

    def check(self) -> None:
        """Read each batch once more and look for an order of its operations."""
        connection = self.connections[0]
        connection.begin(Freely(), lambda: False)
        last = Worker(connection, BatchStore(connection.client, self.stores.jobs), self)
        for number, history in enumerate(self.histories):
            last.do(Command("look", number))
            check(history.operations, State(), specification)


@pytest.fixture(scope="module")
def connections(aws: None) -> list[Connection]:
    return [Connection(f"worker {n}") for n in range(5)]


@pytest.fixture
def world(stores: Stores, connections: list[Connection], monkeypatch: pytest.MonkeyPatch) -> Callable[[], World]:
    """Make a world of its own for each history; no store pauses between its tries."""
    monkeypatch.setattr(backoff, "FIRST", 0)
    return partial(World, stores, connections)


@settings(max_examples=60, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(programs=PROGRAMS, order=ORDERS)
def test_any_interleaving_of_workers_has_an_order(world, programs, order):
    here = world()
    here.run(InTurns(order), programs)
    here.check()


@settings(max_examples=8, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(rounds=st.lists(st.tuples(st.lists(st.lists(COMMANDS, max_size=5), min_size=4, max_size=4), STEPS), max_size=3))
def test_workers_that_run_as_they_like_have_an_order(world, rounds):
    """Here the engine is asked several things at the same moment; time passes between rounds only."""
    here = world()
    for programs, seconds in rounds:
        here.run(Freely(), programs)
        here.clock.pass_seconds(seconds)
    here.check()


TWO_CLAIM = [[Command("claim")], [Command("claim")]]
THE_DEAD_COMPLETES = [
    [Command("claim"), Command("wait", seconds=60), Command("look"), Command("work")],
    [Command("claim")],
]
THE_DEAD_RELEASES = [[*THE_DEAD_COMPLETES[0][:3], Command("release")], [Command("claim")]]
AN_OLD_RUN = [[Command("claim", run=2), Command("release")], [Command("claim", run=1)]]
SAME_GENERATION = "#generation = :generation"
THE_SECOND_BEFORE_THE_LAST = [0, 0, 0, 1, 1]


def without(condition: str) -> Callable[[str, dict[str, Any]], None]:
    """Make one part of the conditions refuse nothing."""

    def tamper(operation: str, arguments: dict[str, Any]) -> None:
        if operation == "UpdateItem":
            always = f"({condition} OR attribute_exists(pk))"
            arguments["ConditionExpression"] = arguments["ConditionExpression"].replace(condition, always)

    return tamper


@pytest.mark.parametrize(
    ("programs", "order", "condition"),
    [
        pytest.param(TWO_CLAIM, [0], "#deadline <= :now", id="a held batch is claimed"),
        pytest.param(THE_DEAD_COMPLETES, THE_SECOND_BEFORE_THE_LAST, SAME_GENERATION, id="the dead complete"),
        pytest.param(THE_DEAD_RELEASES, THE_SECOND_BEFORE_THE_LAST, SAME_GENERATION, id="the dead release"),
        pytest.param(AN_OLD_RUN, [0], "#run <= :run", id="an old run goes on"),
    ],
)
def test_a_store_with_a_defect_is_found_out(world, programs, order, condition):
    sound = world()
    sound.run(InTurns(order), programs)
    sound.check()
    broken = world()
    broken.run(InTurns(order), programs, without(condition))
    with pytest.raises(NotLinearizable):
        broken.check()

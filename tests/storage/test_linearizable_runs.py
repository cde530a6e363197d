"""Whatever clients do at once with leases, locks, slots and workers could have happened one after the other.

The clients are threads with a store and a clock each. Hypothesis chooses what they do, whose request goes next, and
which requests or replies are lost; the same choices give the same history, so a failure is reproduced and made small.
`--hypothesis-seed=N` gives other histories.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from longshore.domain.locks import GRACE_MS, WORKERS_KEY, LockMode
from longshore.domain.status import JobStatus
from longshore.errors import ServiceUnavailable
from longshore.storage import backoff, clients
from longshore.storage.jobs import JobStore
from tests.storage.conftest import SteppingClock, Stores
from tests.storage.interleaving import CALL_MS, Connection, Fault, Freely, InTurns
from tests.storage.jobs_made import a_job, first_event
from tests.storage.linearizability import History, NotLinearizable, Operation, check
from tests.storage.run_clients import LEASE_MS, LIMITS, RESOURCES, Client
from tests.storage.run_specification import Answer, JobState, RunSpecification, Start, State

SPECIFICATION = RunSpecification(LIMITS.running_imports, LIMITS.worker_concurrency)
SKEW_MS = (GRACE_MS - CALL_MS) // 2
"""How far a clock may be off on either side for the grace to cover a call's length and two clocks."""


class Command(NamedTuple):
    """What a client does next."""

    action: str
    job: str = "j0"
    faults: tuple[Fault, ...] = ()
    seconds: float = 0


LOST, UNSENT = Fault.REPLY_LOST, Fault.NOT_SENT
FAULTS = st.sampled_from([(), (), (), (), (LOST,), (UNSENT,), (UNSENT, LOST), (LOST,) * 3, (UNSENT,) * 3])
JOBS = st.sampled_from(["j0", "j0", "j1", "j1", "j2", "j3"])
COMMANDS = st.builds(Command, st.sampled_from(["move", "move", "move", "move", "renew", "look"]), JOBS, FAULTS)
STEPS = st.sampled_from([0.001, CALL_MS / 1000, LEASE_MS / 2000, LEASE_MS / 1000, (LEASE_MS + GRACE_MS) / 1000])
WAITS = st.builds(Command, st.just("wait"), seconds=STEPS)
PROGRAM = st.lists(COMMANDS | COMMANDS | COMMANDS | COMMANDS | COMMANDS | WAITS, min_size=4, max_size=8)
PROGRAMS = st.lists(PROGRAM, min_size=3, max_size=4)
ORDERS = st.lists(st.integers(0, 11), min_size=30, max_size=80)
SKEWS = st.lists(st.sampled_from([0, SKEW_MS, -SKEW_MS]), min_size=4, max_size=4)

Tamper = Callable[[str, dict[str, Any]], None]


@pytest.fixture(scope="module")
def connections(aws: None) -> list[Connection]:
    return [Connection(f"client {n}") for n in range(4)]


@pytest.fixture
def world(stores: Stores, connections: list[Connection], monkeypatch: pytest.MonkeyPatch) -> Callable[..., "World"]:
    """Make a world of its own for each history; no store pauses between its tries."""
    monkeypatch.setattr(backoff, "FIRST", 0)
    return partial(World, stores, connections)


class World:
    """A tenant with four queued jobs, and clients to come."""

    def __init__(self, stores: Stores, connections: Sequence[Connection]) -> None:
        self.stores, self.connections = stores, connections
        self.clock, self.history = SteppingClock(), History()
        self.tenant = f"t{uuid4().hex[:12]}"
        # The worker pool is one for all tenants; each history begins with one that nobody holds.
        clients.dynamodb().delete_item(TableName=stores.locks, Key={"pk": {"S": WORKERS_KEY}})
        store = JobStore(clients.dynamodb(), stores.jobs, stores.catalog, 3600)
        for job_id in RESOURCES:
            job = a_job(self.tenant, job_id, JobStatus.QUEUED, sha256="")
            store.create(job, first_event(job))

    @property
    def initial(self) -> State:
        return frozenset((("job", job_id), JobState(JobStatus.QUEUED, 1, 0)) for job_id in RESOURCES)

    def run(
        self, turns: Freely, programs: Sequence[Sequence[Command]], skews: Sequence[int], tamper: Tamper | None = None
    ) -> None:
        """Let each client do its program."""
        parts = {}
        for connection, program, skew in zip(self.connections, programs, skews, strict=False):
            client = Client(connection, self.stores, self.tenant, self.clock, self.history, turns, skew)
            connection.tamper = tamper or connection.tamper
            parts[connection.name] = partial(self._do, client, program, turns)
        turns.run(parts)

    def _do(self, client: Client, program: Sequence[Command], turns: Freely) -> None:
        for command in program:
            if command.action == "wait":
                turns.turn(client.connection.name)
                self.clock.pass_seconds(command.seconds)
                continue
            try:
                if command.action == "look":
                    client.holds(RESOURCES[command.job])
                else:
                    getattr(client, command.action)(command.job, command.faults)
            except ServiceUnavailable:
                continue  # it could not even read, and has asked for nothing

    def check(self) -> list[Operation]:
        """Read everything once more and look for an order."""
        last = Client(self.connections[0], self.stores, self.tenant, self.clock, self.history, Freely())
        last.holds({resource for resources in RESOURCES.values() for resource in resources})
        for job_id in RESOURCES:
            last.job(job_id)
        order = check(self.history.operations, self.initial, SPECIFICATION)
        assert_tokens_grow(self.history.operations)
        return order


def assert_tokens_grow(history: Sequence[Operation]) -> None:
    """Whatever the specification says: of two starts, one after the other, the later one has the larger tokens."""
    starts = [op for op in history if isinstance(op.call, Start) and op.result == Answer.DONE]
    for earlier in starts:
        for later in starts:
            first, second = dict(earlier.call.tokens), dict(later.call.tokens)
            if earlier.answered < later.invoked:
                assert all(first[resource] < second[resource] for resource in first.keys() & second.keys())


@settings(max_examples=60, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(programs=PROGRAMS, order=ORDERS, skews=SKEWS)
def test_any_interleaving_of_clients_has_an_order(world, programs, order, skews):
    here = world()
    here.run(InTurns(order), programs, skews)
    here.check()


@settings(max_examples=8, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(rounds=st.lists(st.tuples(st.lists(st.lists(COMMANDS, max_size=4), min_size=4, max_size=4), STEPS), max_size=3))
def test_clients_that_run_as_they_like_have_an_order(world, rounds):
    """Here the engine is asked several things at the same moment; time passes between rounds only."""
    here = world()
    for programs, seconds in rounds:
        here.run(Freely(), programs, [0] * 4)
        here.clock.pass_seconds(seconds)
    here.check()


ALTERNATELY = [0, 1, 2, 3]
ONE_AFTER_THE_OTHER = [0]
FOUR_TURNS_EACH = [0] * 4 + [1] * 4
TWO_ON_ONE_LOCK = [[Command("move", "j0")], [Command("move", "j1")]]
THREE_FOR_TWO_SLOTS = [[Command("move", "j0")], [Command("move", "j2")], [Command("move", "j3")]]
TWO_THAT_SHARE = [[Command("move", "j0")], [Command("move", "j2")]]
RENEWED_TOO_LATE = [
    [Command("move", "j0"), Command("wait", seconds=(LEASE_MS + GRACE_MS) / 1000)],
    [Command("move", "j1")],
    [Command("renew", "j0")],
]
TWO_RUNS_OF_A_JOB = [[Command("move", "j0")] * 4]
RENEWED_MEANWHILE = [
    [Command("move", "j0"), Command("wait", seconds=1), Command("renew", "j0")],
    [Command("move", "j1")],
]
RIGHT = [0] * 4
A_LEASE_AHEAD = [0, LEASE_MS + GRACE_MS]


def no_revisions(operation: str, arguments: dict[str, Any]) -> None:
    for put in _puts(operation, arguments):
        if "revision" in put["Item"]:
            put["ConditionExpression"] = _refuses_nothing(put["ConditionExpression"])


def no_end_of_a_lease(operation: str, arguments: dict[str, Any]) -> None:
    if operation == "UpdateItem":
        arguments["ConditionExpression"] = _refuses_nothing(arguments["ConditionExpression"])


def no_look_at_the_displaced(operation: str, arguments: dict[str, Any]) -> None:
    if operation == "TransactWriteItems":
        arguments["TransactItems"] = [write for write in arguments["TransactItems"] if "ConditionCheck" not in write]


def tokens_that_restart(operation: str, arguments: dict[str, Any]) -> None:
    for put in _puts(operation, arguments):
        if put["Item"].get("mode") == {"S": LockMode.EXCLUSIVE} and "holders" not in put["Item"]:
            put["Item"]["token"] = {"N": "0"}


def nothing_given_back(operation: str, arguments: dict[str, Any]) -> None:
    if operation == "TransactWriteItems" and any("Delete" in write for write in arguments["TransactItems"]):
        kept = [w for w in arguments["TransactItems"] if "revision" not in w.get("Put", {}).get("Item", {})]
        arguments["TransactItems"] = kept


def sharers_that_drive_out(operation: str, arguments: dict[str, Any]) -> None:
    for put in _puts(operation, arguments):
        if put["Item"].get("mode") == {"S": LockMode.SHARED} and "holders" in put["Item"]:
            put["Item"]["holders"]["SS"] = put["Item"]["holders"]["SS"][-1:]


def tokens_for_sharers(operation: str, arguments: dict[str, Any]) -> None:
    for put in _puts(operation, arguments):
        if put["Item"].get("mode") == {"S": LockMode.SHARED}:
            put["Item"]["token"] = {"N": "7"}


def everything_is_shared(operation: str, arguments: dict[str, Any]) -> None:
    for put in _puts(operation, arguments):
        if {"mode", "revision"} <= put["Item"].keys():
            put["Item"]["mode"] = {"S": LockMode.SHARED}


def old_reads(operation: str, arguments: dict[str, Any]) -> None:
    """Read the slots of a tenant who has never done anything."""
    for request in arguments["RequestItems"].values() if operation == "BatchGetItem" else ():
        for key in request["Keys"]:
            key["pk"] = {"S": key["pk"]["S"].replace("#slot#imports", "x#slot#imports")}


def _puts(operation: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    writes = arguments["TransactItems"] if operation == "TransactWriteItems" else ()
    return [write["Put"] for write in writes if "Put" in write]


def _refuses_nothing(condition: str) -> str:
    """Return a condition that names the same attributes, for DynamoDB wants all that are declared to be used."""
    return f"({condition}) OR attribute_exists(pk) OR attribute_not_exists(pk)"


@pytest.mark.parametrize(
    ("programs", "order", "skews", "tamper"),
    [
        pytest.param(TWO_ON_ONE_LOCK, ALTERNATELY, RIGHT, no_revisions, id="a lock is written without its revision"),
        pytest.param(THREE_FOR_TWO_SLOTS, ALTERNATELY, RIGHT, no_revisions, id="slots are written without revision"),
        pytest.param(RENEWED_TOO_LATE, ONE_AFTER_THE_OTHER, RIGHT, no_end_of_a_lease, id="a lost lease is renewed"),
        pytest.param(
            RENEWED_MEANWHILE, FOUR_TURNS_EACH, A_LEASE_AHEAD, no_look_at_the_displaced, id="a live holder is displaced"
        ),
        pytest.param(TWO_RUNS_OF_A_JOB, ONE_AFTER_THE_OTHER, RIGHT, tokens_that_restart, id="tokens restart"),
        pytest.param(TWO_RUNS_OF_A_JOB, ONE_AFTER_THE_OTHER, RIGHT, nothing_given_back, id="nothing is given back"),
        pytest.param(
            TWO_THAT_SHARE, ONE_AFTER_THE_OTHER, RIGHT, sharers_that_drive_out, id="a sharer drives the other out"
        ),
        pytest.param(TWO_THAT_SHARE, ONE_AFTER_THE_OTHER, RIGHT, tokens_for_sharers, id="a sharer raises the token"),
        pytest.param(TWO_ON_ONE_LOCK, ONE_AFTER_THE_OTHER, RIGHT, everything_is_shared, id="the mode is lost"),
        pytest.param(THREE_FOR_TWO_SLOTS, ONE_AFTER_THE_OTHER, RIGHT, old_reads, id="reads are stale"),
    ],
)
def test_a_store_with_a_defect_is_found_out(world, programs, order, skews, tamper):
    sound = world()
    sound.run(InTurns(order), programs, skews)
    sound.check()
    broken = world()
    broken.run(InTurns(order), programs, skews, tamper)
    with pytest.raises(NotLinearizable):
        broken.check()

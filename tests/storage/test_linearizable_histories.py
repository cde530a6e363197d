"""The checker itself: histories made by hand that have an order, and such that have none."""

from dataclasses import replace

import pytest

from longshore.domain.job import BatchStatus
from longshore.domain.locks import LockMode
from longshore.domain.status import JobStatus
from tests.storage import batch_specification as batches
from tests.storage.batch_specification import BatchState, Claim, Complete, Held
from tests.storage.linearizability import NEVER, NotLinearizable, Operation, check
from tests.storage.run_specification import (
    SLOT,
    Answer,
    Close,
    Finish,
    JobState,
    LeaseState,
    LockState,
    Read,
    Renew,
    Retry,
    RunSpecification,
    Start,
    Units,
)

S = JobStatus
GRACE, LEASE = 30, 900


def register(state: int, operation: Operation) -> int | None:
    """A number that is written and read: the textbook's example."""
    if operation.call == "read":
        return state if operation.result == state else None
    return operation.call


def op(client: str, call: object, result: object, invoked: int, answered: float, reads: bool = False) -> Operation:
    return Operation(client, call, result, invoked, answered, reads)


def read(value: int, invoked: int, answered: float) -> Operation:
    return op("reader", "read", value, invoked, answered, reads=True)


def test_operations_at_the_same_time_may_take_either_order():
    history = [op("a", 1, None, 0, 5), op("b", 2, None, 1, 4), read(1, 2, 3), read(2, 6, 7)]
    assert [o.call for o in check(history, 0, register)] == [1, "read", 2, "read"]


def test_an_effect_lies_between_its_call_and_its_answer():
    check([op("a", 1, None, 0, 3), read(0, 1, 2)], 0, register)
    with pytest.raises(NotLinearizable):
        check([op("a", 1, None, 0, 1), read(0, 2, 3)], 0, register)


def test_two_readers_see_one_order():
    writes = [op("a", 1, None, 0, 9), op("b", 2, None, 1, 8)]
    check([*writes, read(1, 2, 3), read(2, 4, 5)], 0, register)
    with pytest.raises(NotLinearizable, match="longest order"):
        check([*writes, read(1, 2, 3), read(2, 4, 5), read(1, 6, 7)], 0, register)


def test_what_was_not_answered_may_happen_late_or_never_but_once():
    lost = op("a", 1, None, 0, NEVER)
    check([lost, read(0, 1, 2)], 0, register)
    check([lost, read(0, 1, 2), read(1, 3, 4)], 0, register)
    with pytest.raises(NotLinearizable):
        check([lost, read(1, 1, 2), read(0, 3, 4)], 0, register)


def test_a_long_history_of_many_clients_is_decided():
    """Without a memory of the states met this would try 12 factorial orders."""
    writes = [op(f"c{n}", n % 3, None, n, 100 + n) for n in range(12)]
    with pytest.raises(NotLinearizable):
        check([*writes, read(7, 200, 201)], 0, register)


RUNS = RunSpecification(running_imports=2, workers=9)
JOBS = frozenset((("job", name), JobState(S.QUEUED, 1, 0)) for name in "abc")


def start(job: str, resource: str, token: int, now: int = 0, displaced: tuple[str, ...] = ()) -> Start:
    return Start(
        job=job,
        version=1,
        lease=f"lease {job}",
        expires_at=now + LEASE,
        grace=GRACE,
        share=1,
        tokens=frozenset({(resource, token)}),
        displaced=frozenset(displaced),
        seen=frozenset(),
        now=now,
    )


def sharing(job: str, resource: str, now: int = 0, displaced: tuple[str, ...] = ()) -> Start:
    return replace(start(job, f"own {job}", 1, now, displaced), shared=frozenset({resource}))


def in_a_row(*calls: tuple[object, object]) -> list[Operation]:
    return [op("c", call, result, 2 * n, 2 * n + 1, isinstance(call, Read)) for n, (call, result) in enumerate(calls)]


DONE, STALE = Answer.DONE, Answer.STALE
CITY = frozenset({("city", 1)})
FINISHED = (Finish("a", 2, "lease a", S.FAILED), DONE)


def test_a_run_after_the_other_is_fine():
    held = LockState(frozenset({"lease b"}), 2, 3)
    check(
        in_a_row(
            (start("a", "city", 1), DONE),
            (Renew("lease a", 10, 1000), 1000),
            FINISHED,
            (Renew("lease a", 20, 1000), None),
            (start("b", "city", 2), DONE),
            (Read(("lock", "city")), held),
            (Retry("a", 3), DONE),
        ),
        JOBS,
        RUNS,
    )


def test_sharers_overlap_and_raise_no_token():
    two = LockState(frozenset({"lease a", "lease b"}), 0, 2, LockMode.SHARED)
    check(
        in_a_row(
            (sharing("a", "city"), DONE),
            (sharing("b", "city"), DONE),
            (Read(("lock", "city")), two),
            FINISHED,
            (Finish("b", 2, "lease b", S.FAILED), DONE),
            (start("c", "city", 1), DONE),
        ),
        JOBS,
        RUNS,
    )


def test_a_writer_displaces_every_dead_sharer():
    writer = start("c", "city", 1, LEASE + GRACE, ("lease a", "lease b"))
    check(in_a_row((sharing("a", "city"), DONE), (sharing("b", "city"), DONE), (writer, DONE)), JOBS, RUNS)


def test_the_dead_are_displaced():
    gone = LEASE + GRACE
    displaced = start("b", "city", 2, gone, ("lease a",))
    check(in_a_row((start("a", "city", 1), DONE), (displaced, DONE), FINISHED), JOBS, RUNS)


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([(start("a", "city", 1), DONE), (start("b", "city", 2), DONE)], id="two exclusive holders"),
        pytest.param(
            [(start("a", "city", 1), DONE), (start("b", "city", 2, LEASE + GRACE - 1, ("lease a",)), DONE)],
            id="a holder displaced within the grace",
        ),
        pytest.param([(start("a", "city", 1), DONE), FINISHED, (start("b", "city", 1), DONE)], id="a token used again"),
        pytest.param([(start("a", "city", 2), DONE)], id="a token left out"),
        pytest.param([(start("a", "city", 1), DONE), (sharing("b", "city"), DONE)], id="a sharer beside a writer"),
        pytest.param([(sharing("a", "city"), DONE), (start("b", "city", 1), DONE)], id="a writer beside a sharer"),
        pytest.param(
            [
                (sharing("a", "city"), DONE),
                (sharing("b", "city", 9), DONE),
                (start("c", "city", 1, LEASE + GRACE, ("lease a",)), DONE),
            ],
            id="a writer beside one of two sharers",
        ),
        pytest.param(
            [
                (sharing("a", "city"), DONE),
                (Read(("lock", "city")), LockState(frozenset({"lease a"}), 1, 1, LockMode.SHARED)),
            ],
            id="a sharer that raises the token",
        ),
        pytest.param(
            [(start(job, resource, 1), DONE) for job, resource in ("ax", "by", "cz")], id="three runs on two slots"
        ),
        pytest.param([(start("a", "city", 1), DONE), (Read(SLOT), Units())], id="a stale read"),
        pytest.param([(start("a", "city", 1), DONE), (start("a", "region", 1), DONE)], id="a job started twice"),
        pytest.param([(start("a", "city", 1), STALE)], id="a refusal without a reason"),
        pytest.param([(start("a", "city", 1), DONE), (Renew("lease a", LEASE, 2 * LEASE), 2 * LEASE)], id="too late"),
        pytest.param([(start("a", "city", 1), DONE), (Renew("lease a", 1, 2 * LEASE), None)], id="lost too early"),
        pytest.param(
            [
                (start("a", "city", 1), DONE),
                FINISHED,
                (Read(("lease", "lease a")), LeaseState(LEASE, GRACE, frozenset())),
            ],
            id="a lease that outlives its run",
        ),
        pytest.param([(start("a", "city", 1), DONE), FINISHED, FINISHED], id="a run that ends twice"),
        pytest.param(
            [(start("a", "city", 1), DONE), (Close("lease a"), None), (Renew("lease a", 1, 2 * LEASE), 2 * LEASE)],
            id="a closing lease is renewed",
        ),
    ],
)
def test_runs_that_break_a_promise_are_refused(calls):
    with pytest.raises(NotLinearizable):
        check(in_a_row(*calls), JOBS, RUNS)


def test_a_lease_that_was_displaced_never_lives_again():
    late = op("late", Renew("lease a", LEASE - 1, 3 * LEASE), 3 * LEASE, 2, 9)
    displacing = start("b", "city", 2, LEASE + GRACE, ("lease a",))
    before = [op("c", start("a", "city", 1), DONE, 0, 1), late]
    check(before, JOBS, RUNS)
    with pytest.raises(NotLinearizable):
        check([*before, op("d", displacing, DONE, 3, 4)], JOBS, RUNS)


def claimed(generation: int, deadline: int) -> BatchState:
    return BatchState(BatchStatus.OPEN, 1, generation, deadline)


FIRST = (Claim(1, 1, 0, 60), claimed(1, 60))
COMPLETED = BatchStatus.COMPLETED


def test_claims_one_after_the_other_are_fine():
    check(
        in_a_row(
            FIRST,
            (Claim(2, 1, 59, 119), Held(60)),
            (Claim(3, 1, 60, 120), claimed(2, 120)),
            (Complete(1, 1, COMPLETED, 7), False),
            (Complete(1, 2, COMPLETED, 8), True),
            (Complete(1, 2, COMPLETED, 8), True),
            (batches.Read(), BatchState(COMPLETED, 1, 2, 0, 8)),
            (Claim(4, 2, 500, 560), None),
        ),
        batches.State(),
        batches.specification,
    )


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([FIRST, (Claim(2, 1, 59, 119), claimed(2, 119))], id="two workers at once"),
        pytest.param([FIRST, (Claim(2, 1, 60, 120), claimed(1, 120))], id="a generation used again"),
        pytest.param([FIRST, (Claim(2, 1, 60, 120), Held(60))], id="a dead claim that holds"),
        pytest.param(
            [FIRST, (Claim(2, 1, 60, 120), claimed(2, 120)), (Complete(1, 1, COMPLETED, 7), True)],
            id="the dead complete",
        ),
        pytest.param(
            [FIRST, (Complete(1, 1, COMPLETED, 7), True), (Claim(2, 1, 99, 159), claimed(2, 159))],
            id="a completed batch is done again",
        ),
        pytest.param([FIRST, (Complete(1, 1, COMPLETED, 7), False)], id="a result that is lost"),
        pytest.param(
            [(Claim(1, 2, 0, 60), BatchState(BatchStatus.OPEN, 2, 1, 60)), (Claim(2, 1, 60, 120), claimed(2, 120))],
            id="an old run goes on",
        ),
    ],
)
def test_claims_that_break_a_promise_are_refused(calls):
    with pytest.raises(NotLinearizable):
        check(in_a_row(*calls), batches.State(), batches.specification)

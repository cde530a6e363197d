"""What the claims of a batch promise, as a sequential specification: one worker at a time, one result."""

from dataclasses import dataclass
from typing import NamedTuple

from longshore.domain.job import BatchStatus
from tests.storage.linearizability import NEVER, Operation


class BatchState(NamedTuple):
    """A batch as it is read; `created` tells results apart."""

    status: BatchStatus = BatchStatus.OPEN
    run: int = 0
    generation: int = 0
    deadline: int = 0
    created: int | None = None


class State(NamedTuple):
    """The batch, and which call holds its claim."""

    batch: BatchState = BatchState()
    claimant: int | None = None


@dataclass(frozen=True)
class Read:
    """The batch, read consistently."""


@dataclass(frozen=True)
class Claim:
    """A worker of `run` wants the batch; answered with the batch, `Held`, or None where it has nothing left to do."""

    number: int
    run: int
    now: int
    deadline: int


@dataclass(frozen=True)
class Held:
    until: int


@dataclass(frozen=True)
class Complete:
    """The result of a claim; answered with whether it stands."""

    run: int
    generation: int
    status: BatchStatus
    created: int


@dataclass(frozen=True)
class Release:
    """A claim is given back, if it is still the one there is."""

    run: int
    generation: int


@dataclass(frozen=True)
class Settle:
    """The rows of a batch as found were counted; answered with whether it was still so."""

    found: BatchState
    created: int


def specification(state: State, operation: Operation) -> State | None:
    """Return the state after an operation, None where it cannot have had this result."""
    answered = operation.answered != NEVER
    match operation.call:
        case Read():
            return state if operation.result == state.batch else None
        case Claim() as call:
            return _claimed(state, call, operation.result, answered)
        case Complete() as call:
            after = _completed(state, call)
            stands = after is not None or _is_there(state.batch, call)
            return (after or state) if stands == operation.result or not answered else None
        case Release(run, generation):
            batch = state.batch
            if (batch.status, batch.run, batch.generation) != (BatchStatus.OPEN, run, generation):
                return state
            return State(batch._replace(deadline=0))
        case Settle(found, created):
            as_found = state.batch._replace(created=None) == found._replace(created=None)
            if answered and operation.result != as_found:
                return None
            return state._replace(batch=state.batch._replace(created=created)) if as_found else state
    raise AssertionError(f"unknown operation: {operation}")


def _claimed(state: State, call: Claim, result: object, answered: bool) -> State | None:
    batch = state.batch
    to_do = batch.status is BatchStatus.OPEN or (batch.status is BatchStatus.FAILED and batch.run < call.run)
    free = batch.deadline <= call.now or state.claimant == call.number
    if to_do and batch.run <= call.run and free:
        claimed = BatchState(BatchStatus.OPEN, call.run, batch.generation + 1, call.deadline)
        return State(claimed, call.number) if result == claimed or not answered else None
    refusal = Held(batch.deadline) if batch.status is BatchStatus.OPEN and batch.run <= call.run else None
    return state if result == refusal or not answered else None


def _completed(state: State, call: Complete) -> State | None:
    batch = state.batch
    if (batch.status, batch.run, batch.generation) != (BatchStatus.OPEN, call.run, call.generation):
        return None
    return State(BatchState(call.status, call.run, call.generation, 0, call.created))


def _is_there(batch: BatchState, call: Complete) -> bool:
    return (batch.status, batch.run, batch.generation) == (call.status, call.run, call.generation)

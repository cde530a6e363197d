"""What leases, locks, slots and workers promise, as a sequential specification; it knows nothing of conditional writes.

A state is a set of (name, value). Names: ("job", id), ("lease", key), ("lost", key), ("slot",), ("workers",) and
("lock", resource). A lease is lost once a run was started over it: nothing may make it live again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from longshore.domain.locks import LockMode
from longshore.domain.status import JobStatus
from tests.storage.linearizability import NEVER, Operation

Name = tuple[str, ...]
State = frozenset[tuple[Name, Any]]
SLOT, WORKERS = ("slot",), ("workers",)


class JobState(NamedTuple):
    status: JobStatus
    version: int
    run: int


class LeaseState(NamedTuple):
    expires_at: int
    grace: int
    tokens: frozenset[tuple[str, int]]
    closing: bool = False
    shared: frozenset[str] = frozenset()


class Units(NamedTuple):
    units: frozenset[tuple[str, int]] = frozenset()
    revision: int = 0


class LockState(NamedTuple):
    holders: frozenset[str] = frozenset()
    token: int = 0
    revision: int = 0
    mode: LockMode = LockMode.EXCLUSIVE


class Answer(StrEnum):
    DONE = "done"
    STALE = "stale"
    GAVE_UP = "gave up"


@dataclass(frozen=True)
class Read:
    """One item, read consistently; the reading of several is several reads."""

    name: Name


@dataclass(frozen=True)
class Start:
    """A run of a job that was QUEUED at `version`; `seen` are the revisions that its grant was decided on.

    `tokens` are those of what it takes EXCLUSIVE; `shared` is what it takes SHARED.
    """

    job: str
    version: int
    lease: str
    expires_at: int
    grace: int
    share: int
    tokens: frozenset[tuple[str, int]]
    displaced: frozenset[str]
    seen: frozenset[tuple[Name, int]]
    now: int
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Close:
    """Nothing of a run may begin any more: its lease is not renewed."""

    lease: str


@dataclass(frozen=True)
class Finish:
    """The end of a run of a job that was running at `version`."""

    job: str
    version: int
    lease: str
    status: JobStatus


@dataclass(frozen=True)
class Retry:
    """A job that had ended at `version` is queued again."""

    job: str
    version: int


@dataclass(frozen=True)
class Renew:
    """A lease is prolonged by somebody whose clock says `now`; the answer is its new end, None where it is lost."""

    lease: str
    now: int
    expires_at: int


@dataclass(frozen=True)
class RunSpecification:
    """How many imports may run, and how many workers there are."""

    running_imports: int
    workers: int

    def __call__(self, state: State, operation: Operation) -> State | None:
        """Return the state after an operation, None where it cannot have had this result."""
        there, answered = dict(state), operation.answered != NEVER
        match operation.call:
            case Read(name):
                return state if there.get(name, _untouched(name)) == operation.result else None
            case Start() as call:
                if operation.result == Answer.STALE:
                    return state if _outdated(there, call) else None
                return _frozen(self._started(there, call))
            case Finish() | Retry() as call:
                return _changed(state, there, call, operation.result)
            case Close(key):
                if lease := there.get(("lease", key)):
                    there["lease", key] = lease._replace(closing=True)
                return _frozen(there)
            case Renew() as call:
                return _renewed(state, there, call, operation.result, answered)
        raise AssertionError(f"unknown operation: {operation}")

    def _started(self, there: dict[Name, Any], call: Start) -> dict[Name, Any] | None:
        """No lock that excludes a run of which a call may still arrive, tokens one up, never more units than there are.

        Beside a holder that is left there, dead or alive, a lock is only taken if both have it SHARED.
        """
        job: JobState = there["job", call.job]
        slot, workers = _without(there, SLOT, call.displaced), _without(there, WORKERS, call.displaced)
        locks = {("lock", resource): token for resource, token in call.tokens}
        shared = [("lock", resource) for resource in call.shared]
        writers = [name for name in shared if _value(there, name).mode is LockMode.EXCLUSIVE]
        excluded = {holder for name in [*locks, *writers] for holder in _value(there, name).holders}
        may_not = (
            (job.status, job.version) != (JobStatus.QUEUED, call.version)
            or ("lease", call.lease) in there
            or not excluded <= call.displaced
            or any(_alive(there, holder, call.now) for holder in call.displaced)
            or any(_value(there, name).token + 1 != token for name, token in locks.items())
            or len(slot.units) >= self.running_imports
            or sum(units for _, units in workers.units) + call.share > self.workers
        )
        if may_not:
            return None
        for displaced in call.displaced & {key for kind, *rest in there if kind == "lease" for key in rest}:
            there["lost", displaced] = True
        there["job", call.job] = JobState(JobStatus.PROCESSING, job.version + 1, job.run + 1)
        there["lease", call.lease] = LeaseState(call.expires_at, call.grace, call.tokens, shared=call.shared)
        there[SLOT] = Units(slot.units | {(call.lease, 1)}, slot.revision + 1)
        there[WORKERS] = Units(workers.units | {(call.lease, call.share)}, workers.revision + 1)
        for name, token in locks.items():
            there[name] = LockState(frozenset({call.lease}), token, _value(there, name).revision + 1)
        for name in shared:
            was: LockState = _value(there, name)
            holders = was.holders - call.displaced | {call.lease}
            there[name] = LockState(holders, was.token, was.revision + 1, LockMode.SHARED)
        return there


def _changed(state: State, there: dict[Name, Any], call: Finish | Retry, result: object) -> State | None:
    job: JobState = there["job", call.job]
    if result == Answer.GAVE_UP:
        return state
    if result == Answer.STALE:
        return state if job.version != call.version else None
    if job.version != call.version:
        return None
    if isinstance(call, Retry):
        there["job", call.job] = JobState(JobStatus.QUEUED, job.version + 1, job.run)
    else:
        there["job", call.job] = JobState(call.status, job.version + 1, job.run)
        _give_back(there, call.lease)
    return _frozen(there)


def _give_back(there: dict[Name, Any], key: str) -> None:
    lease: LeaseState | None = there.pop(("lease", key), None)
    if lease is None:
        return
    for name in (SLOT, WORKERS):
        if key in dict(_value(there, name).units):
            left = _without(there, name, {key})
            there[name] = left._replace(revision=left.revision + 1)
    for resource in {resource for resource, _ in lease.tokens} | lease.shared:
        lock: LockState = there["lock", resource]
        if key in lock.holders:
            there["lock", resource] = lock._replace(holders=lock.holders - {key}, revision=lock.revision + 1)


def _renewed(state: State, there: dict[Name, Any], call: Renew, result: object, answered: bool) -> State | None:
    lease: LeaseState | None = there.get(("lease", call.lease))
    live = lease is not None and call.now < lease.expires_at and not lease.closing
    prolonged = lease is not None and live and lease.expires_at < call.expires_at
    standing = call.expires_at if prolonged else lease.expires_at if lease is not None and live else None
    if answered and result != standing:
        return None
    if lease is None or not prolonged:
        return state
    if ("lost", call.lease) in there:
        return None
    there["lease", call.lease] = lease._replace(expires_at=call.expires_at)
    return _frozen(there)


def _outdated(there: Mapping[Name, Any], call: Start) -> bool:
    """Whether anything changed that the start was decided on: a refusal without a reason would be a defect, too."""
    job: JobState = there["job", call.job]
    return (
        job.version != call.version
        or ("lease", call.lease) in there
        or any(_value(there, name).revision != revision for name, revision in call.seen)
        or any(_alive(there, key, call.now) for key in call.displaced)
    )


def _alive(there: Mapping[Name, Any], key: str, now: int) -> bool:
    lease: LeaseState | None = there.get(("lease", key))
    return lease is not None and now < lease.expires_at + lease.grace


def _without(there: Mapping[Name, Any], name: Name, holders: frozenset[str] | set[str]) -> Units:
    counted: Units = _value(there, name)
    return counted._replace(units=frozenset((key, units) for key, units in counted.units if key not in holders))


def _value(there: Mapping[Name, Any], name: Name) -> Any:
    return there.get(name, _untouched(name))


def _untouched(name: Name) -> Units | LockState | None:
    """What is read of an item that was never written."""
    if name[0] == "lock":
        return LockState()
    return Units() if name in (SLOT, WORKERS) else None


def _frozen(there: Mapping[Name, Any] | None) -> State | None:
    return None if there is None else frozenset(there.items())

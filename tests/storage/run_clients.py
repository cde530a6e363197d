"""Clients that start, finish, retry and renew runs as the steps do, and record what they called and were answered."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from longshore.domain.grants import Hold, Limits, Refusal, grant
from longshore.domain.job import Job
from longshore.domain.locks import Lease, Lock, Slots, lease_key
from longshore.domain.status import JobStatus
from longshore.errors import ServiceUnavailable, StaleItem
from longshore.messages import BatchTask
from longshore.storage.jobs import JobStore
from longshore.storage.runs import RunStore
from longshore.storage.transaction import Refused
from tests.storage.interleaving import CALL_MS, Connection, Fault, Freely
from tests.storage.jobs_made import to
from tests.storage.linearizability import History
from tests.storage.run_specification import (
    SLOT,
    WORKERS,
    Answer,
    Close,
    Finish,
    JobState,
    LeaseState,
    LockState,
    Name,
    Read,
    Renew,
    Retry,
    Start,
    Units,
)

LEASE_MS = 900_000
LIMITS = Limits(running_imports=2, worker_concurrency=3)
WRITES = {"j0": ("city",), "j1": ("city", "region"), "j2": ("country",), "j3": ("street",)}
READS = {"j0": ("region",), "j1": ("country",), "j2": ("region",), "j3": ("region",)}
RESOURCES = {job_id: WRITES[job_id] + READS[job_id] for job_id in WRITES}


@dataclass
class Client:
    """One process with a clock of its own, `skew` ms beside the true one; it looks at it once per operation."""

    connection: Connection
    stores: Any
    tenant: str
    clock: Any
    history: History
    turns: Freely
    skew: int = 0
    now: int = field(init=False)

    def __post_init__(self) -> None:
        client, s = self.connection.client, self.stores
        self._latest: dict[str, int] = {}
        self.runs = RunStore(client, s.jobs, s.locks, s.catalog, self._time, 3600)
        self.jobs = JobStore(client, s.jobs, s.catalog, 3600)
        self.connection.begin(self.turns, lambda: self.clock.ms + self.skew - self.now > CALL_MS)
        self._look_at_the_clock()

    def _time(self) -> datetime:
        return self.clock.now + timedelta(milliseconds=self.now - self.clock.ms)

    def _look_at_the_clock(self) -> None:
        self.now = self.clock.ms + self.skew

    def move(self, job_id: str, faults: Sequence[Fault] = ()) -> None:
        """Start a run of a queued job, end one that is on, queue a job again whose run failed."""
        job, _ = self.job(job_id)
        steps = {JobStatus.QUEUED: self._start, JobStatus.PROCESSING: self._finish, JobStatus.FAILED: self._retry}
        steps[job.status](job, faults)

    def _start(self, job: Job, faults: Sequence[Fault]) -> None:
        """Do what DispatchJobs does."""
        hold = self.holds(RESOURCES[job.job_id])
        self._look_at_the_clock()
        asked = Lease(lease_key(self.tenant, job.job_id, job.run + 1), self.now + LEASE_MS, {})
        granted = grant(hold, asked, self.now, LIMITS, 2, READS[job.job_id])
        if isinstance(granted, Refusal):
            return
        taken, lease, share = granted
        call = Start(
            job=job.job_id,
            version=job.version,
            lease=lease.key,
            expires_at=lease.expires_at,
            grace=lease.grace,
            share=share,
            tokens=frozenset(lease.tokens.items()),
            displaced=taken.displaced,
            seen=frozenset((_name(item), item.revision) for item in (hold.slot, hold.workers, *hold.locks)),
            now=self.now,
            shared=lease.shared,
        )
        change = to(job, JobStatus.PROCESSING, run=job.run + 1, workers=share)
        self._change(call, faults, lambda: self.runs.start(*change, taken, lease))

    def _finish(self, job: Job, faults: Sequence[Fault]) -> None:
        """Do what FinishRun does where no row was loaded."""
        key = lease_key(self.tenant, job.job_id, job.run)
        self._update(Close(key), faults[:1], lambda: self.runs.close(job))
        change = to(job, JobStatus.FAILED)
        self._change(Finish(job.job_id, job.version, key, JobStatus.FAILED), faults, lambda: self.runs.finish(*change))

    def _retry(self, job: Job, faults: Sequence[Fault]) -> None:
        change = to(job, JobStatus.QUEUED)
        self._change(Retry(job.job_id, job.version), faults, lambda: self.jobs.change(*change))

    def renew(self, job_id: str, faults: Sequence[Fault] = ()) -> None:
        """Prolong the lease of a job's run, whatever the reader of it should have known."""
        _, lease = self.job(job_id)
        if lease is None:
            return
        self._look_at_the_clock()
        call = Renew(lease.key, self.now, self.now + LEASE_MS)
        self._update(call, faults, lambda: _end_of(self.runs.renew(lease, call.expires_at)))

    def _update(self, call: object, faults: Sequence[Fault], update: Callable[[], object]) -> None:
        """Record an update: each try that was not answered may have had an effect, for no token tells tries apart."""
        invoked = self._planned(faults)
        try:
            result = update()
        except ServiceUnavailable:
            self.connection.lost = self.connection.lost or 1
        else:
            self.history.add(self.connection.name, call, result, invoked)
        for _ in range(self.connection.lost):
            self.history.add_unanswered(self.connection.name, call, invoked)

    def holds(self, resources: Iterable[str]) -> Hold:
        """Read the slot, the workers and locks, and the leases of their holders."""
        self._look_at_the_clock()
        invoked = self._planned(())
        hold = self.runs.holds(self.tenant, list(resources))
        holders = {*hold.slot.units, *hold.workers.units, *(h for lock in hold.locks for h in lock.holders)}
        self._saw([_name(item) for item in (hold.slot, hold.workers, *hold.locks)], hold, invoked)
        for key in sorted(holders):
            self._saw_lease(key, hold.leases.get(key), invoked)
        return hold

    def _saw(self, names: Sequence[Name], hold: Hold, invoked: int) -> None:
        found: list[Units | LockState] = [_units(hold.slot), _units(hold.workers), *map(_lock, hold.locks)]
        for name, value in zip(names, found, strict=True):
            self.history.add(self.connection.name, Read(name), value, invoked, reads=True)

    def _saw_lease(self, key: str, lease: Lease | None, invoked: int) -> None:
        tokens = frozenset(lease.tokens.items()) if lease else frozenset()
        seen = lease and LeaseState(lease.expires_at, lease.grace, tokens, lease.closing, lease.shared)
        self.history.add(self.connection.name, Read(("lease", key)), seen, invoked, reads=True)

    def job(self, job_id: str) -> tuple[Job, Lease | None]:
        """Read a job and the lease of its latest run; read both again where that is another one than before."""
        self._look_at_the_clock()
        job, lease = self._read_job(job_id, self._latest.get(job_id, 1))
        if job.run != self._latest.setdefault(job_id, 1) and job.run:
            self._latest[job_id] = job.run
            return self._read_job(job_id, job.run)
        return job, lease

    def _read_job(self, job_id: str, run: int) -> tuple[Job, Lease | None]:
        invoked = self._planned(())
        task = BatchTask(tenant=self.tenant, job_id=job_id, attempt="a1", part=0, batch=0, run=run)
        status, job, lease = self.runs.status_and_lease(task)
        seen = JobState(status, job.version, job.run)
        self.history.add(self.connection.name, Read(("job", job_id)), seen, invoked, reads=True)
        self._saw_lease(lease_key(self.tenant, job_id, run), lease, invoked)
        return job, lease

    def _change(self, call: object, faults: Sequence[Fault], change: Callable[[], None]) -> None:
        """Record a transaction: its tries have one effect at most, for they carry the same token."""
        invoked = self._planned(faults)
        try:
            change()
        except ServiceUnavailable:
            self.history.add_unanswered(self.connection.name, call, invoked)
        except StaleItem as error:
            refused = isinstance(error, Refused) or not isinstance(call, Finish)
            self.history.add(self.connection.name, call, Answer.STALE if refused else Answer.GAVE_UP, invoked)
        else:
            self.history.add(self.connection.name, call, Answer.DONE, invoked)

    def _planned(self, faults: Sequence[Fault]) -> int:
        self.connection.plan(faults)
        return self.history.place()


def _end_of(lease: Lease | None) -> int | None:
    return lease and lease.expires_at


def _name(item: Slots | Lock) -> Name:
    if isinstance(item, Lock):
        return ("lock", item.resource)
    return WORKERS if item.key.startswith("#") else SLOT


def _units(slots: Slots) -> Units:
    return Units(frozenset(slots.units.items()), slots.revision)


def _lock(lock: Lock) -> LockState:
    return LockState(lock.holders, lock.token, lock.revision, lock.mode)

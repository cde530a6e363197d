"""Jobs live through anything that people, time and AWS do to them, and every promise holds after every step.

The real steps on the real stores: events arrive twice, late or never, any step dies before any of its AWS calls, runs
are cancelled, retried and swept up. Only time, and the functions' own runtime, are the test's.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import boto3
import hypothesis.strategies as st
import pytest
from botocore.httpsession import URLLib3Session
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from longshore.bootstrap import AwsServices
from longshore.domain.job import Batch, BatchStatus, Job
from longshore.domain.locks import lease_key, lock_key, slot_key
from longshore.domain.status import FINAL, RELEASES_CONTENT, RUNNING, TRANSITIONS, JobStatus
from longshore.domain.template import parse_template
from longshore.errors import AlreadyExists, Retryable, TransitionRefused
from longshore.messages import (
    BatchTask,
    DispatchRequest,
    EventBucket,
    EventObject,
    FinishRequest,
    ObjectCreated,
    ObjectCreatedDetail,
    ValidationEvent,
)
from longshore.settings import Settings
from longshore.steps.api import create_import
from longshore.steps.api_commands import cancel_import, retry_import
from longshore.steps.api_view import job_document
from longshore.steps.caller import Caller, Role
from longshore.steps.dispatch_jobs import dispatch_jobs
from longshore.steps.finish_run import finish_run
from longshore.steps.load_batch import load_batch
from longshore.steps.sweep import sweep
from longshore.steps.upload_key import job_upload_key
from longshore.steps.validate_upload import validate_upload
from longshore.storage import backoff, clients
from longshore.storage.job_changes import ACCEPTED
from longshore.storage.job_keys import batch_sk, job_pk
from tests.storage.conftest import SteppingClock, Stores
from tests.storage.job_tables import Tables, empty_tables, read_tables

S = JobStatus
TEMPLATE = {
    "name": "item",
    "title": "Items",
    "record_type": "item",
    "key": ["code"],
    "max_rejected_percent": 60,
    "fields": [{"name": "code", "required": True}, {"name": "n", "type": "integer"}],
}
FILES = {
    "five": b"code,n\nA,1\nB,2\nC,3\nD,4\nE,5\n",
    "three others": b"code,n\nA,7\nB,8\nF,9\n",
    "one bad": b"code,n\nA,1\nB,x\nC,3\nG,4\n",
    "all bad": b"code,n\nA,x\nB,y\n",
    "no rows": b"code,n\n",
}
WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
MACHINE = Path(__file__).parents[2] / "statemachines" / "run_import.asl.json"
WORKERS = 3
DIES = st.none() | st.none() | st.integers(0, 14)
"""Before which of its AWS calls a step dies; most do not."""
UPLOADS = 5
"""In one life; more make it slow, and no other."""
WHICH = st.integers(0, 30)
FILE = st.sampled_from(["five", "five", "three others", "three others", "one bad", "all bad", "no rows"])


WRITES = {b"TransactWriteItems", b"UpdateItem", b"BatchWriteItem", b"BatchExecuteStatement", b"DeleteItem"}


class Killed(BaseException):
    """The process is no more; nothing of it can catch this."""


class Process:
    """Lets the calls of the running step through until it dies; `wrote` says whether any wrote to a table."""

    def __init__(self) -> None:
        self.calls_left: int | None = None
        self.wrote = False

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Look at every request of this thread, PynamoDB's too."""
        send, thread = URLLib3Session.send, threading.get_ident()

        def counted(session: URLLib3Session, request: Any) -> Any:
            if threading.get_ident() == thread:
                if self.calls_left == 0:
                    raise Killed
                if self.calls_left is not None:
                    self.calls_left -= 1
                operation = request.headers.get("X-Amz-Target", b"").rpartition(b".")[2]
                self.wrote |= operation in WRITES
            return send(session, request)

        monkeypatch.setattr(URLLib3Session, "send", counted)

    def run(self, step: Callable[[], object], dies: int | None) -> bool:
        """Run a step; say whether it came to its end. What it wants retried is delivered again by later rules."""
        self.calls_left = dies
        try:
            step()
        except (Killed, Retryable):
            return False
        finally:
            self.calls_left = None
        return True


class JobLife(RuleBasedStateMachine):
    """One tenant; `events` are those of S3 that may be delivered, again and again."""

    stores: ClassVar[Stores]
    process: ClassVar[Process]
    settings: ClassVar[Settings]

    @initialize()
    def begin(self) -> None:
        empty_tables(self.stores)
        self.tenant = f"t{uuid4().hex[:12]}"
        self.clock = SteppingClock()
        self.services = AwsServices(self.settings)
        self.services.clock, self.services.sleep = self._tick, self.clock.pass_seconds
        self.caller = Caller(self.tenant, "anna", Role.ADMIN)
        self.services.catalog.put(self.tenant, parse_template(TEMPLATE), "anna", self.clock())
        self.events: list[Any] = []
        self.rows: dict[str, int] = {}
        self.uploads = 0
        self.retried = False
        self.owners: dict[str, str] = {}
        self.tokens: dict[str, int] = {}
        self.before = read_tables(self.stores)
        clients.lambda_().meta.events.register_last("before-call.lambda.Invoke", self._asked, unique_id="asked")

    def _tick(self) -> datetime:
        """Tell the time, which is never the same twice: what is ordered by time is never ordered by a random id."""
        self.clock.pass_seconds(0.001)
        return self.clock()

    def _asked(self, params: dict[str, Any], **_: Any) -> Any:
        """Keep the event that Sweep asks Lambda to deliver."""
        self.events.append(ValidationEvent.validate_json(params["body"]))
        return type("Answer", (), {"status_code": 202})(), {"StatusCode": 202}

    def _upload(self, key: str, content: bytes) -> None:
        bucket = self.stores.uploads
        self.uploads += 1
        version = clients.s3().put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
        stored = EventObject(key=key, size=len(content), version_id=version)
        detail = ObjectCreatedDetail(bucket=EventBucket(name=bucket), object=stored)
        self.events.append(ObjectCreated(id=version, time=self.clock(), detail=detail))

    @precondition(lambda self: self.uploads < UPLOADS)
    @rule(file=FILE, dies=st.lists(DIES, max_size=8))
    def a_file_is_dropped(self, file: str, dies: list[int | None]) -> None:
        """Its event is delivered at once, or later, or never; other jobs may come first all the same."""
        self._upload(f"{self.tenant}/item/{self.uploads}.csv", FILES[file])
        if dies:
            self.an_event_is_delivered(0, dies[0])
            self.every_promise_holds()
            self._go_on(len(self.before.jobs), dies[1:])

    @precondition(lambda self: self.uploads < UPLOADS)
    @rule(
        file=FILE,
        asked=st.sampled_from([{}, {"force": True}, {"preview": True}, {"mode": "insert", "force": True}]),
        later=st.booleans(),
        uploaded=st.sampled_from([True, True, True, True, False]),
    )
    def an_import_is_asked_for(self, file: str, asked: dict[str, object], later: bool, uploaded: bool) -> None:
        body = {"template": "item", "file_name": "x.csv", **asked}
        if later:
            body["start_at"] = (self.clock() + timedelta(minutes=20)).isoformat()
        job_id = create_import(self.services, self.caller, body, None)["job_id"]
        if uploaded:
            self._upload(job_upload_key(self.tenant, str(job_id), "x.csv"), FILES[file])

    @precondition(lambda self: self.events)
    @rule(which=WHICH, dies=DIES)
    def an_event_is_delivered(self, which: int, dies: int | None) -> None:
        event, until = self.events[-1 - which % len(self.events)], self.clock() + timedelta(minutes=2)
        self.process.run(lambda: validate_upload(event, self.services, until), dies)

    @precondition(lambda self: self.going_on())
    @rule(which=WHICH, dies=st.lists(DIES, min_size=1, max_size=8))
    def a_job_goes_on(self, which: int, dies: list[int | None]) -> None:
        self._go_on(which, dies)

    def _go_on(self, which: int, dies: Sequence[int | None]) -> None:
        """Do what comes next in the life of a job, a few times."""
        for dying in dies:
            if going_on := self.going_on():
                self._next(going_on[which % len(going_on)], which, dying)
                self.every_promise_holds()

    def going_on(self) -> list[Job]:
        return [job for job in self._jobs() if job.status not in FINAL or self._left(job)]

    def _next(self, job: Job, which: int, dies: int | None) -> None:
        if job.status in FINAL:
            self._retry(job, dies)
        elif job.status is S.QUEUED:
            self.queued_jobs_are_dispatched(dies)
        elif job.status is S.SCHEDULED:
            self.a_minute_passes_and_sweep_looks(dies)
        elif job.status not in RUNNING:
            if self.events:
                self.an_event_is_delivered(which, dies)
        elif left := [batch for batch in self._left(job) if batch.deadline <= self.clock.ms]:
            self.process.run(lambda: load_batch(self._task(job, left[which % len(left)], job.run), self.services), dies)
        elif self._left(job):
            self.clock.pass_seconds(self.settings.batch_timeout)  # whoever claimed them has died
        else:
            self.process.run(lambda: finish_run(self._finish(job), self.services), dies)

    def _left(self, job: Job) -> list[Batch]:
        """Open batches, and failed ones of a run that has ended."""
        gone = {BatchStatus.COMPLETED} if job.status not in RUNNING else {BatchStatus.COMPLETED, BatchStatus.FAILED}
        may_run = job.status in {*RUNNING, S.FAILED, S.COMPLETED_WITH_ERRORS}
        return [batch for batch in self.before.batches[job.job_id] if may_run and batch.status not in gone]

    def _finish(self, job: Job, run: int | None = None, error: dict[str, str] | None = None) -> FinishRequest:
        return FinishRequest(tenant=self.tenant, job_id=job.job_id, run=job.run if run is None else run, error=error)

    @rule(dies=DIES)
    def queued_jobs_are_dispatched(self, dies: int | None) -> None:
        self.process.run(lambda: dispatch_jobs(DispatchRequest(), self.services), dies)

    @precondition(lambda self: self.tasks())
    @rule(which=WHICH, dies=DIES)
    def a_batch_is_loaded(self, which: int, dies: int | None) -> None:
        """By a worker of any run that ever was: Lambda may deliver late, and Step Functions tries again."""
        task = self.tasks()[-1 - which % len(self.tasks())]
        self.process.run(lambda: load_batch(task, self.services), dies)

    def tasks(self) -> list[BatchTask]:
        return [
            self._task(job, batch, run)
            for job in self._jobs()
            for run in range(1, job.run + 1)
            for batch in self.before.batches[job.job_id]
        ]

    def _task(self, job: Job, batch: Batch, run: int) -> BatchTask:
        names = {"tenant": self.tenant, "job_id": job.job_id, "attempt": job.attempt}
        return BatchTask(**names, part=batch.part, batch=batch.number, run=run)

    @precondition(lambda self: self.running())
    @rule(which=WHICH)
    def a_batch_is_given_up(self, which: int) -> None:
        """Its attempts are exhausted: what run_import's Catch does, with the state machine's own expressions."""
        left = [self._task(job, batch, job.run) for job in self.running() for batch in self._left(job)]
        if not left:
            return
        task = left[which % len(left)]
        values = {":failed": "FAILED", ":open": "OPEN", ":error": "Some: error"}
        key = {
            "pk": {"S": job_pk(self.tenant, task.job_id)},
            "sk": {"S": batch_sk(task.attempt, task.part, task.batch)},
        }
        with suppress(clients.dynamodb().exceptions.ConditionalCheckFailedException):
            clients.dynamodb().update_item(
                TableName=self.stores.jobs,
                Key=key,
                **mark_batch_failed(),
                ExpressionAttributeValues={
                    **{name: {"S": value} for name, value in values.items()},
                    ":run": {"N": str(task.run)},
                },
            )

    def running(self) -> list[Job]:
        return [job for job in self._jobs() if job.status in RUNNING]

    @precondition(lambda self: any(job.run for job in self.before.jobs.values()))
    @rule(which=WHICH, earlier=st.sampled_from([0, 0, 0, 1]), error=st.booleans(), dies=DIES)
    def a_run_is_finished(self, which: int, earlier: int, error: bool, dies: int | None) -> None:
        started = [job for job in self._jobs() if job.run]
        job = started[which % len(started)]
        caught = {"Error": "States.Timeout", "Cause": ""} if error else None
        request = self._finish(job, job.run - earlier, caught)
        self.process.run(lambda: finish_run(request, self.services), dies)

    @precondition(lambda self: self.running())
    @rule(which=WHICH)
    def an_execution_is_stopped(self, which: int) -> None:
        self.services.executions.stop(self.running()[which % len(self.running())].execution_name, "by a person")

    @rule(dies=DIES)
    def a_minute_passes_and_sweep_looks(self, dies: int | None) -> None:
        self.clock.pass_seconds(60)
        self.process.run(lambda: sweep(self.services), dies)

    @precondition(lambda self: self.before.jobs)
    @rule(which=WHICH, dies=DIES)
    def somebody_cancels(self, which: int, dies: int | None) -> None:
        jobs = self.running() or self._jobs()
        job = jobs[which % len(jobs)]
        try:
            self.process.run(lambda: cancel_import(self.services, self.caller, job.job_id), dies)
        except TransitionRefused:
            assert job.status in FINAL

    @precondition(lambda self: self.before.jobs)
    @rule(which=WHICH, dies=DIES)
    def somebody_retries(self, which: int, dies: int | None) -> None:
        self._retry(self._jobs()[which % len(self.before.jobs)], dies)

    def _retry(self, job: Job, dies: int | None) -> None:
        try:
            self.process.run(lambda: retry_import(self.services, self.caller, job.job_id), dies)
            self.retried = True
        except TransitionRefused:
            assert not self._left(job) or job.status in RUNNING
        except AlreadyExists:
            assert self.owners[job.sha256] != job.job_id

    def _jobs(self) -> list[Job]:
        """Oldest first."""
        return sorted(self.before.jobs.values(), key=lambda job: job.created_at)

    @rule(seconds=st.sampled_from([1, 45, 95, 500, 1000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.pass_seconds(seconds)

    @invariant()
    def every_promise_holds(self) -> None:
        now = read_tables(self.stores) if self.process.wrote else self.before
        self.process.wrote = False
        for job in now.jobs.values():
            self.assert_every_row_is_in_one_bucket(job, now)
            self.assert_history_is_right(job, now)
        self.assert_nobody_holds_too_much(now)
        self.assert_only_running_jobs_hold(now)
        self.assert_tokens_grow(now)
        self.assert_contents_have_one_owner(now)
        self.assert_records_are_accounted_for(now)
        self.before = now

    def assert_every_row_is_in_one_bucket(self, job: Job, now: Tables) -> None:
        shown = job_document(job, now.parts[job.job_id], now.batches[job.job_id] if job.run else [])
        for counts in (job.counts.as_dict(), shown["counts"], *(part["counts"] for part in shown["parts"])):
            buckets = ("loaded", "unchanged", "rejected", "held", "unprocessed")
            assert sum(counts[bucket] for bucket in buckets) == counts["rows"], (job, counts)
            assert all(count >= 0 for count in counts.values())
            # Once a file was read to its end, its number of rows is a fact.
            assert counts["rows"] == self.rows.setdefault(job.job_id, counts["rows"]) or not job.attempt
        if not job.attempt:
            self.rows.pop(job.job_id)
        elif job.status not in RUNNING:
            assert shown["counts"] == job.counts.as_dict()

    def assert_history_is_right(self, job: Job, now: Tables) -> None:
        history = now.history[job.job_id]
        assert [event.version for event in history] == list(range(1, job.version + 1))
        assert history[: len(known)] == known if (known := self.before.history.get(job.job_id, [])) else True
        assert [event.old for event in history] == [None, *(event.new for event in history[:-1])]
        assert history[-1].new is job.status
        assert {(event.old, event.new) for event in history[1:]} <= set(TRANSITIONS)
        assert [event.at for event in history] == sorted(event.at for event in history)

    def assert_nobody_holds_too_much(self, now: Tables) -> None:
        slot = now.slots.get(slot_key(self.tenant))
        assert slot is None or sum(slot.units.values()) <= self.settings.running_imports
        assert sum(now.workers.units.values()) <= self.settings.worker_concurrency
        assert all(len(lock.holders) <= 1 for lock in now.locks.values())

    def assert_only_running_jobs_hold(self, now: Tables) -> None:
        keys = {lease_key(self.tenant, job.job_id, job.run): job for job in now.jobs.values() if job.status in RUNNING}
        assert now.holders <= set(keys)
        for key, job in keys.items():
            lease = now.leases[key]
            if not lease.gone(self.clock.ms):
                assert now.slots[slot_key(self.tenant)].units[key] == 1
                assert now.workers.units[key] == job.workers
                lock = now.locks[lock_key(self.tenant, "item")]
                assert (lock.holders, lock.token) == ({key}, lease.tokens["item"])

    def assert_tokens_grow(self, now: Tables) -> None:
        for key, lease in now.leases.items():
            if key not in self.tokens:
                assert lease.tokens["item"] > max(self.tokens.values(), default=0)
                self.tokens[key] = lease.tokens["item"]
            assert lease.tokens["item"] == self.tokens[key]

    def assert_contents_have_one_owner(self, now: Tables) -> None:
        """Who accepted it last has it, until that job releases it."""
        for job in now.jobs.values():
            for event in now.history[job.job_id][len(self.before.history.get(job.job_id, [])) :]:
                accepted_anew = event.new in ACCEPTED and event.old in {S.VALIDATING, *RELEASES_CONTENT}
                if accepted_anew:
                    self.owners[job.sha256] = job.job_id
                elif event.new in RELEASES_CONTENT and self.owners.get(job.sha256) == job.job_id:
                    del self.owners[job.sha256]
        assert now.owners == self.owners

    def assert_records_are_accounted_for(self, now: Tables) -> None:
        """A record is created once, by whichever try; the last writer of a record has counted it."""
        if any(job.status in RUNNING for job in now.jobs.values()):
            return
        created = sum(job.counts.created for job in now.jobs.values())
        assert created <= len(now.revs)
        assert created == len(now.revs) or self.retried
        for job in now.jobs.values():
            assert sum(rev.startswith(f"{job.job_id}#") for rev in now.revs.values()) <= job.counts.loaded

    def teardown(self) -> None:
        if not hasattr(self, "before"):
            return
        if sys.exc_info()[1] is None:
            self.bring_to_an_end()
        for job in self.before.jobs.values():
            for run in range(1, job.run + 1):
                self.services.executions.stop(replace(job, run=run).execution_name, "the test has ended")

    def bring_to_an_end(self) -> None:
        """With nothing dying any more, every job ends and nothing stays held: none is forgotten."""
        for _ in range(14):
            if all(job.status in FINAL | {S.VALIDATED} for job in self.before.jobs.values()):
                break
            self.clock.pass_seconds(1000)
            self.a_minute_passes_and_sweep_looks(None)
            self.every_promise_holds()
            for which in range(len(self.events)):
                self.an_event_is_delivered(which, None)
                self.every_promise_holds()
            self.queued_jobs_are_dispatched(None)
            self.every_promise_holds()
            for which in range(len(self.tasks())):
                self.a_batch_is_loaded(which, None)
            for job in self.running():
                self.process.run(lambda job=job: finish_run(self._finish(job), self.services), None)
            self.every_promise_holds()
        statuses = {job.job_id: job.status for job in self.before.jobs.values()}
        assert set(statuses.values()) <= FINAL | {S.VALIDATED}, statuses
        assert not self.before.holders


def mark_batch_failed() -> dict[str, Any]:
    """Return the expressions by which run_import marks a batch."""
    machine = json.loads(MACHINE.read_text().replace("${LoadBatchTaskTimeout}", "60"))
    level = machine["States"]["LoadLevels"]["ItemProcessor"]["States"]["LoadLevel"]
    parameters = level["ItemProcessor"]["States"]["MarkBatchFailed"]["Parameters"]
    return {name: parameters[name] for name in parameters if name.endswith(("Expression", "AttributeNames"))}


@pytest.fixture
def life(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[JobLife]]:
    """Set JobLife up with a bus, and a state machine that does nothing: its states are the rules."""
    monkeypatch.setattr(backoff, "FIRST", 0)
    JobLife.stores, JobLife.process = stores, Process()
    JobLife.process.patch(monkeypatch)
    name = f"life-{uuid4().hex[:8]}"
    boto3.client("events").create_event_bus(Name=name)
    machine = boto3.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(WAIT), roleArn="arn:aws:iam::123456789012:role/none"
    )
    JobLife.settings = Settings(
        jobs_table=stores.jobs,
        locks_table=stores.locks,
        catalog_table=stores.catalog,
        records_table=stores.records,
        uploads_bucket=stores.uploads,
        data_bucket=stores.data,
        bus_name=name,
        run_import_arn=machine["stateMachineArn"],
        validate_upload_arn="validate-upload",
        worker_concurrency=WORKERS,
        batch_rows=2,
        running_imports=2,
    )
    yield JobLife
    clients.lambda_().meta.events.unregister("before-call.lambda.Invoke", unique_id="asked")


def test_every_promise_holds_after_every_step(life: type[JobLife]) -> None:
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=14,
            stateful_step_count=40,
            deadline=None,
            print_blob=True,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make a failure smaller takes many minutes
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize(
    "late",
    [
        pytest.param("TransactWriteItems", id="the worker comes while the run is being ended"),
        pytest.param("Query", id="the worker comes before the batches are read"),
    ],
)
def test_a_worker_of_a_run_that_is_being_ended_loads_nothing_that_is_not_counted(
    life: type[JobLife], late: str
) -> None:
    """The lock goes to somebody else at the end, and nobody waits for a claim that nobody saw."""
    here, job = one_running_job(life)
    task = here._task(job, here.before.batches[job.job_id][0], job.run)
    with meanwhile(late, lambda: load_batch(task, here.services)):
        here.process.run(lambda: finish_run(here._finish(job), here.services), None)
    here.every_promise_holds()
    assert here.before.jobs[job.job_id].counts.loaded == len(here.before.revs)


@pytest.mark.parametrize("looks", [1, 2])
def test_a_worker_whose_run_ends_under_it_loads_nothing_uncounted(life: type[JobLife], looks: int) -> None:
    """It has looked, once or twice, and found its run alive; then the run is ended by somebody who sees no claim."""
    here, job = one_running_job(life)
    task = here._task(job, here.before.batches[job.job_id][0], job.run)
    operation = "UpdateItem" if looks == 1 else "BatchExecuteStatement"
    with meanwhile(operation, lambda: here.process.run(lambda: finish_run(here._finish(job), here.services), None)):
        load_batch(task, here.services)
    here.every_promise_holds()
    here.bring_to_an_end()
    assert here.before.jobs[job.job_id].counts.loaded == len(here.before.revs)


def one_running_job(life: type[JobLife]) -> tuple[JobLife, Job]:
    here = life()
    here.begin()
    here.a_file_is_dropped("five", [None, None])
    (job,) = here.running()
    return here, job


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

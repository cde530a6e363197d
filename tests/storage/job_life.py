"""The rules of a job's life: all that people, time and AWS may do to the jobs of one tenant."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from longshore.bootstrap import AwsServices
from longshore.domain.job import Batch, BatchStatus, Job
from longshore.domain.status import FINAL, RUNNING, JobStatus
from longshore.domain.template import parse_template
from longshore.errors import AlreadyExists, TransitionRefused
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
from longshore.steps.caller import Caller, Role
from longshore.steps.dispatch_jobs import dispatch_jobs
from longshore.steps.finish_run import finish_run
from longshore.steps.load_batch import load_batch
from longshore.steps.sweep import sweep
from longshore.steps.upload_key import job_upload_key
from longshore.steps.validate_upload import validate_upload
from longshore.storage import clients
from longshore.storage.job_keys import batch_sk, job_pk
from tests.storage.conftest import SteppingClock, Stores
from tests.storage.dying_process import Process
from tests.storage.job_promises import JobPromises
from tests.storage.job_samples import FILE, FILES, TEMPLATE, mark_batch_failed
from tests.storage.job_tables import empty_tables, read_tables

S = JobStatus
WORKERS = 3
DIES = st.none() | st.none() | st.integers(0, 14)
"""Before which of its AWS calls a step dies; most do not."""
UPLOADS = 5  # in one life; more make it slow, and no other
WHICH = st.integers(0, 30)


class JobLife(JobPromises, RuleBasedStateMachine):
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

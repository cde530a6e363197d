"""One tenant, its jobs, and all that may happen to them: the real steps on the real stores, at a time of the test's."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.botocore_stubber import MockRawResponse

from longshore.bootstrap import AwsServices
from longshore.domain.job import Batch, BatchStatus, Job
from longshore.domain.status import FINAL, RUNNING, JobStatus
from longshore.domain.templates.template import parse_template
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
from tests.storage.job_files import FILES, ITEM, PET, ROWS
from tests.storage.job_promises import Promises
from tests.storage.job_tables import empty_tables, read_tables

MACHINE = Path(__file__).parents[2] / "statemachines" / "run_import.asl.json"
AT_REST = FINAL | {JobStatus.VALIDATED}


class JobWorld:
    """`events` may be delivered to ValidateUpload, again and again; `told` is the bus; `tables` is what was last seen.

    `dies` says before which of its AWS calls a step dies, None that it does not; `loses`, to which it loses the reply.
    `which` picks one of many.
    """

    def __init__(self, stores: Stores, settings: Settings, process: Process) -> None:
        empty_tables(stores)
        self.tenant = f"t{uuid4().hex[:12]}"
        self.clock = SteppingClock()
        self.events: list[Any] = []
        self.told: list[str] = []
        self.uploads = 0
        self.promises = Promises(self.tenant, settings, ROWS)
        self.tables = read_tables(stores)
        self._stores, self._settings, self._process = stores, settings, process
        self.services = AwsServices(settings)
        self.services.clock, self.services.sleep = self._tick, self.clock.pass_seconds
        self._caller = Caller(self.tenant, "anna", Role.ADMIN)
        for template in (ITEM, PET):
            self.services.catalog.put(self.tenant, parse_template(template), "anna", self.clock())
        clients.lambda_().meta.events.register_last("before-send.lambda.Invoke", self._asked)
        clients.events().meta.events.register_last("before-send.events.PutEvents", self._told)

    def close(self) -> None:
        """Stop what still runs."""
        clients.lambda_().meta.events.unregister("before-send.lambda.Invoke", self._asked)
        clients.events().meta.events.unregister("before-send.events.PutEvents", self._told)
        for job in self.jobs():
            for run in range(1, job.run + 1):
                self.services.executions.stop(replace(job, run=run).execution_name, "the test has ended")

    def _tick(self) -> datetime:
        """Tell the time, which is never the same twice: what is ordered by time is never ordered by a random id."""
        self.clock.pass_seconds(0.001)
        return self.clock()

    def _asked(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Keep the event that Sweep asks Lambda to deliver."""

        def accept(_: AWSPreparedRequest) -> AWSResponse:
            self.events.append(ValidationEvent.validate_json(request.body))
            return AWSResponse(request.url, 202, {}, MockRawResponse(b""))

        return self._process.call(request, accept)

    def _told(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Keep what the bus is told."""

        def accept(_: AWSPreparedRequest) -> AWSResponse:
            self.told += [entry["DetailType"] for entry in json.loads(request.body)["Entries"]]
            return AWSResponse(request.url, 200, {}, MockRawResponse(b'{"FailedEntryCount": 0, "Entries": [{}]}'))

        return self._process.call(request, accept)

    def check(self) -> None:
        """Look at the tables, if anything can have changed, and at every promise."""
        now = read_tables(self._stores) if self._process.wrote else self.tables
        self._process.wrote = False
        self.promises.check(self.tables, now, self.clock.ms)
        self.tables = now

    def jobs(self) -> list[Job]:
        """All jobs, oldest first."""
        return sorted(self.tables.jobs.values(), key=lambda job: job.created_at)

    def running(self) -> list[Job]:
        return [job for job in self.jobs() if job.status in RUNNING]

    def going_on(self) -> list[Job]:
        """Jobs that have a next step by themselves, or could have one after a retry."""
        return [job for job in self.jobs() if job.status not in FINAL or self.left(job)]

    def left(self, job: Job) -> list[Batch]:
        """What a run has to do: open batches, and failed ones of a run that has ended."""
        running = job.status in RUNNING
        may_run = running or job.status in {JobStatus.FAILED, JobStatus.COMPLETED_WITH_ERRORS}
        open_now = [batch for batch in self.tables.batches[job.job_id] if may_run and not batch.done]
        return [batch for batch in open_now if not (running and batch.status is BatchStatus.FAILED)]

    def tasks(self) -> list[BatchTask]:
        """Every task of every run that ever was."""
        runs = [(job, run) for job in self.jobs() for run in range(1, job.run + 1)]
        return [self.task(job, batch, run) for job, run in runs for batch in self.tables.batches[job.job_id]]

    def task(self, job: Job, batch: Batch, run: int) -> BatchTask:
        names = {"tenant": self.tenant, "job_id": job.job_id, "attempt": job.attempt}
        return BatchTask(**names, part=batch.part, batch=batch.number, run=run)

    def drop(self, file: str, template: str = "item") -> None:
        self._upload(f"{self.tenant}/{template}/{self.uploads}.csv", FILES[file])

    def ask(self, file: str, asked: dict[str, object], later: bool, uploaded: bool) -> None:
        """Create an import through the API, and perhaps upload its file."""
        body = {"template": "item", "file_name": "x.csv", **asked}
        if later:
            body["start_at"] = (self.clock() + timedelta(minutes=20)).isoformat()
        job_id = create_import(self.services, self._caller, body, None)["job_id"]
        if uploaded:
            self._upload(job_upload_key(self.tenant, str(job_id), "x.csv"), FILES[file])

    def _upload(self, key: str, content: bytes) -> None:
        self.uploads += 1
        bucket = self._stores.uploads
        version = clients.s3().put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
        stored = EventObject(key=key, size=len(content), version_id=version)
        detail = ObjectCreatedDetail(bucket=EventBucket(name=bucket), object=stored)
        self.events.append(ObjectCreated(id=version, time=self.clock(), detail=detail))

    def deliver(self, which: int, dies: int | None) -> None:
        """Deliver an event, the last one first."""
        event, until = self.events[-1 - which % len(self.events)], self.clock() + timedelta(minutes=2)
        self._process.run(lambda: validate_upload(event, self.services, until), dies)

    def dispatch(self, dies: int | None) -> None:
        self._process.run(lambda: dispatch_jobs(DispatchRequest(), self.services), dies)

    def load(self, task: BatchTask, dies: int | None, loses: int | None = None) -> bool:
        """Load a batch; return whether the fault struck."""
        return self._process.run(lambda: load_batch(task, self.services), dies, loses)

    def give_up(self, task: BatchTask) -> None:
        """Mark a batch as run_import's Catch does, with the state machine's own expressions."""
        values = {":failed": "FAILED", ":open": "OPEN", ":error": "Some: error"}
        key = {"pk": job_pk(self.tenant, task.job_id), "sk": batch_sk(task.attempt, task.part, task.batch)}
        numbers = {":run": {"N": str(task.run)}}
        with suppress(clients.dynamodb().exceptions.ConditionalCheckFailedException):
            clients.dynamodb().update_item(
                TableName=self._stores.jobs,
                Key=_texts(key),
                **mark_batch_failed(),
                ExpressionAttributeValues={**_texts(values), **numbers},
            )

    def finish(self, job: Job, dies: int | None = None, run: int = 0, error: dict[str, str] | None = None) -> None:
        request = FinishRequest(tenant=self.tenant, job_id=job.job_id, run=run or job.run, error=error)
        self._process.run(lambda: finish_run(request, self.services), dies)

    def stop(self, job: Job) -> None:
        """Stop the execution of a job from outside."""
        self.services.executions.stop(job.execution_name, "by a person")

    def sweep(self, dies: int | None, loses: int | None = None) -> bool:
        """A minute passes, and Sweep looks; return whether the fault struck."""
        self.clock.pass_seconds(60)
        return self._process.run(lambda: sweep(self.services), dies, loses)

    def cancel(self, job: Job, dies: int | None) -> None:
        try:
            self._process.run(lambda: cancel_import(self.services, self._caller, job.job_id), dies)
        except TransitionRefused:
            assert job.status in FINAL

    def retry(self, job: Job, dies: int | None) -> None:
        try:
            self._process.run(lambda: retry_import(self.services, self._caller, job.job_id), dies)
            self.promises.retried = True
        except TransitionRefused:
            assert job.status in RUNNING or not self.left(job)
        except AlreadyExists:
            assert self.promises.owners[job.sha256] != job.job_id

    def go_on(self, which: int, dies: Sequence[int | None]) -> None:
        """Do what comes next in the life of a job, as often as there are `dies`."""
        for dying in dies:
            if going_on := self.going_on():
                self._next(going_on[which % len(going_on)], which, dying)
                self.check()

    def _next(self, job: Job, which: int, dies: int | None) -> None:
        left = self.left(job)
        free = [batch for batch in left if batch.deadline <= self.clock.ms]
        if job.status in FINAL:
            self.retry(job, dies)
        elif job.status is JobStatus.QUEUED:
            self.dispatch(dies)
        elif job.status is JobStatus.SCHEDULED:
            self.sweep(dies)
        elif job.status in RUNNING and free:
            self.load(self.task(job, free[which % len(free)], job.run), dies)
        elif job.status in RUNNING and left:
            self.clock.pass_seconds(self._settings.batch_timeout)  # whoever claimed them has died
        elif job.status in RUNNING:
            self.finish(job, dies)
        elif self.events:
            self.deliver(which, dies)

    def bring_to_an_end(self) -> None:
        """With nothing dying any more, every job ends and nothing stays held: none is forgotten."""
        for again in range(14):
            if all(job.status in AT_REST for job in self.jobs()):
                break
            self.clock.pass_seconds(1000 if again else 0)
            self.sweep(None)
            self.check()
            if any(job.status not in AT_REST | RUNNING for job in self.jobs()):
                self._read_and_dispatch()
            for job in self.running():
                for batch in self.tables.batches[job.job_id]:
                    self.load(self.task(job, batch, job.run), None)
                self.finish(job)
            self.check()
        assert {job.status for job in self.jobs()} <= AT_REST
        assert not self.tables.holders

    def _read_and_dispatch(self) -> None:
        for which in range(len(self.events)):
            self.deliver(which, None)
            self.check()
        self.dispatch(None)
        self.check()


def mark_batch_failed() -> dict[str, Any]:
    """Return the expressions by which run_import marks a batch."""
    machine = json.loads(MACHINE.read_text().replace("${LoadBatchTaskTimeout}", "60"))
    level = machine["States"]["LoadLevels"]["ItemProcessor"]["States"]["LoadLevel"]
    parameters = level["ItemProcessor"]["States"]["MarkBatchFailed"]["Parameters"]
    return {name: parameters[name] for name in parameters if name.endswith(("Expression", "AttributeNames"))}


def _texts(values: dict[str, str]) -> dict[str, Any]:
    return {name: {"S": value} for name, value in values.items()}

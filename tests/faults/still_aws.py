"""An embedded AWS behind a fault proxy, in which nothing happens by itself: tests invoke the functions.

No rule delivers, no schedule fires, and an execution that a function starts is parked in a Wait state: it is RUNNING
until a test ends it. The functions are real processes with the product's code; only their AWS_ENDPOINT_URL differs.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bus_inbox import BusInbox
from fault_kinds import Fault
from fault_proxy import FaultProxy, Watched
from tenants import Tenant, as_csv, object_created

from local.embedded_aws import EmbeddedAws
from longshore.domain.job import id_for_object

ROOT = Path(__file__).parents[2]
PARKED = {"StartAt": "Parked", "States": {"Parked": {"Type": "Wait", "Seconds": 10_000_000, "End": True}}}

Item = dict[str, Any]


@dataclass(frozen=True)
class Invocation:
    """How an invocation ended: `error` is the error's name, "" for success."""

    payload: Any
    error: str
    watched: Watched


@dataclass(frozen=True)
class Upload:
    """A file in the uploads bucket, the event that tells of it, and the job that it becomes."""

    tenant: str
    job_id: str
    event: dict[str, Any]


class StillAws:
    """A context manager; `parameters` are those of template.yaml."""

    def __init__(self, parameters: Mapping[str, str], log_dir: Path) -> None:
        self.proxy = FaultProxy()
        plenty = {"WorkerConcurrency": "1000", "ReserveWorkerConcurrency": "false", "RunningImports": "1000"}
        self.aws = EmbeddedAws(
            ROOT, {**plenty, **parameters}, log_dir, time_scale=0.1, function_variables=self.proxy.variables
        )

    def __enter__(self) -> Self:
        self.proxy.__enter__()
        self.aws.start()
        self.proxy.connect(self.aws)
        self._definitions = self._state_machines()
        self._set_moving(False)
        self.inbox = BusInbox(self.aws)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.aws.stop()
        self.proxy.__exit__()

    def invoke(self, function: str, event: object, fault: Fault | None = None) -> Invocation:
        """Invoke a function once while `fault` waits for its k-th AWS call."""
        watched = self.proxy.arm(fault)
        try:
            payload, error = self.aws.invoke(function, event, watched.trace_id)
        finally:
            self.proxy.disarm(watched)
        return Invocation(payload, payload["errorType"] if error else "", watched)

    @contextmanager
    def configured(self, function: str, variables: Mapping[str, str] | None = None, **changes: Any) -> Iterator[None]:
        """Let a function have other variables, or another timeout, for a while."""
        as_deployed = self.aws.function(function)
        self.aws.reconfigure(function, environment={**as_deployed.environment, **(variables or {})}, **changes)
        yield
        self.aws.reconfigure(function, environment=as_deployed.environment, timeout=as_deployed.timeout)

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Let events be delivered and executions run for a while."""
        self._set_moving(True)
        yield
        self._set_moving(False)

    def upload(self, tenant: Tenant, template: str, rows: list[dict[str, Any]], name: str = "file.csv") -> Upload:
        """Put a file; nobody is told of it."""
        bucket, key = self.aws.outputs["UploadsBucket"], f"{tenant.name}/{template}/{name}"
        content = as_csv(rows)
        version = self.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
        event = object_created(self.aws, key, version, len(content))
        return Upload(tenant.name, id_for_object(bucket, key, version), event)

    def queued(self, tenant: Tenant, template: str, rows: list[dict[str, Any]], name: str = "file.csv") -> Upload:
        """Upload a file and validate it; its job is QUEUED then."""
        upload = self.upload(tenant, template, rows, name)
        assert self.invoke("ValidateUploadFunction", upload.event).error == ""
        return upload

    def dispatched(self, tenant: Tenant, template: str, rows: list[dict[str, Any]], name: str = "file.csv") -> Upload:
        """Upload a file, validate it and start its run, whose execution is parked."""
        upload = self.queued(tenant, template, rows, name)
        assert self.invoke("DispatchJobsFunction", {"detail": {"tenant": tenant.name}}).error == ""
        return upload

    def job(self, upload: Upload) -> Item:
        """The job's item, {} where it is not there."""
        key = {"pk": {"S": f"{upload.tenant}#{upload.job_id}"}, "sk": {"S": "job"}}
        table = self.aws.outputs["JobsTable"]
        return self.aws.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})

    def status(self, upload: Upload) -> str:
        """The job's status, "" where there is no job."""
        return self.job(upload)["status"]["S"] if self.job(upload) else ""

    def collection(self, upload: Upload, prefix: str) -> list[Item]:
        """The items of the job whose sort key begins so."""
        pages = (
            self.aws.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self.aws.outputs["JobsTable"],
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={
                    ":pk": {"S": f"{upload.tenant}#{upload.job_id}"},
                    ":prefix": {"S": prefix},
                },
                ConsistentRead=True,
            )
        )
        return [item for page in pages for item in page["Items"]]

    def batches(self, upload: Upload) -> list[Item]:
        """The batches of the job's attempt, in order."""
        found = self.collection(upload, f"batch#{self.job(upload)['attempt']['S']}#")
        return sorted(found, key=lambda batch: (int(batch["part"]["N"]), int(batch["number"]["N"])))

    def tasks(self, upload: Upload) -> list[dict[str, Any]]:
        """LoadBatch's events, as the manifest of the job's run has them."""
        run = self.job(upload)["run"]["N"]
        return self.json_object(f"runs/{upload.tenant}/{upload.job_id}/{run}/level-00.json")

    def sweep(self) -> None:
        """Have Sweep look once at all that waits too long."""
        assert self.invoke("SweepFunction", {}).error == ""

    def json_object(self, key: str) -> Any:
        """A JSON object of the data bucket."""
        return json.loads(self.object(key))

    def object(self, key: str) -> bytes:
        """An object of the data bucket."""
        return self.aws.client("s3").get_object(Bucket=self.aws.outputs["DataBucket"], Key=key)["Body"].read()

    def keys(self, prefix: str) -> list[str]:
        """The keys of the data bucket that begin so."""
        bucket = self.aws.outputs["DataBucket"]
        pages = self.aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", ())]

    def lock_items(self, beginning: str) -> dict[str, Item]:
        """The items of the Locks table whose key begins so, by key."""
        pages = self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=self.aws.outputs["LocksTable"])
        items = [item for page in pages for item in page["Items"]]
        return {item["pk"]["S"]: item for item in items if item["pk"]["S"].startswith(beginning)}

    def executions(self, upload: Upload) -> dict[str, str]:
        """Status by name of the executions that were started for the job."""
        pages = self.aws.client("stepfunctions").get_paginator("list_executions")
        found = [
            e for page in pages.paginate(stateMachineArn=self.aws.outputs["RunImportArn"]) for e in page["executions"]
        ]
        return {e["name"]: e["status"] for e in found if e["name"].startswith(upload.job_id)}

    def waits(self, tenant: str) -> dict[str, dict[str, Any]]:
        """The inputs of the tenant's waits for a turn, by name."""
        client = self.aws.client("stepfunctions")
        machine = f"{self._stack}await-turn"
        pages = client.get_paginator("list_executions").paginate(stateMachineArn=machine)
        found = [e for page in pages for e in page["executions"] if e["name"].startswith(f"{tenant}-")]
        return {
            e["name"]: json.loads(client.describe_execution(executionArn=e["executionArn"])["input"]) for e in found
        }

    def execution_input(self, name: str) -> Any:
        """What an execution was started with."""
        arn = self.execution_arn(name)
        return json.loads(self.aws.client("stepfunctions").describe_execution(executionArn=arn)["input"])

    def execution_arn(self, name: str) -> str:
        """The ARN of an execution."""
        return f"{self.aws.outputs['RunImportArn'].replace(':stateMachine:', ':execution:')}:{name}"

    def pass_time(self, upload: Upload, seconds: float) -> None:
        """Let so much time pass for a job, its batches and its leases: all that they wait for is that much nearer.

        Only for a job of which no process is alive: to such a one the clock is the only thing that moves.
        """
        for item in [*self.collection(upload, "job"), *self.collection(upload, "batch#")]:
            self._earlier("JobsTable", item, seconds)
        for item in self.lock_items(f"{upload.tenant}#lease#{upload.job_id}#").values():
            self._earlier("LocksTable", item, seconds)

    def pass_time_of_batch(self, task: Mapping[str, Any], seconds: float) -> None:
        """Let so much time pass for one batch whose worker is dead."""
        wanted = {"part": {"N": str(task["part"])}, "number": {"N": str(task["batch"])}}
        for item in self.collection(Upload(task["tenant"], task["job_id"], {}), f"batch#{task['attempt']}#"):
            if item.items() >= wanted.items():
                self._earlier("JobsTable", item, seconds)

    def forget_jobs(self) -> None:
        """Delete every job, and all that runs hold."""
        client = self.aws.client("dynamodb")
        for table in (self.aws.outputs["JobsTable"], self.aws.outputs["LocksTable"]):
            for page in client.get_paginator("scan").paginate(TableName=table):
                for item in page["Items"]:
                    client.delete_item(TableName=table, Key={name: item[name] for name in {"pk", "sk"} & item.keys()})

    def _earlier(self, table: str, item: Item, seconds: float) -> None:
        changed = dict(item)
        for name in {"deadline", "claimed_until", "expires_at"} & item.keys():
            at = int(item[name]["N"])
            changed[name] = {"N": str(max(0, at - int(1000 * seconds)))}
        for name in {"watch_at", "not_before"} & item.keys():
            at = datetime.fromisoformat(item[name]["S"]) - timedelta(seconds=seconds)
            changed[name] = {"S": at.isoformat(timespec="microseconds")}
        if changed != item:
            self.aws.client("dynamodb").put_item(TableName=self.aws.outputs[table], Item=changed)

    @property
    def _stack(self) -> str:
        """How the ARN of every state machine of the stack begins; this process may have others, of other tests."""
        return self.aws.outputs["RunImportArn"].removesuffix("run-import")

    def _state_machines(self) -> dict[str, str]:
        client = self.aws.client("stepfunctions")
        arns = [machine["stateMachineArn"] for machine in client.list_state_machines()["stateMachines"]]
        ours = [arn for arn in arns if arn.startswith(self._stack)]
        return {arn: client.describe_state_machine(stateMachineArn=arn)["definition"] for arn in ours}

    def _set_moving(self, moving: bool) -> None:
        """Connect or disconnect what makes things happen by themselves; the minute's schedule stays away."""
        events, scheduler = self.aws.client("events"), self.aws.client("scheduler")
        for bus in ("default", self.aws.outputs["BusName"]):
            for rule in events.list_rules(EventBusName=bus)["Rules"]:
                change = events.enable_rule if moving else events.disable_rule
                change(Name=rule["Name"], EventBusName=bus)
        for schedule in scheduler.list_schedules()["Schedules"]:
            scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
        for arn, definition in self._definitions.items():
            self.aws.client("stepfunctions").update_state_machine(
                stateMachineArn=arn, definition=definition if moving else json.dumps(PARKED)
            )


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Return as soon as the condition holds; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)

"""The embedded AWS: template.yaml deployed into this process and child processes, for as long as it lasts."""

import atexit
import contextlib
import dataclasses
import itertools
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local import moto_bridge, moto_corrections, tenant_functions
from local.asynchronous_invocations import AsynchronousInvocations
from local.background import Background
from local.event_delivery import EventDelivery
from local.function_configuration import FunctionConfiguration
from local.http_api import HttpApi
from local.identity import LocalIssuer
from local.lambda_answer import Answer, InvocationType
from local.lambda_service import LambdaService
from local.moto_server import ACCOUNT, CREDENTIALS, MotoServer
from local.permissions import role_of
from local.process_keeper import ProcessKeeper
from local.resources.creator import Environment
from local.sam_template import load_template
from local.sandbox import Sandbox
from local.scheduler import Scheduler
from local.stack import Stack

RETRY_WAITS = (1.0, 2.0)
"""Seconds before the retries of an asynchronous invocation; AWS waits as many minutes."""

DATA_TYPES = frozenset(
    {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Events::EventBus", "AWS::SQS::Queue", "AWS::SNS::Topic"}
)
OTHER_DYNAMODB = "AWS_ENDPOINT_URL_DYNAMODB"


_numbers = itertools.count(1)


class EmbeddedAws:
    """A context manager that deploys `root`/template.yaml on entry and leaves nothing behind on exit.

    parameters: values of the template's parameters; JwtIssuer is a local issuer unless given. log_dir: each function
    logs to `<FunctionName>.log` there; without it the logs go to a folder that is removed at the end. time_scale:
    multiplies the waits between retries, the Wait states and the rate() schedules, for tests. start_functions=False
    creates tables, buckets, buses and queues only. api_port: 0 takes any free port. If AWS_ENDPOINT_URL_DYNAMODB is
    set, the tables live in that engine instead of moto.

    function_variables: given to every function over its own variables and those that lead it here, for tests.

    The first of a process is the stack `longshore` in eu-west-1; others beside it, or after it, get a name and a region
    of their own, as moto keeps buckets by name and everything else by region.

    Once entered: `url` (every AWS service), `api_url`, `outputs` of the stack. Nothing is kept when it ends.
    Raises TemplateError for a template that cannot be deployed here.
    """

    def __init__(
        self,
        root: Path,
        parameters: Mapping[str, str] | None = None,
        log_dir: Path | None = None,
        time_scale: float = 1.0,
        start_functions: bool = True,
        api_port: int = 0,
        stack_name: str | None = None,
        region: str | None = None,
        function_variables: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        self.parameters = dict(parameters or {})
        self.log_dir = log_dir
        self.time_scale = time_scale
        self.start_functions = start_functions
        self.api_port = api_port
        self.stack_name = stack_name or f"longshore-{next(_numbers)}".removesuffix("-1")
        self.region = region or moto_bridge.free_region()
        self.function_variables = dict(function_variables or {})
        self.outputs: dict[str, str] = {}
        self._started = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and deploy the template; whatever fails on the way is undone."""
        quieten()
        moto_corrections.apply()
        moto_bridge.refuse_taken(self.region)
        moto_corrections.stepfunctions.set_time_scale(self.region, self.time_scale)
        with contextlib.ExitStack() as started:
            self._start_services(started)
            moto_bridge.connect(self)
            started.callback(moto_bridge.disconnect, self)
            self._deploy()
            self._scheduler.start()
            self._started = started.pop_all()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End every process and thread of it, and forget all data; doing it twice is fine."""
        atexit.unregister(self.stop)
        self._started.close()

    def _start_services(self, started: contextlib.ExitStack) -> None:
        """Start what the stack is deployed into; `started` ends it again, the last first."""
        self.logs = self.log_dir or Path(started.enter_context(tempfile.TemporaryDirectory(prefix="longshore-logs-")))
        self.logs.mkdir(parents=True, exist_ok=True)
        other = os.environ.get(OTHER_DYNAMODB)
        self._moto = MotoServer(self.region, {"dynamodb": other, "dynamodbstreams": other} if other else {})
        started.callback(self._moto.stop)
        self.url = self._moto.url
        keeper = ProcessKeeper()
        started.callback(keeper.stop)
        self._background = Background()
        self._lambdas = LambdaService(self.environment(), self.logs, keeper)
        started.callback(self._lambdas.stop)
        started.callback(self._background.stop)
        self._delivery = EventDelivery(self.client, self._accept, self._background)
        waits = [wait * self.time_scale for wait in RETRY_WAITS]
        self._asynchronous = AsynchronousInvocations(self._lambdas, self._background, self._delivery.send, waits)
        self._scheduler = Scheduler(self._delivery.deliver, ACCOUNT, self.region, self.time_scale)
        started.callback(self._scheduler.stop)
        self._api = HttpApi(self._lambdas.invoke, ACCOUNT, self.api_port)
        started.callback(self._api.stop)
        self.api_url = self._api.url

    def client(self, service: str) -> Any:
        """A boto3 client of the embedded AWS, e.g. client("s3")."""
        return self._moto.client(service)

    def environment(self) -> dict[str, str]:
        """Variables that lead a child process, the AWS CLI included, to this embedded AWS."""
        variables = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            **CREDENTIALS,
        }
        if "dynamodb" in self._moto.endpoints:
            variables[OTHER_DYNAMODB] = self._moto.endpoints["dynamodb"]
        return variables

    def token(
        self, role: str = "admin", tenant: str = "demo", subject: str | None = None, expires_in: int = 3600
    ) -> str:
        """A token that the API accepts; `expires_in` seconds from now, negative for an expired one."""
        return self.issuer.token(role, tenant, subject, expires_in)

    def function(self, logical_id: str) -> FunctionConfiguration:
        """The deployed function of this logical id, its environment variables included; KeyError without one."""
        return next(f for f in self._environment.functions.values() if f.logical_id == logical_id)

    def function_name(self, logical_id: str) -> str:
        """The name of the deployed function of this logical id."""
        return self.function(logical_id).name

    def invoke(self, logical_id: str, event: object, trace_id: str = "") -> tuple[Any, str | None]:
        """Invoke a function and wait: what it returned (or its error object) and None (or "Unhandled").

        trace_id: goes with every AWS call of the function (as the Root of X-Amzn-Trace-Id); a new one unless given.
        """
        answer = self._lambdas.invoke(self.function_name(logical_id), json.dumps(event).encode(), trace_id=trace_id)
        return json.loads(answer.payload or b"null"), answer.function_error

    def add_function(self, name: str, code: Path, timeout: float = tenant_functions.TIMEOUT) -> None:
        """Create a function of a tenant beside the stack: a folder with an app.py that has a lambda_handler.

        Raises FileNotFoundError where it has none.
        """
        tenant_functions.add_function(self._environment, name, code, timeout)

    def reconfigure(self, logical_id: str, **changes: Any) -> None:
        """Change fields of a function's configuration; its next event meets a new process, as on AWS."""
        configured = dataclasses.replace(self.function(logical_id), **changes)
        self._environment.functions[configured.name] = configured
        self._register(configured)

    def process(self, trace_id: str) -> Sandbox | None:
        """The process that handles the invocation of this trace now, to be sent a signal; None where none does."""
        return self._lambdas.process(trace_id)

    def warm_up(self) -> None:
        """Start a process of every function now; returns at once, they get ready side by side."""
        self._lambdas.warm_up(self._environment.functions)

    def idle(self, timeout: float) -> None:
        """Return once nothing is in flight: no delivery, no invocation, no execution but one that has long to wait.

        Raises TimeoutError after so many seconds, naming what is.
        """
        deadline = time.monotonic() + timeout
        quiet = 0
        while quiet < 2:
            quiet = 0 if self._in_flight() else quiet + 1
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {timeout} s still in flight: {self._in_flight()}")
            time.sleep(0.02)

    def answer(self, name: str, body: bytes, kind: InvocationType, client_context: bytes | None) -> Answer:
        """Called by moto for every invocation of a function; raises Throttled."""
        if kind == "Event":
            self._accept(name, body)
            return Answer(b"")
        return self._lambdas.invoke(name, body, client_context)

    def deliver(self, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Called by moto for every target of every rule that an event matches."""
        self._delivery.deliver(target, event)

    def _accept(self, name: str, body: bytes) -> None:
        self._asynchronous.accept(name, body)

    def _in_flight(self) -> str:
        executions = [arn for arn in self._moto.running_executions() if not moto_corrections.stepfunctions.asleep(arn)]
        counts = {
            "deliveries and asynchronous invocations": self._background.in_flight,
            "invocations": self._lambdas.busy(),
            "executions": len(executions),
        }
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count)

    def _deploy(self) -> None:
        template = load_template(self.root / "template.yaml", self.parameters, self.region)
        overrides = self.parameters
        if "JwtIssuer" in template.parameters:
            overrides = {"JwtIssuer": self.api_url, **overrides}
        self._environment = Environment(
            client=self.client,
            stack_name=self.stack_name,
            region=self.region,
            account=ACCOUNT,
            api_url=self.api_url,
            local_paths=template.local_paths,
            register_function=self._register,
        )
        stack = Stack(template, self._environment, overrides, None if self.start_functions else DATA_TYPES)
        self.issuer = LocalIssuer(
            self.api_url,
            audience=stack.parameters.get("JwtAudience", "longshore"),
            tenant_claim=stack.parameters.get("TenantClaim", "tenant"),
            role_claim=stack.parameters.get("RoleClaim", "role"),
        )
        self._api.pages = self.issuer.pages()
        self.outputs = stack.create()
        for definition in self._environment.apis.values():
            self._api.definition = definition

    def _register(self, function: FunctionConfiguration) -> None:
        variables = {**function.environment, **self._access_key(function), **self.function_variables}
        self._lambdas.register(dataclasses.replace(function, environment=variables))
        moto_bridge.connect_function(function.name, self)

    def _access_key(self, function: FunctionConfiguration) -> dict[str, str]:
        """Give the function a key of its own, by which it is held to its role."""
        if self._moto.endpoints:
            return {}  # DynamoDB Local keeps the tables of each access key apart
        key = f"ASIA{function.name}"
        self._moto.permissions.register(key, role_of(function.logical_id, function.role, self.client("iam")))
        return {"AWS_ACCESS_KEY_ID": key}


def quieten() -> None:
    """Silence what moto logs: every request, and the syntax tree of every state that failed."""
    for name, level in (("werkzeug", logging.ERROR), ("moto", logging.CRITICAL), ("botocore", logging.WARNING)):
        logging.getLogger(name).setLevel(level)

"""The embedded AWS: template.yaml deployed into this process and child processes, for as long as it lasts."""

import atexit
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local import moto_bridge, moto_corrections
from local.asynchronous_invocations import AsynchronousInvocations
from local.background import Background
from local.event_delivery import EventDelivery
from local.function_configuration import FunctionConfiguration
from local.http_api import HttpApi
from local.identity import LocalIssuer
from local.lambda_answer import Answer, InvocationType
from local.lambda_service import LambdaService
from local.moto_server import ACCOUNT, CREDENTIALS, MotoServer
from local.process_keeper import ProcessKeeper
from local.resources.creator import Environment
from local.sam_template import load_template
from local.scheduler import Scheduler
from local.stack import Stack

RETRY_WAITS = (1.0, 2.0)
"""Seconds before the retries of an asynchronous invocation; AWS waits as many minutes."""

DATA_TYPES = frozenset(
    {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Events::EventBus", "AWS::SQS::Queue", "AWS::SNS::Topic"}
)
OTHER_DYNAMODB = "AWS_ENDPOINT_URL_DYNAMODB"


class EmbeddedAws:
    """A context manager that deploys `root`/template.yaml on entry and leaves nothing behind on exit.

    parameters: values of the template's parameters; JwtIssuer is a local issuer unless given. log_dir: each function
    logs to `<FunctionName>.log` there; without it the logs go to a folder that is removed at the end. time_scale:
    multiplies the waits between retries, the Wait states and the rate() schedules, for tests. start_functions=False
    creates tables, buckets, buses and queues only. api_port: 0 takes any free port. If AWS_ENDPOINT_URL_DYNAMODB is
    set, the tables live in that engine instead of moto.

    Once entered: `url` (every AWS service), `api_url`, `outputs` of the stack. Nothing is kept when it ends.
    Raises TemplateError for a template that cannot be deployed here. One per process and region.
    """

    def __init__(
        self,
        root: Path,
        parameters: Mapping[str, str] | None = None,
        log_dir: Path | None = None,
        time_scale: float = 1.0,
        start_functions: bool = True,
        api_port: int = 0,
        stack_name: str = "longshore",
        region: str = "eu-west-1",
    ) -> None:
        self.root = root
        self.parameters = dict(parameters or {})
        self.log_dir = log_dir
        self.time_scale = time_scale
        self.start_functions = start_functions
        self.api_port = api_port
        self.stack_name = stack_name
        self.region = region
        self.outputs: dict[str, str] = {}
        self._started = False

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
        moto_corrections.apply(self.time_scale)
        self._temporary = tempfile.TemporaryDirectory(prefix="longshore-logs-") if self.log_dir is None else None
        self.logs = self.log_dir or Path(self._temporary.name if self._temporary else "")
        self.logs.mkdir(parents=True, exist_ok=True)
        other = os.environ.get(OTHER_DYNAMODB)
        self._moto = MotoServer(self.region, {"dynamodb": other, "dynamodbstreams": other} if other else {})
        self.url = self._moto.url
        self._keeper = ProcessKeeper()
        self._background = Background()
        self._lambdas = LambdaService(self.environment(), self.logs, self._keeper)
        self._delivery = EventDelivery(self.client, self._accept, self._background)
        waits = [wait * self.time_scale for wait in RETRY_WAITS]
        self._asynchronous = AsynchronousInvocations(self._lambdas, self._background, self._delivery.send, waits)
        self._scheduler = Scheduler(self._delivery.deliver, ACCOUNT, self.region, self.time_scale)
        self._api = HttpApi(self._lambdas.invoke, ACCOUNT, self.api_port)
        self.api_url = self._api.url
        self._started = True
        atexit.register(self.stop)
        try:
            moto_bridge.connect(self)
            self._deploy()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process and thread of it, and forget all data; doing it twice is fine."""
        if not self._started:
            return
        self._started = False
        atexit.unregister(self.stop)
        moto_bridge.disconnect(self)
        self._scheduler.stop()
        self._background.stop()
        self._lambdas.stop()
        self._api.stop()
        self._keeper.stop()
        self._moto.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

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

    def invoke(self, logical_id: str, event: object) -> tuple[Any, str | None]:
        """Invoke a function and wait: what it returned (or its error object) and None (or "Unhandled")."""
        answer = self._lambdas.invoke(self.function_name(logical_id), json.dumps(event).encode())
        return json.loads(answer.payload or b"null"), answer.function_error

    def idle(self, timeout: float) -> None:
        """Return once nothing is in flight: no delivery, invocation or execution.

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
        counts = {
            "deliveries and asynchronous invocations": self._background.in_flight,
            "invocations": self._lambdas.busy(),
            "executions": len(self._moto.running_executions()),
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
        self._scheduler.start()

    def _register(self, function: FunctionConfiguration) -> None:
        self._lambdas.register(function)
        moto_bridge.connect_function(function.name, self)


def quieten() -> None:
    """Silence what moto logs: every request, and the syntax tree of every state that failed."""
    for name, level in (("werkzeug", logging.ERROR), ("moto", logging.CRITICAL), ("botocore", logging.WARNING)):
        logging.getLogger(name).setLevel(level)

"""moto's server in this process: S3, DynamoDB, Step Functions, EventBridge and the rest on one port."""

import contextlib
import os
import threading
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from werkzeug.serving import make_server

from local.moto_corrections import stepfunctions
from local.permissions import Permissions

ACCOUNT = "123456789012"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local"}


class RequestHandler(MotoRequestHandler):
    """Keeps its log to itself."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Requests are no news."""


class MotoServer:
    """A running moto server for one region.

    moto keeps its state in the process, by region (S3 and IAM by name only), so several may run beside each other as
    long as their regions differ. endpoints: other engines by service, e.g. {"dynamodb": "http://localhost:8000"},
    for the tasks of state machines too.
    """

    def __init__(self, region: str, endpoints: Mapping[str, str]) -> None:
        self.region = region
        self.endpoints = endpoints
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        default_user_config["stepfunctions"]["execute_state_machine"] = True
        os.environ["MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"] = "true"
        self.permissions = Permissions(DomainDispatcherApplication(create_backend_app), ACCOUNT)
        self._server = make_server("127.0.0.1", 0, self.permissions, threaded=True, request_handler=RequestHandler)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.port}"
        stepfunctions.lead_tasks(region, self.url, endpoints)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="moto", daemon=True).start()

    def client(self, service: str) -> Any:
        """A boto3 client of the service, shared by all threads."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = boto3.client(
                    service,  # type: ignore[call-overload]
                    region_name=self.region,
                    endpoint_url=self.endpoints.get(service, self.url),
                    aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                    aws_session_token=CREDENTIALS["AWS_SESSION_TOKEN"],
                    config=Config(max_pool_connections=50, retries={"mode": "standard"}),
                )
            return self._clients[service]

    def running_executions(self) -> list[str]:
        """The ARNs of the state machine executions that have not ended."""
        backend = stepfunctions_parser_backends[ACCOUNT][self.region]
        executions = [execution for machine in list(backend.state_machines) for execution in list(machine.executions)]
        return [execution.execution_arn for execution in executions if execution.status == "RUNNING"]

    def stop(self) -> None:
        """Stop serving and forget the region's state: all but buckets and roles, which moto keeps for all regions."""
        for arn in self.running_executions():
            with contextlib.suppress(Exception):  # it may have ended just now; nobody looks at it again
                stepfunctions_parser_backends[ACCOUNT][self.region].stop_execution(arn)
        self._server.shutdown()
        self._server.server_close()
        for service in list(BackendDict._instances):  # type: ignore[misc]
            for _, region, backend in list(service.iter_backends()):
                if region == self.region:
                    backend.reset()

"""One boto client per service for the tasks of state machines: moto builds one per task, 25 ms each."""

import threading
from typing import Any

import boto3
from botocore.config import Config
from moto.settings import moto_server_port
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSeconds
from moto.stepfunctions.parser.asl.utils import boto_client

from local.moto_corrections.patching import replace_imported

CONNECTIONS = 100
"""Kept per service; more tasks at once than that work too, with connections of their own."""


def apply() -> None:
    """Give every task of a service the same client."""
    clients: dict[tuple[str, str, str], Any] = {}
    lock = threading.Lock()

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        port = moto_server_port()
        with lock:
            if (region, service, port) not in clients:
                clients[region, service, port] = _client(region, service, port)
            return clients[region, service, port]

    replace_imported("moto.stepfunctions.", "boto_client_for", boto_client.boto_client_for, client_for)


def _client(region: str, service: str, port: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="ak",
        aws_secret_access_key="sk",
        config=Config(
            parameter_validation=False,
            retries={"max_attempts": 0, "total_max_attempts": 1},
            connect_timeout=TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS,
            read_timeout=TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS,
            max_pool_connections=CONNECTIONS,
        ),
    )

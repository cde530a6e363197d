"""The clients of the tasks of state machines: one per service, and each leads to the server of its own region.

moto builds one client per task, 25 ms each, and knows one server per process, at the port MOTO_PORT.
"""

import threading
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSeconds
from moto.stepfunctions.parser.asl.utils import boto_client

from local.moto_corrections.patching import replace_imported

CONNECTIONS = 100
"""Kept per service; more tasks at once than that work too, with connections of their own."""
KEY = "local"
"""Access key and secret: DynamoDB Local keeps the tables of each access key apart, so the tasks take everybody's."""

_endpoints: dict[str, tuple[str, Mapping[str, str]]] = {}
"""By region: the URL of its server, and the URLs of those services that are elsewhere."""
_clients: dict[tuple[str, str], Any] = {}
"""By region and service."""
_lock = threading.Lock()


def apply() -> None:
    """Give every task of a service the same client."""
    replace_imported("moto.stepfunctions.", "boto_client_for", boto_client.boto_client_for, client_for)


def lead_tasks(region: str, server: str, elsewhere: Mapping[str, str]) -> None:
    """Have the tasks of a region's state machines call this server from now on, until the region gets another one.

    elsewhere: the URLs of other engines by service, e.g. {"dynamodb": "http://localhost:8000"}.
    """
    with _lock:
        _endpoints[region] = (server, elsewhere)
        for service in [service for known, service in _clients if known == region]:
            del _clients[region, service]


def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    """The client that a task takes; raises LookupError for a region without a server."""
    with _lock:
        if (region, service) not in _clients:
            server, elsewhere = _endpoints[region]
            _clients[region, service] = _client(region, service, elsewhere.get(service, server))
        return _clients[region, service]


def _client(region: str, service: str, endpoint: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        config=Config(
            parameter_validation=False,
            retries={"max_attempts": 0, "total_max_attempts": 1},
            connect_timeout=TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS,
            read_timeout=TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS,
            max_pool_connections=CONNECTIONS,
        ),
    )

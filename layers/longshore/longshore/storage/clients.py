"""The boto3 clients, each made once and at first use: making one costs 0.02 to 0.1 s of a cold start.

Three attempts of at most 2 s to connect and 5 s to answer, with pauses of up to 1 and 2 s between them, are over after
24 s: a call that began before a claim's deadline has ended before the 30 s of grace have (domain.locks.GRACE_MS). The
endpoint comes from AWS_ENDPOINT_URL_<SERVICE> or AWS_ENDPOINT_URL where they are set (AWS SDKs and tools reference
guide, "Service-specific endpoints").
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from botocore.config import Config

from longshore.storage.service_models import session

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_stepfunctions import SFNClient

ATTEMPTS = 3
CONNECT_TIMEOUT = 2
"""Seconds."""
READ_TIMEOUT = 5
"""Seconds; the default of 60 is a whole batch timeout."""

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    connect_timeout=CONNECT_TIMEOUT,
    read_timeout=READ_TIMEOUT,
)


@cache
def _session() -> "boto3.Session":
    return session()


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client; unchecked parameters triple the rows it can write in a second."""
    client = _session().client("dynamodb", config=CONFIG.merge(Config(parameter_validation=False)))
    on = client.meta.events.register
    on("provide-client-params.dynamodb.BatchExecuteStatement", _set_statements_aside)  # type: ignore[arg-type]
    on("before-call.dynamodb.BatchExecuteStatement", _write_body)
    return client


def _set_statements_aside(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> dict[str, Any]:
    """Keep the statements of a batch from botocore's serializer, which costs more CPU than all else that a row needs.

    It walks every value along the service model, only to give back what it was given: attribute values are already the
    JSON that goes over the wire, as long as none is binary. `_write_body` puts them in again.
    """
    context["longshore.statements"] = params["Statements"]
    return {**params, "Statements": []}


def _write_body(params: dict[str, Any], context: Mapping[str, Any], **_: object) -> None:
    """Write the request's body with orjson, before it is signed and for all tries of the SDK alike."""
    body = {**orjson.loads(params["body"]), "Statements": context["longshore.statements"]}
    params["body"] = orjson.dumps(body)


@cache
def s3() -> "S3Client":
    """Return the S3 client.

    SigV4 and the virtual style make its presigned links name the region's own endpoint: one that names the global
    endpoint is redirected (307) for a new bucket outside us-east-1, and a POST from a browser fails there.
    """
    presigned = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return _session().client("s3", config=CONFIG.merge(presigned))


@cache
def events() -> "EventBridgeClient":
    """Return the EventBridge client."""
    return _session().client("events", config=CONFIG)


@cache
def stepfunctions() -> "SFNClient":
    """Return the Step Functions client."""
    return _session().client("stepfunctions", config=CONFIG)


@cache
def lambda_() -> "LambdaClient":
    """Return the Lambda client."""
    return _session().client("lambda", config=CONFIG)


@cache
def lambda_within(seconds: int) -> "LambdaClient":
    """Return a Lambda client that waits so many seconds for an answer, and sends nothing twice by itself."""
    once = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=seconds, tcp_keepalive=True)
    return _session().client("lambda", config=CONFIG.merge(once))


@cache
def scheduler() -> "EventBridgeSchedulerClient":
    """Return the EventBridge Scheduler client."""
    return _session().client("scheduler", config=CONFIG)

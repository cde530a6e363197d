"""The client's CPU time per written row, with the network taken away: five ways to make the same request,
and the one that LoadBatch uses.

Botocore is the largest CPU cost of the pipeline (design section 12), so what it does with a row decides how many rows
one worker writes. A handler of the public `before-send` event answers every request at once; all the rest, signing
included, is as in production. Each way begins with a domain Record and ends with the parsed answer.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import orjson
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config

from longshore.domain.records import Record, Write, WriteKind, WriteOutcome
from longshore.storage import clients
from longshore.storage.records import RecordStore
from tests.benchmarks.figures import Figure
from tests.benchmarks.sample_records import insert, item, records

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "records"
BATCH = 25
ROWS = 3_000
ROUNDS = 4
NOWHERE: dict[str, Any] = {
    "region_name": "eu-west-1",
    "endpoint_url": "http://127.0.0.1:9",
    "aws_access_key_id": "local",
    "aws_secret_access_key": "local",
}
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}
EMPTY_ANSWER: dict[str, Any] = {
    "BatchWriteItem": {"UnprocessedItems": {}},
    "BatchExecuteStatement": {"Responses": [{"TableName": TABLE}] * BATCH},
    "PutItem": {},
}


class StubbedBody:
    """The raw body of a response that never was on a wire."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]

    def read(self, *_: object) -> bytes:
        content, self._content = self._content, b""
        return content

    def close(self) -> None:
        """There is no connection to give back."""


def answer_at_once(client: "DynamoDBClient") -> None:
    """Answer every request of the client with success, without a network."""
    bodies = {name: json.dumps(answer).encode() for name, answer in EMPTY_ANSWER.items()}

    def answer(request: AWSRequest, event_name: str, **_: object) -> AWSResponse:
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, StubbedBody(bodies[event_name.rsplit(".", 1)[1]]))

    client.meta.events.register("before-send.dynamodb", answer)


def plain_client(**config: Any) -> "DynamoDBClient":
    """Return a client that never meets the network."""
    client = boto3.client("dynamodb", config=Config(**config), **NOWHERE)
    answer_at_once(client)
    return client


def orjson_client() -> "DynamoDBClient":
    """Return a client whose request body is written by orjson instead of by botocore's serializer.

    Both events are public: the first sets the statements aside, the second puts them into the body.
    """
    client = plain_client(parameter_validation=False)

    def set_aside(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> dict[str, Any]:
        context["statements"] = params["Statements"]
        return {"Statements": []}

    def put_in(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        params["body"] = orjson.dumps({"Statements": context["statements"]})

    client.meta.events.register("provide-client-params.dynamodb.BatchExecuteStatement", set_aside)
    client.meta.events.register("before-call.dynamodb.BatchExecuteStatement", put_in)
    return client


def batch_writer(rows: Sequence[Record]) -> Callable[[], None]:
    """Return the usual way of boto3's resource, which knows no conditions."""
    table = boto3.resource("dynamodb", **NOWHERE).Table(TABLE)
    answer_at_once(table.meta.client)

    def write() -> None:
        with table.batch_writer() as batch:
            for r in rows:
                stamps = {"rev": r.rev, "token": r.token, "created_at": r.created_at, "updated_at": r.updated_at}
                batch.put_item(Item={"pk": r.key, "data": dict(r.data), **stamps})

    return write


def put_item_each(rows: Sequence[Record]) -> Callable[[], None]:
    """Return one conditional PutItem per row."""
    client = plain_client()

    def write() -> None:
        for r in rows:
            client.put_item(TableName=TABLE, Item=item(r), ConditionExpression="attribute_not_exists(pk)")

    return write


def statements(client: "DynamoDBClient") -> Callable[[Sequence[Record]], Callable[[], None]]:
    """Return the way of BatchExecuteStatement with this client."""

    def way(rows: Sequence[Record]) -> Callable[[], None]:
        def write() -> None:
            for start in range(0, len(rows), BATCH):
                client.batch_execute_statement(Statements=[insert(TABLE, r) for r in rows[start : start + BATCH]])

        return write

    return way


def record_store(rows: Sequence[Record]) -> Callable[[], None]:
    """Return what LoadBatch calls, with the client that it has in production."""
    with mock.patch.dict(os.environ, ENVIRONMENT):
        client = clients.dynamodb.__wrapped__()
    answer_at_once(client)
    store = RecordStore(client, TABLE, lambda: datetime.now(UTC))
    writes = [Write(WriteKind.INSERT, row) for row in rows]

    def write() -> None:
        if set(store.write(writes, until=sys.maxsize)) != {WriteOutcome.DONE}:
            raise AssertionError("a stubbed write was not done")

    return write


def cpu_seconds(write: Callable[[], None]) -> float:
    """Return the CPU time of this process that it takes."""
    started = time.process_time()
    write()
    return time.process_time() - started


def measure() -> list[Figure]:
    """Return CPU microseconds per row of each way, the best of rounds in which they take turns, and their ratios."""
    rows = list(records(ROWS))
    ways = {
        "batch_writer": batch_writer(rows),
        "put_item": put_item_each(rows),
        "statements": statements(plain_client())(rows),
        "statements_unvalidated": statements(plain_client(parameter_validation=False))(rows),
        "statements_orjson": statements(orjson_client())(rows),
        "record_store": record_store(rows),
    }
    rounds = [{name: cpu_seconds(write) for name, write in ways.items()} for _ in range(ROUNDS)]
    cost = {name: min(one[name] for one in rounds) / ROWS * 1e6 for name in ways}
    targets = {"statements_orjson": ">= 3", "record_store": ">= 3"}
    return [Figure(f"client_cost.{name}", value, "CPU us/row") for name, value in cost.items()] + [
        Figure(f"client_cost.{name}.speed", cost["batch_writer"] / value, "x batch_writer", targets.get(name, ""))
        for name, value in cost.items()
        if name != "batch_writer"
    ]

"""Counts every request that reaches the embedded AWS: who made it, what it was, and what DynamoDB charges for it.

It stands in front of moto's application, in the process of the embedded AWS, where it sees both the wire and the items
as they are before and after a call. The caller is known by the X-Amzn-Trace-Id that the SDK sends along in Lambda.
"""

import io
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self
from unittest import mock
from urllib.parse import parse_qs

import orjson
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

from local.embedded_aws import EmbeddedAws
from local.moto_corrections.dynamodb.sizes import item_size
from local.moto_server import ACCOUNT
from tests.benchmarks import requests_read
from tests.benchmarks.capacity import Entry, index_units, read_units, write_units

SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
TRACE = re.compile(r"Root=([^;]+)")
BENCHMARK = "longshore-benchmark"
"""The application id of the benchmark's own clients, which are left out, uploads excepted."""
STATE_MACHINE = "RunImport"

Environ = dict[str, Any]
Application = Callable[..., Iterable[bytes]]


@dataclass
class Call:
    """One request. Units are by table, an index's after a dot; `targets` are the tables or the bucket it names."""

    caller: str
    service: str
    operation: str
    targets: tuple[str, ...] = ()
    write_units: Counter[str] = field(default_factory=Counter)
    read_units: Counter[str] = field(default_factory=Counter)
    events: int = 0


class Meter:
    """A context manager around the life of an embedded AWS; connect() leads it to that."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._transitions = 0
        self._lock = threading.Lock()
        self._aws: EmbeddedAws | None = None

    def __enter__(self) -> Self:
        answer, publish = DomainDispatcherApplication.__call__, EventManager._publish_history_event
        meter = self

        def metered(application: DomainDispatcherApplication, environ: Environ, start_response: Any) -> Iterable[bytes]:
            return meter._count(lambda *request: answer(application, *request), environ, start_response)

        def counted(manager: EventManager, event_type: HistoryEventType, **options: Any) -> None:
            meter._count_event(event_type.value)
            publish(manager, event_type=event_type, **options)

        self._patches = (
            mock.patch.object(DomainDispatcherApplication, "__call__", metered),
            mock.patch.object(EventManager, "_publish_history_event", counted),
        )
        for patch in self._patches:
            patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        for patch in self._patches:
            patch.stop()

    def connect(self, aws: EmbeddedAws) -> None:
        """Count the requests to this embedded AWS from now on."""
        self._names = {
            name: logical.removesuffix("Table").removesuffix("Bucket") for logical, name in aws.outputs.items()
        }
        self._aws = aws

    def taken(self) -> tuple[list[Call], int]:
        """Return the calls and the state transitions since the last time, and begin anew."""
        with self._lock:
            calls, transitions = self._calls, self._transitions
            self._calls, self._transitions = [], 0
        return calls, transitions

    def _count_event(self, event_type: str) -> None:
        """Count a state transition: each state that is entered, in children too (AWS Step Functions pricing).

        A retry is one as well; it schedules its task again without entering the state.
        """
        step = {"TaskStateEntered": 0, "TaskScheduled": 1}.get(event_type, int(event_type.endswith("StateEntered")))
        with self._lock:
            self._transitions += step

    def _count(self, answer: Application, environ: Environ, start_response: Any) -> Iterable[bytes]:
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if self._aws is None or scope is None:
            return answer(environ, start_response)
        call = Call(self._caller(environ), scope[1], "")
        if call.service == "dynamodb":
            response = self._count_dynamodb(call, answer, environ, start_response)
        else:
            self._name(call, environ)
            response = answer(environ, start_response)
        with self._lock:
            self._calls.append(call)
        return response

    def _caller(self, environ: Environ) -> str:
        trace = TRACE.search(environ.get("HTTP_X_AMZN_TRACE_ID", ""))
        process = self._aws.process(trace[1]) if self._aws and trace else None
        if process is not None:
            return process.function.logical_id.removesuffix("Function")
        return BENCHMARK if BENCHMARK in environ.get("HTTP_USER_AGENT", "") else STATE_MACHINE

    def _name_of(self, physical: str) -> str:
        return self._names.get(physical, physical)

    def _name(self, call: Call, environ: Environ) -> None:
        target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        call.operation = target or environ["REQUEST_METHOD"]
        if call.service == "s3":
            bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
            call.targets = (self._name_of(bucket),)
            call.operation = s3_operation(environ["REQUEST_METHOD"], key, environ.get("QUERY_STRING", ""))
        elif target == "PutEvents":
            call.events = len(orjson.loads(body_of(environ))["Entries"])

    def _count_dynamodb(self, call: Call, answer: Application, environ: Environ, start_response: Any) -> list[bytes]:
        call.operation = environ["HTTP_X_AMZ_TARGET"].rpartition(".")[2]
        body = orjson.loads(body_of(environ))
        writes = [(touched, self._state(touched)) for touched in requests_read.written(call.operation, body)]
        reads = list(requests_read.read(call.operation, body))
        for touched in reads:
            size = self._state(touched).size
            units = read_units(size, touched.consistent, touched.transactional)
            call.read_units[self._name_of(touched.table)] += units  # type: ignore[assignment]
        if call.operation in ("Query", "Scan"):
            self._count_query(call, answer, environ, body)
        response = list(answer(environ, start_response))
        for touched, before in writes:
            self._charge(call, touched, before, self._state(touched))
        call.targets = tuple(sorted({name.partition(".")[0] for name in [*call.write_units, *call.read_units]}))
        return response

    def _count_query(self, call: Call, answer: Application, environ: Environ, body: requests_read.Json) -> None:
        """Ask for the whole items first, without being counted, and charge what was read."""
        asked = orjson.dumps(requests_read.whole_items(body))
        request = {**environ, "wsgi.input": io.BytesIO(asked), "CONTENT_LENGTH": str(len(asked))}
        found = orjson.loads(b"".join(answer(request, lambda *_: None)))
        size = sum(item_size({name: DynamoType(value) for name, value in item.items()}) for item in found["Items"])
        table = self._name_of(body["TableName"])
        units = read_units(size, bool(body.get("ConsistentRead")))
        call.read_units[f"{table}.{body['IndexName']}" if "IndexName" in body else table] += units  # type: ignore[assignment]

    def _charge(self, call: Call, touched: requests_read.Touched, before: "State", after: "State") -> None:
        name = self._name_of(touched.table)
        call.write_units[name] += write_units(before.size, after.size, touched.transactional)
        for index, keys in before.indexes.items():
            units = index_units(before.entries.get(index), after.entries.get(index), keys)
            if units:
                call.write_units[f"{name}.{index}"] += units

    def _state(self, touched: requests_read.Touched) -> "State":
        assert self._aws is not None
        table: Table = dynamodb_backends[ACCOUNT][self._aws.region].tables[touched.table]
        keys = [DynamoType(touched.item[name]) for name in (table.hash_key_attr, table.range_key_attr) if name]
        return State(table, table.get_item(*keys))


class State:
    """One item at one time: its size and its entries in the indexes of its table."""

    def __init__(self, table: Table, item: Item | None) -> None:
        self.size = item_size(item.attrs) if item else 0
        self.indexes = {index.name: tuple(index.schema_key_attrs) for index in table.global_indexes}
        self.entries: dict[str, tuple[Entry, int]] = {}
        for index in table.global_indexes:
            if item and all(name in item.attrs for name in index.schema_key_attrs):
                kept = index.project(item).attrs
                self.entries[index.name] = (
                    {name: value.to_regular_json() for name, value in kept.items()},
                    item_size(kept),
                )


def body_of(environ: Environ) -> bytes:
    """Return the body of a request, and leave it there for the next reader."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def s3_operation(method: str, key: str, query: str) -> str:
    """Return the name of an S3 operation, of those that Longshore uses."""
    asked = parse_qs(query, keep_blank_values=True)
    if not key:
        return "ListObjectVersions" if "versions" in asked else "ListObjects"
    if "uploads" in asked:
        return "CreateMultipartUpload"
    if "uploadId" in asked:
        return {"PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}[method]
    return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}.get(method, method)

"""Which IAM actions on which resources a request to AWS asks for; for the services that the functions call.

Source: Service Authorization Reference, "Actions, resources, and condition keys" of each service.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson

PARTIQL = {"INSERT": "PartiQLInsert", "UPDATE": "PartiQLUpdate", "DELETE": "PartiQLDelete", "SELECT": "PartiQLSelect"}
STATEMENT = re.compile(r'\s*(INSERT|UPDATE|DELETE|SELECT)\b[^"]*"([^"]+)"', re.IGNORECASE)
TRANSACTED = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
SCHEDULER = {"POST": "CreateSchedule", "PUT": "UpdateSchedule", "DELETE": "DeleteSchedule", "GET": "GetSchedule"}

Asked = tuple[str, str]
"""An action such as "dynamodb:PutItem", and the ARN that it is asked for."""


@dataclass(frozen=True)
class Request:
    """A request as it reached the embedded AWS; `target` is its X-Amz-Target header, `path` is still quoted."""

    service: str
    method: str
    path: str
    query: str
    target: str
    body: bytes
    region: str
    account: str

    def arn(self, resource: str, service: str = "") -> str:
        """Return an ARN of this request's region and account."""
        return f"arn:aws:{service or self.service}:{self.region}:{self.account}:{resource}"


def asked_for(request: Request) -> list[Asked]:
    """Return every permission that a request needs; raises KeyError for a service that no function calls so far."""
    return sorted(set(READERS[request.service](request)))


def _dynamodb(request: Request) -> Iterator[Asked]:
    operation = request.target.rsplit(".", 1)[-1]
    body = orjson.loads(request.body)
    match operation:
        case "BatchGetItem" | "BatchWriteItem":
            yield from ((f"dynamodb:{operation}", _table(request, name)) for name in body["RequestItems"])
        case "TransactWriteItems" | "TransactGetItems":
            for item in body["TransactItems"]:
                ((kind, arguments),) = item.items()
                yield f"dynamodb:{TRANSACTED.get(kind, 'GetItem')}", _table(request, arguments["TableName"])
        case "BatchExecuteStatement":
            yield from (_statement(request, statement["Statement"]) for statement in body["Statements"])
        case "ExecuteStatement":
            yield _statement(request, body["Statement"])
        case _:
            yield f"dynamodb:{operation}", _table(request, body["TableName"], body.get("IndexName"))


def _table(request: Request, name: str, index: str | None = None) -> str:
    table = name if name.startswith("arn:") else request.arn(f"table/{name}")
    return f"{table}/index/{index}" if index else table


def _statement(request: Request, text: str) -> Asked:
    found = STATEMENT.match(text)
    if found is None:
        raise KeyError(f"no PartiQL statement of a table: {text[:80]}")
    return f"dynamodb:{PARTIQL[found[1].upper()]}", _table(request, found[2])


def _s3(request: Request) -> Iterator[Asked]:
    bucket, _, key = unquote(request.path).lstrip("/").partition("/")
    query = parse_qs(request.query, keep_blank_values=True)
    if not key:
        yield "s3:ListBucketVersions" if "versions" in query else "s3:ListBucket", f"arn:aws:s3:::{bucket}"
        return
    match request.method:
        case "GET" | "HEAD":
            action = "GetObjectVersion" if "versionId" in query else "GetObject"
        case "DELETE":
            action = "AbortMultipartUpload" if "uploadId" in query else "DeleteObject"
        case _:
            action = "PutObject"
    yield f"s3:{action}", f"arn:aws:s3:::{bucket}/{key}"


def _states(request: Request) -> Iterator[Asked]:
    body: Mapping[str, Any] = orjson.loads(request.body)
    arn = next(body[name] for name in ("executionArn", "stateMachineArn") if name in body)
    yield f"states:{request.target.rsplit('.', 1)[-1]}", arn


def _events(request: Request) -> Iterator[Asked]:
    for entry in orjson.loads(request.body)["Entries"]:
        bus = entry.get("EventBusName", "default")
        yield "events:PutEvents", bus if bus.startswith("arn:") else request.arn(f"event-bus/{bus}")


def _lambda(request: Request) -> Iterator[Asked]:
    name = unquote(request.path).split("/")[3]
    yield "lambda:InvokeFunction", name if name.startswith("arn:") else request.arn(f"function:{name}")


def _scheduler(request: Request) -> Iterator[Asked]:
    name = unquote(request.path).rsplit("/", 1)[-1]
    query = parse_qs(request.query)
    group = query["groupName"][0] if "groupName" in query else orjson.loads(request.body or b"{}").get("GroupName")
    yield f"scheduler:{SCHEDULER[request.method]}", request.arn(f"schedule/{group or 'default'}/{name}")


READERS = {
    "dynamodb": _dynamodb,
    "s3": _s3,
    "states": _states,
    "events": _events,
    "lambda": _lambda,
    "scheduler": _scheduler,
}

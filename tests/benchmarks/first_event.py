"""A whole first event of ValidateUpload in this process: a file of two rows, and AWS's answers are at hand.

What one_cold_start counts up to the last adapter says nothing of what an adapter puts off until it is used: an import,
a client of its own. Here it has to pay.
"""

import io
import json
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

EVENT = {
    "id": "1",
    "time": "2026-11-01T00:00:00Z",
    "detail": {
        "bucket": {"name": "uploads-bucket"},
        "object": {"key": "demo/student/a.csv", "size": 9, "etag": "e", "version-id": "v"},
    },
}


class Context:
    """Lambda's context of the call."""

    aws_request_id = function_name = "first"

    def get_remaining_time_in_millis(self) -> int:
        """Return a minute."""
        return 60_000


class Body(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, *_: object, **__: object) -> list[bytes]:
        """Return all of it."""
        return [self.read()]


def call(handler: Handler, template: dict[str, Any]) -> list[str]:
    """Let the handler have its first event; return the calls that it made to AWS."""
    calls: list[str] = []
    items = {  # of the Catalog table, by sort key
        "student": {"version": {"N": "1"}},
        "000001": {"document": {"S": json.dumps(template)}},
    }

    def send(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        operation = request.headers.get("X-Amz-Target", b"").rpartition(b".")[2].decode() or request.method
        calls.append(operation)
        body = _answer(operation, request.body, items)
        return AWSResponse(request.url, 200, {"ETag": '"e"', "Content-Length": str(len(body))}, Body(body))

    URLLib3Session.send = send  # type: ignore[method-assign]  # the process ends with the event
    handler(EVENT, Context())
    return calls


def _answer(operation: str, body: Any, items: dict[str, Any]) -> bytes:
    if operation == "GET":
        return b"id\n1\n2\n"
    if operation == "PUT":
        return b""
    answers: dict[str, Any] = {"BatchWriteItem": {"UnprocessedItems": {}}, "PutEvents": {"FailedEntryCount": 0}}
    if operation == "GetItem":
        item = items.get(json.loads(body)["Key"]["sk"]["S"])
        return json.dumps({"Item": item} if item else {}).encode()
    return json.dumps(answers.get(operation, {})).encode()

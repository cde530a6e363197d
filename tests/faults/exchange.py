"""One AWS call on its way through the fault proxy, and the reply to it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import HTTPMessage
from typing import Any

SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
TRACE = re.compile(r"Root=([^;]+)")
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "expect", "content-length"})

STATUS = {"InternalServerError": 500, "InternalError": 500, "SlowDown": 503, "ServiceUnavailable": 503}
"""HTTP status of an error code; 400 for all others."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """A request as the SDK sent it."""

    method: str
    path: str
    headers: HTTPMessage
    body: bytes

    @property
    def trace_id(self) -> str:
        """The invocation that made the call."""
        found = TRACE.search(self.headers.get("X-Amzn-Trace-Id", ""))
        return found[1] if found else ""

    @property
    def service(self) -> str:
        """The service as the signature names it: dynamodb, s3, states, events, lambda."""
        found = SCOPE.search(self.headers.get("Authorization", ""))
        return found[1] if found else ""

    @property
    def operation(self) -> str:
        """The operation of a JSON protocol, else method and path."""
        target = self.headers.get("X-Amz-Target", "")
        return target.rpartition(".")[2] or f"{self.method} {self.path}"

    def document(self) -> Any:
        """The body of a JSON protocol."""
        return json.loads(self.body)

    def with_document(self, document: Any) -> "Request":
        """The same request with another body."""
        return replace(self, body=json.dumps(document).encode())

    def headers_to_forward(self) -> Headers:
        """What the next server is told; the length is that of the body as it is now."""
        kept = [(name, value) for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP]
        return [*kept, ("Content-Length", str(len(self.body)))]


@dataclass(frozen=True)
class Reply:
    """What the SDK is answered."""

    status: int
    headers: Headers
    body: bytes

    def document(self) -> Any:
        """The body of a JSON protocol."""
        return json.loads(self.body)

    def with_document(self, document: Any) -> "Reply":
        """The same reply with another body; without the checksum of the former one."""
        kept = [(name, value) for name, value in self.headers if name.lower() != "x-amz-crc32"]
        return Reply(self.status, kept, json.dumps(document).encode())


@dataclass(frozen=True)
class Exchange:
    """A call that a fault may strike. forward() has AWS carry a request out; signal() reaches the calling process."""

    request: Request
    forward: Callable[[Request], Reply]
    signal: Callable[[int], None]


def error_reply(service: str, code: str) -> Reply:
    """An error of the service, in its own protocol."""
    status = STATUS.get(code, 400)
    if service == "s3":
        body = f"<Error><Code>{code}</Code><Message>a fault of the test</Message></Error>"
        return Reply(status, [("Content-Type", "application/xml")], body.encode())
    document = {"__type": f"com.amazonaws.{service}#{code}", "message": "a fault of the test"}
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-ErrorType", code)]
    return Reply(status, headers, json.dumps(document).encode())

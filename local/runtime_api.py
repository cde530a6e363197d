"""The Lambda Runtime API of one execution environment.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. The real runtime client (awslambdaric) in the
environment's process asks `next` for an event and posts its response or its error.
"""

import queue
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

LARGEST_RESPONSE = 6 * 1024 * 1024 + 100
"""Bytes; https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, with the leeway that Lambda
grants."""


def new_trace_id() -> str:
    """An X-Ray trace id: its version, the time in seconds, 96 random bits."""
    return f"1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"


@dataclass(frozen=True)
class Invocation:
    """One event for a function; the SDK sends `trace_id` along with every AWS call that the function makes."""

    request_id: str
    body: bytes
    client_context: bytes | None = None
    trace_id: str = field(default_factory=new_trace_id)


@dataclass(frozen=True)
class Report:
    """What the process told, or what became of it.

    started: the event was handed over (the deadline runs from here). response, error, init_error: `body` is JSON.
    exit: `status` is the exit status, negative for a signal.
    """

    kind: Literal["started", "response", "error", "init_error", "too_large", "exit"]
    body: bytes = b""
    status: int = 0


class RuntimeApi:
    """An HTTP server on a port of 127.0.0.1 for exactly one process; `reports` is what came of each invocation."""

    def __init__(self, function_arn: str, timeout: float) -> None:
        self.function_arn = function_arn
        self.timeout = timeout
        self.reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._invocations: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._server = Server(("127.0.0.1", 0), RuntimeRequest)
        self._server.runtime_api = self
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(5,), name="runtime-api", daemon=True).start()

    def offer(self, invocation: Invocation) -> None:
        """Have the process take this event next."""
        self._invocations.put(invocation)

    def take(self) -> tuple[Invocation, float] | None:
        """Wait for an event; return it with its deadline (epoch seconds), or None once this API is closed.

        The deadline starts here, when the runtime has asked for the event: a cold start is not charged to the function.
        """
        invocation = self._invocations.get()
        if invocation is None:
            return None
        deadline = time.time() + self.timeout
        self.reports.put(Report("started"))
        return invocation, deadline

    def close(self) -> None:
        """Stop serving; a request that waits for an event is answered with an error."""
        self._invocations.put(None)
        # shutdown() waits for the poll of serve_forever; nobody needs to wait with it.
        threading.Thread(target=self._shut_down, name="runtime-api-close", daemon=True).start()

    def _shut_down(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Server(ThreadingHTTPServer):
    """The server, knowing whose requests it serves."""

    daemon_threads = True
    runtime_api: RuntimeApi

    def handle_error(self, request: object, client_address: object) -> None:
        """A process that was killed leaves a broken connection behind; that is no news."""


class RuntimeRequest(BaseHTTPRequestHandler):
    """One connection of the runtime client."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:
        """Requests of the runtime client are no news."""

    def do_GET(self) -> None:
        """`/runtime/invocation/next`: wait for an event."""
        taken = self.server.runtime_api.take()
        if taken is None:
            self.close_connection = True
            return self._answer(500, b"{}", {})
        invocation, deadline = taken
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.server.runtime_api.function_arn,
            "Lambda-Runtime-Trace-Id": f"Root={invocation.trace_id};Sampled=0",
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context.decode()
        return self._answer(200, invocation.body, headers)

    def do_POST(self) -> None:
        """`…/response`, `…/error` of an invocation, or `/runtime/init/error`."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/response") and len(body) > LARGEST_RESPONSE:
            self._answer(413, b'{"errorType":"RequestEntityTooLarge"}', {})
            return self.server.runtime_api.reports.put(Report("too_large"))
        self._answer(202, b'{"status":"OK"}', {})
        if "/init/" in self.path:
            return self.server.runtime_api.reports.put(Report("init_error", body))
        kind: Literal["response", "error"] = "response" if self.path.endswith("/response") else "error"
        return self.server.runtime_api.reports.put(Report(kind, body))

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

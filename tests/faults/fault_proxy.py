"""A reverse proxy between the function processes and the embedded AWS: counts AWS calls and lets one fault strike.

The processes reach it as their AWS_ENDPOINT_URL. It knows whose call it is by the X-Amzn-Trace-Id that the SDK sends
along in Lambda, so invocations under watch may run beside each other.
"""

import http.client
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from exchange import HOP_BY_HOP, Exchange, Reply, Request
from fault_kinds import Fault

from local.embedded_aws import EmbeddedAws
from local.runtime_api import new_trace_id


@dataclass(frozen=True)
class Call:
    """One AWS call, counted from 1; a try of the SDK is a call of its own."""

    number: int
    service: str
    operation: str


@dataclass
class Watched:
    """What an armed proxy sees: the calls since, and whether the fault has struck.

    function: a logical id; watches every invocation of that function that begins while it is armed. Else only the
    invocation made with `trace_id`.
    """

    fault: Fault | None = None
    function: str = ""
    trace_id: str = field(default_factory=new_trace_id)
    calls: list[Call] = field(default_factory=list)
    struck: threading.Event = field(default_factory=threading.Event)

    def strikes(self) -> bool:
        """Whether the fault strikes the latest call."""
        if self.fault is None or not self.calls[-1].operation.startswith(self.fault.on):
            return False
        return self.fault.strikes(sum(call.operation.startswith(self.fault.on) for call in self.calls))


class FaultProxy:
    """A context manager; connect() leads it to an embedded AWS, arm() puts a fault in."""

    def __init__(self) -> None:
        self._server = Server(("127.0.0.1", 0), Connection)
        self._server.carry = self._carry
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.variables = {"AWS_ENDPOINT_URL": self.url, "AWS_ENDPOINT_URL_DYNAMODB": self.url}
        self._watched: list[Watched] = []
        self._under_way = 0
        self._counting = threading.Lock()

    def __enter__(self) -> "FaultProxy":
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="fault-proxy", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def connect(self, aws: EmbeddedAws) -> None:
        """Forward to this embedded AWS, whose functions were given `variables`."""
        self._aws = aws
        self._server.upstreams = {
            name: urlsplit(url).netloc for name, url in aws.environment().items() if name.startswith("AWS_ENDPOINT_URL")
        }

    def arm(self, fault: Fault | None = None, function: str = "") -> Watched:
        """Count calls from now on and let `fault` strike; invoke the function with the `trace_id` of the answer."""
        watched = Watched(fault, function)
        with self._counting:
            self._watched.append(watched)
        return watched

    def disarm(self, watched: Watched) -> None:
        """Watch no longer."""
        with self._counting:
            self._watched.remove(watched)

    @property
    def at_rest(self) -> bool:
        """Whether no call is under way."""
        with self._counting:
            return self._under_way == 0

    def _carry(self, request: Request, forward: Callable[[Request], Reply]) -> Reply | None:
        with self._counting:
            self._under_way += 1
        try:
            for fault in self._strikes(request):
                return fault.strike(Exchange(request, forward, lambda number: self._signal(request, number)))
            return forward(request)
        finally:
            with self._counting:
                self._under_way -= 1

    def _strikes(self, request: Request) -> list[Fault]:
        """Count the call for all who watch it; return the faults that strike it."""
        process = self._aws.process(request.trace_id)
        function = process.function.logical_id if process else ""
        found = []
        with self._counting:
            for watched in self._watched:
                if request.trace_id == watched.trace_id or (function and function == watched.function):
                    watched.calls.append(Call(len(watched.calls) + 1, request.service, request.operation))
                    if watched.strikes():
                        watched.struck.set()
                        found.append(watched.fault)
        return found

    def _signal(self, request: Request, number: int) -> None:
        process = self._aws.process(request.trace_id)
        assert process is not None, f"no process handles {request.trace_id}"
        process.signal(number)


class Server(ThreadingHTTPServer):
    """The listening half."""

    daemon_threads = True
    request_queue_size = 128
    carry: Callable[[Request, Callable[[Request], Reply]], Reply | None]
    upstreams: dict[str, str]

    def handle_error(self, request: object, client_address: object) -> None:
        """A process that was killed leaves a broken connection behind; that is what this is for."""


class Connection(BaseHTTPRequestHandler):
    """One kept-alive connection of a function process, and those of its own to what lies behind."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self._behind: dict[str, http.client.HTTPConnection] = {}

    def finish(self) -> None:
        for connection in self._behind.values():
            connection.close()
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Calls are recorded by who watches them."""

    def handle_expect_100(self) -> bool:
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        reply = self.server.carry(request, self._forward)
        if reply is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._answer(reply)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST

    def _forward(self, request: Request) -> Reply:
        upstreams = self.server.upstreams
        address = upstreams.get(f"AWS_ENDPOINT_URL_{request.service.upper()}", upstreams["AWS_ENDPOINT_URL"])
        if address not in self._behind:
            self._behind[address] = http.client.HTTPConnection(address)
        behind = self._behind[address]
        behind.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers_to_forward():
            behind.putheader(name, value)
        behind.endheaders(request.body)
        answer = behind.getresponse()
        return Reply(answer.status, answer.getheaders(), answer.read())

    def _answer(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        length = dict(reply.headers).get("Content-Length", "0") if self.command == "HEAD" else str(len(reply.body))
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()

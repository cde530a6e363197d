"""The front of the HTTP API: routes, token check, integration timeout and CORS as API Gateway has them."""

import json
import queue
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.http_event import HttpRequest, HttpResponse, build_event, message, read_answer
from local.http_routes import HttpApiDefinition
from local.lambda_answer import Answer, Throttled
from local.token_check import Forbidden, TokenCheck, Unauthorized

INTEGRATION_TIMEOUT = 30.0
LARGEST_BODY = 10 * 1024 * 1024
"""Seconds and bytes; https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html."""

InvokeFunction = Callable[[str, bytes], Answer]


class HttpApi:
    """Serves an API on `port` of 127.0.0.1 (0: any free one) from construction on; `definition` may follow later.

    invoke(function_name, body) -> Answer. pages: fixed JSON documents by path, served before any route.
    """

    def __init__(self, invoke: InvokeFunction, account: str, port: int = 0) -> None:
        self.invoke = invoke
        self.account = account
        self.definition = HttpApiDefinition()
        self.pages: Mapping[str, bytes] = {}
        self.tokens = TokenCheck()
        self.integration_timeout = INTEGRATION_TIMEOUT
        self._server = Front(("127.0.0.1", port), FrontRequest)
        self._server.api = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="http-api", daemon=True).start()

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The response to a request, CORS headers included."""
        cors, origin = self.definition.cors, request.headers.get("Origin")
        if not cors or not origin:
            return self.respond(request)
        if request.method == "OPTIONS" and request.headers.get("Access-Control-Request-Method"):
            return HttpResponse(204, b"", cors_headers(cors, origin, preflight=True))
        response = self.respond(request)
        headers = {**response.headers, **cors_headers(cors, origin, preflight=False)}
        return HttpResponse(response.status, response.body, headers, response.cookies)

    def respond(self, request: HttpRequest) -> HttpResponse:
        """The response to a request: a fixed page, an error of the front, or what the function answers."""
        path = urllib.parse.urlsplit(request.target).path
        if request.method == "GET" and path in self.pages:
            return HttpResponse(200, self.pages[path], {"content-type": "application/json"})
        matched = self.definition.match(request.method, urllib.parse.unquote(path))
        if matched is None:
            return message(404, "Not Found")
        route, parameters = matched
        claims = None
        if route.authorizer is not None:
            try:
                claims = self.tokens.claims(request.headers.get("Authorization"), route.authorizer, route.scopes)
            except Unauthorized as refused:
                return message(401, "Unauthorized", {"www-authenticate": str(refused)})
            except Forbidden:
                return message(403, "Forbidden")
        event = build_event(request, route, parameters, claims, self.account)
        return self.integrate(route.function_name, json.dumps(event).encode())

    def integrate(self, function_name: str, event: bytes) -> HttpResponse:
        """Call the function; its failure is 500, no answer within the integration timeout or no free worker 503."""
        answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()

        def call() -> None:
            try:
                answers.put(self.invoke(function_name, event))
            except Throttled:
                answers.put(None)

        threading.Thread(target=call, name=f"http-api-{function_name}", daemon=True).start()
        try:
            answer = answers.get(timeout=self.integration_timeout)
        except queue.Empty:
            answer = None
        if answer is None:
            return message(503, "Service Unavailable")
        if answer.function_error:
            return message(500, "Internal Server Error")
        try:
            return read_answer(answer.payload)
        except ValueError:
            return message(500, "Internal Server Error")


def cors_headers(cors: Mapping[str, object], origin: str, preflight: bool) -> dict[str, str]:
    """The CORS headers for a request from an origin; none if it is not allowed."""
    allowed = as_list(cors.get("allowOrigins"))
    if origin not in allowed and "*" not in allowed:
        return {}
    headers = {"access-control-allow-origin": origin if origin in allowed else "*", "vary": "origin"}
    if cors.get("allowCredentials"):
        headers["access-control-allow-credentials"] = "true"
    if preflight:
        headers["access-control-allow-methods"] = ",".join(as_list(cors.get("allowMethods")))
        headers["access-control-allow-headers"] = ",".join(as_list(cors.get("allowHeaders")))
        headers["access-control-max-age"] = str(cors.get("maxAge", 0))
    elif exposed := as_list(cors.get("exposeHeaders")):
        headers["access-control-expose-headers"] = ",".join(exposed)
    return headers


def as_list(value: object) -> list[str]:
    """A CORS setting as a list of text."""
    return [str(item) for item in value] if isinstance(value, list) else []


class Front(ThreadingHTTPServer):
    """The server, knowing whose requests it serves."""

    daemon_threads = True
    api: HttpApi

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


class FrontRequest(BaseHTTPRequestHandler):
    """One connection of a client."""

    server: Front
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:
        """The functions log what they did."""

    def handle_any(self) -> None:
        """Read the request, answer it."""
        length = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            return self._send(message(411, "Length Required"))
        if length > LARGEST_BODY:
            self.close_connection = True
            return self._send(message(413, "Request Entity Too Large"))
        body = self.rfile.read(length)
        request = HttpRequest(self.command, self.path, self.headers, body, str(self.client_address[0]))
        return self._send(self.server.api.answer(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = handle_any

    def _send(self, response: HttpResponse) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        for cookie in response.cookies:
            self.send_header("set-cookie", cookie)
        self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

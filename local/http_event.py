"""Requests and responses of an HTTP API in Lambda's payload format 2.0.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import json
import time
import urllib.parse
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from local.http_routes import Route
from local.token_check import claim_texts

TEXT_TYPES = ("application/json", "application/xml", "application/javascript")
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came in; `target` is the path with its query string, both percent-encoded."""

    method: str
    target: str
    headers: Message
    body: bytes
    source_ip: str


@dataclass(frozen=True)
class HttpResponse:
    """A response to be sent; header names in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


def message(status: int, text: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A response as API Gateway itself gives it: `{"message": "…"}`."""
    return HttpResponse(
        status, json.dumps({"message": text}, separators=(",", ":")).encode(), {**JSON, **(headers or {})}
    )


def build_event(
    request: HttpRequest,
    route: Route,
    path_parameters: Mapping[str, str],
    claims: Mapping[str, Any] | None,
    account: str,
) -> dict[str, Any]:
    """The event that API Gateway makes of a request; fields that have no value are absent."""
    url = urllib.parse.urlsplit(request.target)
    headers = joined_headers(request)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": urllib.parse.unquote(url.path),
        "rawQueryString": url.query,
        "headers": headers,
        "requestContext": request_context(request, route, claims, account),
        "isBase64Encoded": False,
    }
    if "cookie" in headers:
        event["cookies"] = [cookie.strip() for cookie in headers["cookie"].split(";")]
    if url.query:
        event["queryStringParameters"] = query_parameters(url.query)
    if path_parameters:
        event["pathParameters"] = dict(path_parameters)
    if request.body:
        event["isBase64Encoded"] = not is_text(headers.get("content-type", ""), request.body)
        encoded = base64.b64encode(request.body) if event["isBase64Encoded"] else request.body
        event["body"] = encoded.decode()
    return event


def request_context(
    request: HttpRequest, route: Route, claims: Mapping[str, Any] | None, account: str
) -> dict[str, Any]:
    """`requestContext` of the event."""
    now = time.time()
    context: dict[str, Any] = {
        "accountId": account,
        "apiId": "local",
        "domainName": request.headers.get("Host", "localhost"),
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": urllib.parse.unquote(urllib.parse.urlsplit(request.target).path),
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.headers.get("User-Agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": route.key,
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }
    if claims is not None:
        scopes = list(route.scopes) or None
        context["authorizer"] = {"jwt": {"claims": claim_texts(dict(claims)), "scopes": scopes}}
    return context


def joined_headers(request: HttpRequest) -> dict[str, str]:
    """Headers under lower-case names, repeated ones joined by commas, and those that API Gateway adds."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    headers.setdefault("x-forwarded-for", request.source_ip)
    headers.setdefault("x-forwarded-proto", "http")
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}")
    return headers


def query_parameters(query: str) -> dict[str, str]:
    """Decoded query parameters; the values of a repeated one are joined by commas."""
    parameters: dict[str, str] = {}
    for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def is_text(content_type: str, body: bytes) -> bool:
    """Whether the body goes into the event as it is; anything else goes in as base64."""
    kind = content_type.partition(";")[0].strip().lower()
    textual = not kind or kind.startswith("text/") or kind in TEXT_TYPES or kind.endswith(("+json", "+xml"))
    if not textual:
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_answer(payload: bytes) -> HttpResponse:
    """The response that API Gateway makes of what the function returned.

    An object with `statusCode` is a response; anything else is the JSON body of a 200. Raises ValueError for a
    malformed one.
    """
    answer = json.loads(payload or b"null")
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return HttpResponse(200, json.dumps(answer).encode(), JSON)
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise ValueError("the body of a response must be text")
    headers = {name.lower(): as_header(value) for name, value in (answer.get("headers") or {}).items()}
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return HttpResponse(int(answer["statusCode"]), content, JSON | headers, tuple(answer.get("cookies") or ()))


def as_header(value: Any) -> str:
    """A header value as text."""
    return value if isinstance(value, str) else json.dumps(value)

"""The front of the HTTP API: what a function receives, and what a client gets."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests

from local.http_api import HttpApi
from local.http_routes import HttpApiDefinition, JwtAuthorizer, Route, read_definition
from local.identity import LocalIssuer
from local.lambda_answer import Answer, Throttled
from local.sam_template import TemplateError


class Functions:
    """Answers invocations in place of a Lambda service: `answers` by function name; the events are kept."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []

    def __call__(self, name: str, body: bytes) -> Answer:
        self.events.append(json.loads(body))
        answer = self.answers.get(name, {"ok": True})
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer()
        return answer if isinstance(answer, Answer) else Answer(json.dumps(answer).encode())


@pytest.fixture
def functions() -> Functions:
    return Functions()


@pytest.fixture
def api(functions: Functions) -> Iterator[HttpApi]:
    api = HttpApi(functions, "123456789012")
    yield api
    api.stop()


@pytest.fixture
def issuer(api: HttpApi) -> LocalIssuer:
    issuer = LocalIssuer(api.url)
    api.pages = issuer.pages()
    return issuer


@pytest.fixture
def guarded(api: HttpApi, issuer: LocalIssuer) -> HttpApi:
    authorizer = JwtAuthorizer(api.url, ("longshore",))
    routes = [
        Route("GET", "/imports", "list", authorizer),
        Route("GET", "/imports/{job_id}", "get", authorizer),
        Route("GET", "/admin", "admin", authorizer, ("manage",)),
        Route("ANY", "/open/{rest+}", "open"),
        Route("POST", "/open/upload", "upload"),
    ]
    api.definition = HttpApiDefinition(routes)
    return api


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_request_becomes_an_event_of_format_2(guarded: HttpApi, issuer: LocalIssuer, functions: Functions) -> None:
    token = issuer.token("admin", "demo", "ann")
    headers = {**bearer(token), "X-Custom": "Ä".encode().decode("latin-1"), "Cookie": "a=1; b=2"}
    response = requests.get(f"{guarded.url}/imports/j%20%2F1?tag=a&tag=b&empty=", headers=headers, timeout=10)
    assert response.status_code == 404  # an encoded slash is a slash to API Gateway
    response = requests.get(f"{guarded.url}/imports/j%201?tag=a&tag=b&empty=", headers=headers, timeout=10)
    assert (response.status_code, response.json()) == (200, {"ok": True})
    event = functions.events[0]
    assert (event["version"], event["routeKey"]) == ("2.0", "GET /imports/{job_id}")
    assert (event["rawPath"], event["rawQueryString"]) == ("/imports/j 1", "tag=a&tag=b&empty=")
    assert event["pathParameters"] == {"job_id": "j 1"}
    assert event["queryStringParameters"] == {"tag": "a,b", "empty": ""}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["authorization"] == f"Bearer {token}"
    assert "x-custom" in event["headers"]
    assert "body" not in event
    context = event["requestContext"]
    assert context["http"]["method"] == "GET"
    assert context["authorizer"]["jwt"]["claims"]["tenant"] == "demo"
    assert context["authorizer"]["jwt"]["claims"]["sub"] == "ann"
    assert isinstance(context["authorizer"]["jwt"]["claims"]["exp"], str)
    assert context["authorizer"]["jwt"]["scopes"] is None


def test_a_text_body_is_passed_on_as_text_and_any_other_as_base64(guarded: HttpApi, functions: Functions) -> None:
    url = f"{guarded.url}/open/upload"
    requests.post(url, json={"a": "ä"}, timeout=10)
    requests.post(url, data=b"\xff\x00", headers={"Content-Type": "application/octet-stream"}, timeout=10)
    text, binary = functions.events
    assert (json.loads(text["body"]), text["isBase64Encoded"]) == ({"a": "ä"}, False)
    assert (base64.b64decode(binary["body"]), binary["isBase64Encoded"]) == (b"\xff\x00", True)


def test_the_most_specific_route_answers(guarded: HttpApi, functions: Functions) -> None:
    for method, path in (("POST", "/open/upload"), ("GET", "/open/upload"), ("POST", "/open/a/b")):
        requests.request(method, guarded.url + path, timeout=10)
    assert [event["routeKey"] for event in functions.events] == [
        "POST /open/upload",
        "ANY /open/{rest+}",
        "ANY /open/{rest+}",
    ]
    assert functions.events[2]["pathParameters"] == {"rest": "a/b"}


@pytest.mark.parametrize("path", ["/nothing", "/imports/1/2", "/open"])
def test_an_unknown_route_is_not_found(guarded: HttpApi, path: str) -> None:
    response = requests.get(guarded.url + path, timeout=10)
    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})


def tokens_to_refuse(issuer: LocalIssuer) -> dict[str, str]:
    stranger = LocalIssuer(issuer.url)
    other_audience = LocalIssuer(issuer.url, audience="somebody-else", key=issuer.key, key_id=issuer.key_id)
    other_issuer = LocalIssuer("https://elsewhere.example", key=issuer.key, key_id=issuer.key_id)
    same_key_id = LocalIssuer(issuer.url, key_id=issuer.key_id)
    now = int(time.time())
    not_yet = {"iss": issuer.url, "aud": "longshore", "exp": now + 600, "nbf": now + 300}
    endless = {"iss": issuer.url, "aud": "longshore"}
    key_id = {"kid": issuer.key_id}
    return {
        "expired": issuer.token("admin", "demo", expires_in=-1),
        "signed by a stranger": stranger.token("admin", "demo"),
        "signed by a stranger under our key id": same_key_id.token("admin", "demo"),
        "for another audience": other_audience.token("admin", "demo"),
        "of another issuer": other_issuer.token("admin", "demo"),
        "not valid yet": jwt.encode(not_yet, issuer.key, algorithm="RS256", headers=key_id),
        "without an end": jwt.encode(endless, issuer.key, algorithm="RS256", headers=key_id),
        "unsigned": jwt.encode(not_yet, None, algorithm="none", headers=key_id),
        "no token at all": "rubbish",
    }


def test_a_token_that_is_not_good_is_unauthorized(guarded: HttpApi, issuer: LocalIssuer, functions: Functions) -> None:
    for why, token in tokens_to_refuse(issuer).items():
        response = requests.get(f"{guarded.url}/imports", headers=bearer(token), timeout=10)
        assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"}), why
        assert response.headers["www-authenticate"].startswith("Bearer"), why
    assert functions.events == []


def test_no_token_is_unauthorized_and_one_without_bearer_is_fine(guarded: HttpApi, issuer: LocalIssuer) -> None:
    url = f"{guarded.url}/imports"
    assert requests.get(url, timeout=10).status_code == 401
    token = issuer.token("viewer", "demo")
    assert requests.get(url, headers={"Authorization": token}, timeout=10).status_code == 200


def test_a_client_id_stands_in_for_an_audience(guarded: HttpApi, issuer: LocalIssuer) -> None:
    claims = {"iss": issuer.url, "client_id": "longshore", "exp": int(time.time()) + 60}
    token = jwt.encode(claims, issuer.key, algorithm="RS256", headers={"kid": issuer.key_id})
    assert requests.get(f"{guarded.url}/imports", headers=bearer(token), timeout=10).status_code == 200


@pytest.mark.parametrize(("scope", "status"), [("read manage", 200), ("read", 403)])
def test_a_route_with_scopes_asks_for_one_of_them(
    guarded: HttpApi, issuer: LocalIssuer, scope: str, status: int
) -> None:
    claims = {"iss": issuer.url, "aud": ["longshore"], "exp": int(time.time()) + 60, "scope": scope}
    token = jwt.encode(claims, issuer.key, algorithm="RS256", headers={"kid": issuer.key_id})
    assert requests.get(f"{guarded.url}/admin", headers=bearer(token), timeout=10).status_code == status


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        ({"statusCode": 201, "body": "made"}, 201, b"made"),
        ({"statusCode": 200, "body": base64.b64encode(b"\xff").decode(), "isBase64Encoded": True}, 200, b"\xff"),
        ({"any": "object"}, 200, b'{"any": "object"}'),
        ({"statusCode": 204}, 204, b""),
        ({"statusCode": 200, "body": {"no": "text"}}, 500, b'{"message":"Internal Server Error"}'),
        (Answer(b"{}", "Unhandled"), 500, b'{"message":"Internal Server Error"}'),
        (Throttled("open"), 503, b'{"message":"Service Unavailable"}'),
    ],
)
def test_the_answer_of_a_function_becomes_a_response(
    guarded: HttpApi, functions: Functions, answer: object, status: int, body: bytes
) -> None:
    functions.answers["open"] = answer
    response = requests.get(f"{guarded.url}/open/x", timeout=10)
    assert (response.status_code, response.content) == (status, body)


def test_headers_and_cookies_of_the_answer_are_sent(guarded: HttpApi, functions: Functions) -> None:
    headers = {"Content-Type": "text/csv", "X-Count": 3}
    functions.answers["open"] = {"statusCode": 200, "headers": headers, "cookies": ["a=1", "b=2"], "body": "x"}
    response = requests.get(f"{guarded.url}/open/x", timeout=10)
    assert (response.headers["content-type"], response.headers["x-count"]) == ("text/csv", "3")
    assert dict(response.cookies) == {"a": "1", "b": "2"}


def test_a_function_that_does_not_answer_in_time_is_unavailable(guarded: HttpApi, functions: Functions) -> None:
    release = threading.Event()
    functions.answers["open"] = lambda: Answer(b"{}") if release.wait(20) else Answer(b"{}", "Unhandled")
    guarded.integration_timeout = 0.05
    response = requests.get(f"{guarded.url}/open/x", timeout=10)
    release.set()
    assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})


def test_a_body_beyond_the_limit_is_refused(guarded: HttpApi, functions: Functions) -> None:
    headers = {"Content-Length": str(11 * 1024 * 1024)}
    response = requests.post(f"{guarded.url}/open/x", data=b"", headers=headers, timeout=10)
    assert response.status_code == 413
    assert functions.events == []


def test_cors_is_answered_as_the_template_says(guarded: HttpApi) -> None:
    guarded.definition.cors = {"allowOrigins": ["https://console.example"], "allowMethods": ["GET"], "maxAge": 60}
    asked = {"Origin": "https://console.example", "Access-Control-Request-Method": "GET"}
    preflight = requests.options(f"{guarded.url}/open/x", headers=asked, timeout=10)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-methods"] == "GET"
    allowed = requests.get(f"{guarded.url}/open/x", headers={"Origin": "https://console.example"}, timeout=10)
    assert allowed.headers["access-control-allow-origin"] == "https://console.example"
    other = requests.get(f"{guarded.url}/open/x", headers={"Origin": "https://other.example"}, timeout=10)
    assert "access-control-allow-origin" not in other.headers


def test_an_integration_that_is_not_known_here_is_an_error() -> None:
    operation = {"x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://example.com"}}
    with pytest.raises(TemplateError, match="GET /x: only Lambda integrations"):
        read_definition({"paths": {"/x": {"get": operation}}}, None)

"""What is wrong with a request is one clear line with the status that fits."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from local.embedded_aws import EmbeddedAws

Ask = Callable[..., requests.Response]

JSON = {"Content-Type": "application/json"}
BODY: dict[str, Any] = {"template": "city", "file_name": "c.csv"}


def problem(answer: requests.Response, status: int, code: str) -> str:
    """Assert that an answer is a problem in one line; return the line."""
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    message = str(answer.json()["message"])
    assert message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "the body is empty"),
        (b'{"template": "city",\n  file_name}', "at line 2, column 3"),
        (b'{"template": NaN}', "NaN is no JSON value"),
        (b"[1]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"[" * 50_000, "nested too deeply"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"template": "city"}', "file_name: Field required"),
    ],
)
def test_a_body_that_is_no_request(ask: Ask, body: bytes, says: str) -> None:
    assert says in problem(ask("POST", "/imports", data=body, headers=JSON), 400, "InvalidRequest")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"priority": 11}, "priority: "),
        ({"mode": "delete"}, "mode: "),
        ({"start_at": "2020-01-01T00:00:00Z"}, "has passed"),
        ({"file_name": "../x.csv"}, "file_name: must be a plain file name"),
        ({"file_name": "a\u0000b"}, "file_name: must be a plain file name"),
        ({"file_name": "\ud800"}, "file_name: "),
        ({"filename": "x"}, "filename: "),
    ],
)
def test_a_field_that_breaks_its_rule(ask: Ask, change: dict[str, Any], says: str) -> None:
    assert says in problem(ask("POST", "/imports", json={**BODY, **change}), 400, "InvalidRequest")
    assert ask("GET", "/imports").json()["jobs"] == []


@pytest.mark.parametrize("template", ["nowhere", "jobs", "", "City", "a/b", "x" * 100])
def test_an_unknown_template(ask: Ask, template: str) -> None:
    answer = ask("POST", "/imports", json={**BODY, "template": template})
    assert template in problem(answer, 404, "TemplateNotFound")
    assert ask("GET", "/imports").json()["jobs"] == []


@pytest.mark.parametrize("key", ["", "x" * 256, "a b"])
def test_a_key_that_is_none(ask: Ask, key: str) -> None:
    answer = ask("POST", "/imports", json=BODY, headers={"Idempotency-Key": key})
    assert "Idempotency-Key must be" in problem(answer, 400, "InvalidRequest")


def test_a_body_of_another_type(ask: Ask) -> None:
    answer = ask("POST", "/imports", data={"template": "city"})
    assert "send Content-Type: application/json" in problem(answer, 415, "UnsupportedMediaType")


def test_a_body_that_is_too_large(ask: Ask) -> None:
    answer = ask("PUT", "/templates/city", json={"title": "x" * 400_000})
    assert "files go to the upload link" in problem(answer, 413, "BodyTooLarge")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "limit=-1", "limit=1e2", "status=DONE", "cursor=x"]
)
def test_a_query_that_cannot_be(ask: Ask, query: str) -> None:
    problem(ask("GET", f"/imports?{query}"), 400, "InvalidRequest")


def test_a_made_up_cursor_of_errors(ask: Ask, job_id: str) -> None:
    answer = ask("GET", f"/imports/{job_id}/errors?cursor=x")
    assert "cursor: not one of ours" in problem(answer, 400, "InvalidRequest")


def test_a_route_that_is_none(aws: EmbeddedAws, ask: Ask) -> None:
    assert ask("GET", "/nowhere").status_code == 404
    assert ask("DELETE", "/imports").status_code == 404

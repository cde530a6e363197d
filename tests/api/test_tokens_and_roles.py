"""Who may do what: the token decides, and nothing else."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests

from local.embedded_aws import EmbeddedAws
from local.identity import LocalIssuer

Ask = Callable[..., requests.Response]

ROUTES = [
    ("GET", "/imports"),
    ("POST", "/imports"),
    ("GET", "/imports/j1"),
    ("GET", "/imports/j1/errors"),
    ("GET", "/imports/j1/events"),
    ("POST", "/imports/j1/cancel"),
    ("POST", "/imports/j1/retry"),
    ("POST", "/imports/j1/start"),
    ("POST", "/imports/j1/answers"),
    ("GET", "/templates"),
    ("GET", "/templates/city"),
    ("PUT", "/templates/city"),
    ("GET", "/templates/city/mapping"),
    ("PUT", "/templates/city/mapping"),
    ("DELETE", "/templates/city/mapping"),
    ("GET", "/schedules"),
    ("GET", "/schedules/nightly"),
    ("PUT", "/schedules/nightly"),
    ("DELETE", "/schedules/nightly"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_asks_for_a_token(aws: EmbeddedAws, method: str, path: str) -> None:
    assert requests.request(method, aws.api_url + path, timeout=30).status_code == 401


def foreign(aws: EmbeddedAws) -> str:
    """A token by another issuer that claims to be ours."""
    return LocalIssuer(aws.api_url).token("admin", "demo")


def unsigned(aws: EmbeddedAws) -> str:
    claims = {"iss": aws.api_url, "aud": "longshore", "sub": "x", "tenant": "demo", "role": "admin"}
    return jwt.encode({**claims, "exp": int(time.time()) + 600}, key="", algorithm="none")


@pytest.mark.parametrize(
    "token",
    [
        lambda aws: aws.token("admin", expires_in=-60),
        foreign,
        unsigned,
        lambda aws: aws.token("admin")[:-6] + "AAAAAA",
        lambda aws: "not-a-token",
    ],
    ids=["expired", "foreign", "unsigned", "tampered", "garbage"],
)
def test_a_token_that_is_not_good_opens_nothing(aws: EmbeddedAws, token: Callable[[EmbeddedAws], str]) -> None:
    headers = {"Authorization": f"Bearer {token(aws)}"}
    answer = requests.get(f"{aws.api_url}/imports", headers=headers, timeout=30)
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers


CREATE: dict[str, Any] = {"json": {"template": "city", "file_name": "c.csv"}}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("viewer", {"read"}), ("importer", {"read", "import"}), ("admin", {"read", "import", "templates"})],
)
def test_a_role_may_do_what_it_may_and_no_more(ask: Ask, job_id: str, role: str, allowed: set[str]) -> None:
    document = ask("GET", "/templates/city").json()["template"]
    tried = {
        "read": ask("GET", f"/imports/{job_id}", role),
        "import": ask("POST", "/imports", role, **CREATE),
        "templates": ask("PUT", "/templates/city", role, json=document),
    }
    assert {what for what, answer in tried.items() if answer.ok} == allowed
    refused = [answer for what, answer in tried.items() if what not in allowed]
    assert all(answer.status_code == 403 and answer.json()["code"] == "NotAllowed" for answer in refused)
    retried = ask("POST", f"/imports/{job_id}/retry", role)
    assert retried.status_code == (409 if "import" in allowed else 403), "it waits for its file"
    cancelled = ask("POST", f"/imports/{job_id}/cancel", role)
    assert cancelled.status_code == (200 if "import" in allowed else 403)


def test_the_refusal_says_which_role_it_takes(ask: Ask) -> None:
    answer = ask("POST", "/imports", "viewer", **CREATE)
    assert (
        answer.json()["message"] == "the role viewer may not start imports: that takes a token with the role importer"
    )


def test_an_unknown_role_may_not_even_read(ask: Ask) -> None:
    answer = ask("GET", "/imports", "owner")
    assert (answer.status_code, answer.json()["code"]) == (403, "NotAllowed")


@pytest.mark.parametrize("tenant", ["", "a/b", "a#b"])
def test_a_token_whose_tenant_could_not_be_part_of_a_key(aws: EmbeddedAws, tenant: str) -> None:
    headers = {"Authorization": f"Bearer {aws.token('admin', tenant)}"}
    answer = requests.get(f"{aws.api_url}/imports", headers=headers, timeout=30)
    assert answer.status_code == 403
    assert "must name the tenant" in answer.json()["message"]


def test_a_tenant_sees_nothing_of_another(ask: Ask, job_id: str, new_tenant: Callable[[], Ask]) -> None:
    other = new_tenant()
    for method, path in [
        ("GET", f"/imports/{job_id}"),
        ("GET", f"/imports/{job_id}/errors"),
        ("GET", f"/imports/{job_id}/events"),
        ("POST", f"/imports/{job_id}/cancel"),
        ("POST", f"/imports/{job_id}/retry"),
        ("POST", f"/imports/{job_id}/start"),
        ("GET", "/templates/city"),
        ("GET", "/templates/city/mapping"),
        ("DELETE", "/templates/city/mapping"),
    ]:
        assert other(method, path).status_code == 404
    assert other("GET", "/imports").json()["jobs"] == []
    assert other("GET", "/templates").json()["templates"] == []
    assert other("POST", "/imports", **CREATE).status_code == 404
    assert ask("GET", f"/imports/{job_id}").json()["status"] == "AWAITING_UPLOAD"


def test_nothing_in_a_request_can_name_another_tenant(ask: Ask) -> None:
    answer = ask("POST", "/imports", json={"template": "city", "file_name": "c.csv", "tenant": "demo"})
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidRequest")


def test_a_cursor_of_one_tenant_leads_another_nowhere(ask: Ask, new_tenant: Callable[[], Ask]) -> None:
    for _ in range(2):
        assert ask("POST", "/imports", **CREATE).status_code == 201
    cursor = ask("GET", "/imports?limit=1").json()["cursor"]
    assert cursor
    assert new_tenant()("GET", "/imports", params={"cursor": cursor}).json()["jobs"] == []

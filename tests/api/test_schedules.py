"""Schedules through the API and the command line: who may, what is refused, and that tenants are apart."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from cli.main import run
from cli.outcome import Exit
from local.embedded_aws import EmbeddedAws

Ask = Callable[..., requests.Response]

NIGHTLY: dict[str, Any] = {"template": "city", "expression": "cron(0 6 * * ? *)", "zone": "Europe/Berlin"}


@pytest.fixture
def stored(ask: Ask) -> dict[str, Any]:
    """The tenant's schedule `nightly`."""
    answer = ask("PUT", "/schedules/nightly", json=NIGHTLY)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_a_schedule_is_stored_shown_changed_and_deleted(ask: Ask, stored: dict[str, Any]) -> None:
    assert stored.pop("created") is True
    assert stored["upload_to"].endswith("/scheduled/nightly/")
    assert ask("GET", "/schedules").json() == {"schedules": [stored]}
    assert ask("GET", "/schedules/nightly").json() == {**stored, "firings": []}
    changed = ask("PUT", "/schedules/nightly", json={**NIGHTLY, "expression": "rate(1 day)", "enabled": False}).json()
    assert changed.pop("created") is False
    assert (changed["expression"], changed["enabled"]) == ("rate(1 day)", False)
    assert changed["created_at"] == stored["created_at"]
    assert ask("DELETE", "/schedules/nightly").json() == {"name": "nightly", "deleted": True}
    assert ask("GET", "/schedules").json() == {"schedules": []}
    for method in ("GET", "DELETE"):
        answer = ask(method, "/schedules/nightly")
        assert (answer.status_code, answer.json()["code"]) == (404, "ScheduleNotFound")


@pytest.mark.parametrize(("role", "may_change"), [("viewer", False), ("importer", False), ("admin", True)])
def test_everybody_may_look_and_an_admin_may_change(
    ask: Ask, stored: dict[str, Any], role: str, may_change: bool
) -> None:
    assert ask("GET", "/schedules", role).json()["schedules"][0]["name"] == "nightly"
    assert ask("GET", "/schedules/nightly", role).ok
    for method, body in (("PUT", {"json": NIGHTLY}), ("DELETE", {})):
        answer = ask(method, "/schedules/nightly", role, **body)
        assert answer.status_code == (200 if may_change else 403)
        assert may_change or "takes a token with the role admin" in answer.json()["message"]


def test_a_tenant_sees_and_touches_no_schedule_of_another(
    ask: Ask, stored: dict[str, Any], new_tenant: Callable[[], Ask]
) -> None:
    other = new_tenant()
    assert other("GET", "/schedules").json() == {"schedules": []}
    assert other("GET", "/schedules/nightly").status_code == 404
    assert other("DELETE", "/schedules/nightly").status_code == 404
    assert other("PUT", "/schedules/nightly", json=NIGHTLY).status_code == 404, "it has no template of this name"
    assert ask("GET", "/schedules/nightly").ok


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"expression": "daily"}, "expression: 'daily' is not of the form cron("),
        ({"expression": "cron(61 6 * * ? *)"}, "expression: EventBridge Scheduler refuses cron(61 6 * * ? *)"),
        ({"zone": "Mars/Olympus"}, "expression: EventBridge Scheduler refuses cron(0 6 * * ? *) in zone Mars/Olympus"),
        ({"prefix": "/x"}, "prefix: must be the beginning of a key"),
        ({"tenant": "other"}, "tenant: Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_leaves_nothing(ask: Ask, changes: dict[str, Any], told: str) -> None:
    answer = ask("PUT", "/schedules/nightly", json={**NIGHTLY, **changes})
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidRequest")
    assert answer.json()["message"].startswith(told)
    assert "\n" not in answer.json()["message"]
    assert ask("GET", "/schedules").json() == {"schedules": []}


def test_an_unknown_template(ask: Ask) -> None:
    answer = ask("PUT", "/schedules/nightly", json={**NIGHTLY, "template": "nowhere"})
    assert (answer.status_code, answer.json()["code"]) == (404, "TemplateNotFound")


@pytest.mark.parametrize("name", ["Nightly", "n" * 64, "7", "a%23b", "%0a"])
def test_a_name_that_cannot_be(ask: Ask, name: str) -> None:
    assert ask("PUT", f"/schedules/{name}", json=NIGHTLY).status_code in (400, 404)
    for method in ("GET", "DELETE"):
        assert ask(method, f"/schedules/{name}").status_code == 404
    assert ask("GET", "/schedules").json() == {"schedules": []}


@pytest.fixture
def command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, aws: EmbeddedAws, ask: Ask) -> None:
    """An environment that leads to the tenant, and a folder of its own."""
    monkeypatch.chdir(tmp_path)
    token = str(ask("GET", "/schedules").request.headers["Authorization"]).removeprefix("Bearer ")
    monkeypatch.setenv("LONGSHORE_ENDPOINT", aws.api_url)
    monkeypatch.setenv("LONGSHORE_TOKEN", token)


@pytest.mark.usefixtures("command_line")
def test_the_commands(capsys: pytest.CaptureFixture[str], ask: Ask) -> None:
    assert run(["schedules", "list"]) == Exit.COMPLETED
    assert "no schedules" in capsys.readouterr().out
    options = ["--expression", "rate(1 day)", "--zone", "Asia/Tokyo", "--prefix", "sales/", "--disabled", "--force"]
    put = ["schedules", "put", "daily", "--template", "city", *options, "--mode", "insert", "--priority", "8"]
    assert run(put) == Exit.COMPLETED
    assert "daily: rate(1 day) in Asia/Tokyo, disabled: the newest file under" in capsys.readouterr().out
    assert run([*put, "--json"]) == Exit.COMPLETED
    stored = json.loads(capsys.readouterr().out)
    assert (stored["created"], stored["force"], stored["enabled"]) == (False, True, False)
    assert (stored["mode"], stored["priority"], stored["prefix"]) == ("insert", 8, "sales/")
    assert run(["schedules", "list"]) == Exit.COMPLETED
    assert capsys.readouterr().out.splitlines()[1].split()[:4] == ["daily", "rate(1", "day)", "Asia/Tokyo"]
    assert run(["schedules", "show", "daily"]) == Exit.COMPLETED
    assert "it has not fired yet" in capsys.readouterr().out
    assert run(["schedules", "delete", "daily"]) == Exit.COMPLETED
    assert capsys.readouterr().out == "daily: deleted\n"
    assert run(["schedules", "delete", "daily"]) == Exit.USAGE
    assert capsys.readouterr().err == "longshore: there is no schedule 'daily'\n"


@pytest.mark.usefixtures("command_line")
def test_a_template_document_is_stored_first(capsys: pytest.CaptureFixture[str], ask: Ask) -> None:
    document = {**ask("GET", "/templates/city").json()["template"], "name": "town"}
    Path("town.json").write_text(json.dumps(document))
    assert run(["schedules", "put", "daily", "--template", "town.json", "--expression", "rate(1 day)"]) == 0
    assert capsys.readouterr().out.endswith("/scheduled/daily/ -> town  (created)\n")
    assert ask("GET", "/templates/town").ok


@pytest.mark.usefixtures("command_line")
def test_a_bad_expression_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schedules", "put", "daily", "--template", "city", "--expression", "cron(61 6 * * ? *)"]) == Exit.USAGE
    assert capsys.readouterr().err.count("\n") == 1

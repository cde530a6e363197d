"""What a schedule may be, what it is called in EventBridge Scheduler, and which job an instant makes."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.job import id_for_schedule
from longshore.domain.schedule import Schedule, check_expression, entry_name
from longshore.errors import InvalidRequest
from longshore.steps.caller import Caller, Role
from longshore.steps.schedule_request import ScheduleRequest

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {"template": "city", "expression": "rate(1 hour)"}
TENANTS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", fullmatch=True)
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,62}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "rate(1 minute)",
        "rate(90 days)",
        "at(2027-01-31T08:00:00)",
        "cron(0 6 * * ? *)",
        "cron(0/15 8-17 ? * MON-FRI 2026-2030)",
        "cron(0 0 L * ? *)",
    ],
)
def test_an_expression_of_each_form(text: str) -> None:
    assert check_expression(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "daily",
        "0 6 * * ? *",
        "cron(0 6 * * *)",
        "rate(0 minutes)",
        "rate(5)",
        "rate(30 seconds)",
        "rate(5 minutes) ",
        "at(2027-01-31)",
        "at(2027-01-31T08:00:00Z)",
        "cron(0 6 * * ? *)\n",
        "rate(5\nminutes)",
    ],
)
def test_any_other_text_is_no_expression(text: str) -> None:
    with pytest.raises(ValueError, match="is not of the form cron"):
        check_expression(text)


@given(TENANTS, NAMES)
def test_an_entry_has_a_name_that_scheduler_takes(tenant: str, name: str) -> None:
    assert re.fullmatch(r"[0-9a-zA-Z_.-]{1,64}", entry_name(tenant, name))


@given(TENANTS, NAMES, TENANTS, NAMES)
def test_no_two_schedules_share_an_entry_or_a_job(tenant: str, name: str, other: str, another: str) -> None:
    same = (tenant, name) == (other, another)
    assert (entry_name(tenant, name) == entry_name(other, another)) is same
    assert (id_for_schedule(tenant, name, NOON) == id_for_schedule(other, another, NOON)) is same


def test_names_that_run_together_share_nothing() -> None:
    assert entry_name("a", "b-c") != entry_name("a-b", "c")
    assert id_for_schedule("acme", "ab", NOON) != id_for_schedule("acmea", "b", NOON)


def test_an_instant_is_one_job_in_whatever_zone_it_is_written() -> None:
    in_berlin = NOON.astimezone(timezone(timedelta(hours=1)))
    assert id_for_schedule("acme", "nightly", in_berlin) == id_for_schedule("acme", "nightly", NOON)
    assert id_for_schedule("acme", "nightly", NOON + timedelta(seconds=1)) != id_for_schedule("acme", "nightly", NOON)


def asked(**changes: Any) -> Schedule:
    caller = Caller("acme", "ada", Role.ADMIN)
    return ScheduleRequest.parse({**GOOD, **changes}).schedule(caller, "nightly", NOON)


def test_a_request_gets_the_defaults_and_the_tenant_of_its_caller() -> None:
    schedule = asked()
    assert (schedule.tenant, schedule.name, schedule.actor) == ("acme", "nightly", "ada")
    assert (schedule.zone, schedule.prefix, schedule.priority, schedule.enabled) == ("UTC", "nightly/", 5, True)
    assert asked(prefix="sales/2026-").prefix == "sales/2026-"


def test_it_runs_for_instants_of_its_own_time_while_it_is_enabled() -> None:
    assert asked().runs_at(NOON)
    assert not asked().runs_at(NOON - timedelta(seconds=1)), "that was an earlier schedule of this name"
    assert not asked(enabled=False).runs_at(NOON)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"expression": "daily"}, "expression"),
        ({"expression": None}, "expression"),
        ({"zone": "Europe/Ber lin"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"prefix": "/etc"}, "prefix"),
        ({"prefix": ""}, "prefix"),
        ({"prefix": "a\nb"}, "prefix"),
        ({"prefix": "ü" * 257}, "prefix"),
        ({"priority": 11}, "priority"),
        ({"priority": "5"}, "priority"),
        ({"enabled": "yes"}, "enabled"),
        ({"mode": "delete"}, "mode"),
        ({"tenant": "other"}, "tenant"),
    ],
)
def test_a_bad_request_is_refused_in_one_line_that_names_the_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        asked(**changes)
    assert str(refused.value).startswith(f"{place}: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("body", [[], None, "x"])
def test_a_body_that_is_no_object_says_what_it_needs(body: object) -> None:
    with pytest.raises(InvalidRequest, match="at least template and expression"):
        ScheduleRequest.parse(body)

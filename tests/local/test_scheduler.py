"""Which schedules and scheduled rules are fired when, by a clock of the test's own."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from local.moto_server import ACCOUNT, MotoServer
from local.scheduler import Scheduler

REGION = "us-west-1"
TARGET = {"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sweep", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.moment = datetime.datetime.now(datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.moment

    def forward(self, **duration: float) -> None:
        self.moment += datetime.timedelta(**duration)


@pytest.fixture(scope="module")
def server() -> Iterator[MotoServer]:
    server = MotoServer(REGION, {})
    yield server
    server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fired() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return []


@pytest.fixture
def scheduler(clock: Clock, fired: list) -> Scheduler:
    return Scheduler(lambda target, event: fired.append((target, event)), ACCOUNT, REGION, now=clock)


@pytest.fixture
def schedule(server: MotoServer) -> Iterator[Any]:
    """schedule(expression, **settings) -> a schedule that is deleted after the test."""
    client = server.client("scheduler")
    names = []

    def create(expression: str, **settings: Any) -> str:
        name = f"schedule-{len(names)}"
        target = TARGET | settings.pop("target", {})
        window = {"Mode": "OFF"}
        client.create_schedule(
            Name=name, ScheduleExpression=expression, FlexibleTimeWindow=window, Target=target, **settings
        )
        names.append(name)
        return name

    yield create
    for name in names:
        if any(known["Name"] == name for known in client.list_schedules()["Schedules"]):
            client.delete_schedule(Name=name)


def test_a_rate_is_fired_once_per_interval(scheduler: Scheduler, clock: Clock, schedule: Any, fired: list) -> None:
    schedule("rate(1 minute)")
    scheduler.look()
    assert fired == []
    for expected in (1, 2):
        clock.forward(minutes=1, seconds=1)
        scheduler.look()
        scheduler.look()
        assert len(fired) == expected
    target, event = fired[0]
    assert target["Arn"] == TARGET["Arn"]
    assert event["source"] == "aws.scheduler"
    assert event["detail-type"] == "Scheduled Event"


def test_missed_runs_are_made_up_once(scheduler: Scheduler, clock: Clock, schedule: Any, fired: list) -> None:
    schedule("rate(1 minute)")
    scheduler.look()
    clock.forward(minutes=10)
    scheduler.look()
    scheduler.look()
    assert len(fired) == 1


def test_at_is_fired_once_and_may_delete_itself(
    scheduler: Scheduler, clock: Clock, schedule: Any, fired: list, server: MotoServer
) -> None:
    moment = (clock.moment + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
    schedule(f"at({moment})", ActionAfterCompletion="DELETE")
    scheduler.look()
    clock.forward(hours=2)
    scheduler.look()
    clock.forward(hours=2)
    scheduler.look()
    assert len(fired) == 1
    assert server.client("scheduler").list_schedules()["Schedules"] == []


def test_context_attributes_are_filled_into_the_input(
    scheduler: Scheduler, clock: Clock, schedule: Any, fired: list
) -> None:
    text = '{"at": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>"}'
    schedule("rate(1 minute)", target={"Input": text})
    scheduler.look()
    clock.forward(minutes=2)
    scheduler.look()
    filled = fired[0][0]["Input"]
    assert "<aws." not in filled
    assert "schedule/default/schedule-0" in filled


def test_a_schedule_keeps_to_its_zone_its_end_and_its_state(
    scheduler: Scheduler, clock: Clock, schedule: Any, fired: list
) -> None:
    schedule("cron(0 8 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin")
    schedule("rate(1 hour)", State="DISABLED")
    schedule("rate(1 hour)", EndDate=clock.moment + datetime.timedelta(minutes=30))
    scheduler.look()
    clock.forward(days=1)
    scheduler.look()
    assert len(fired) == 1
    hour = datetime.datetime.fromisoformat(fired[0][1]["time"]).astimezone(datetime.UTC).hour
    assert hour in (6, 7)  # eight o'clock in Berlin, by summer and by winter


def test_a_changed_schedule_is_planned_anew(
    scheduler: Scheduler, clock: Clock, schedule: Any, fired: list, server: MotoServer
) -> None:
    name = schedule("rate(1 day)")
    scheduler.look()
    server.client("scheduler").update_schedule(
        Name=name, ScheduleExpression="rate(1 minute)", FlexibleTimeWindow={"Mode": "OFF"}, Target=TARGET
    )
    scheduler.look()
    clock.forward(minutes=2)
    scheduler.look()
    assert len(fired) == 1


def test_a_scheduled_rule_is_fired_like_a_schedule(
    scheduler: Scheduler, clock: Clock, fired: list, server: MotoServer
) -> None:
    events = server.client("events")
    events.put_rule(Name="each-minute", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="each-minute", Targets=[{"Id": "sweep", "Arn": TARGET["Arn"]}])
    scheduler.look()
    clock.forward(minutes=1)
    scheduler.look()
    events.disable_rule(Name="each-minute")
    clock.forward(minutes=5)
    scheduler.look()
    assert [(event["source"], event["detail"]) for _, event in fired] == [("aws.events", {})]


def test_an_expression_that_nobody_understands_stops_no_other(
    scheduler: Scheduler, clock: Clock, schedule: Any, fired: list, server: MotoServer
) -> None:
    server.client("events").put_rule(Name="never", ScheduleExpression="cron(61 * * * ? *)")
    schedule("rate(1 minute)")
    scheduler.look()
    clock.forward(minutes=2)
    scheduler.look()
    assert len(fired) == 1

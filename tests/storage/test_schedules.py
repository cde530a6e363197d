"""A schedule and its entry in EventBridge Scheduler agree, whatever is cut short or happens at once."""

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from longshore.domain.schedule import Firing, Schedule, entry_name
from longshore.errors import InvalidRequest, ServiceUnavailable
from longshore.storage import clients
from longshore.storage.schedule_entries import ScheduleEntries
from longshore.storage.schedules import ScheduleStore
from tests.storage.faults import failing

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:run-schedule"
ROLE = "arn:aws:iam::123456789012:role/schedules"
DEAD_LETTERS = "arn:aws:sqs:eu-west-1:123456789012:dead"


@pytest.fixture(scope="module")
def group(aws) -> str:
    name = f"g{uuid.uuid4().hex[:8]}"
    boto3.client("scheduler").create_schedule_group(Name=name)
    return name


@pytest.fixture
def store(stores, group) -> ScheduleStore:
    entries = ScheduleEntries(clients.scheduler, group, FUNCTION, ROLE, DEAD_LETTERS)
    return ScheduleStore(clients.dynamodb(), stores.catalog, entries)


@pytest.fixture
def nightly(tenant) -> Schedule:
    return Schedule(tenant, "nightly", "city", "cron(0 6 * * ? *)", "Europe/Berlin", "nightly/", "ada", NOON, NOON)


@pytest.fixture
def entry(group, tenant) -> Callable[[], dict[str, Any] | None]:
    """entry() -> the entry of the schedule `nightly`, None where there is none."""
    client = boto3.client("scheduler")

    def read() -> dict[str, Any] | None:
        try:
            return client.get_schedule(Name=entry_name(tenant, "nightly"), GroupName=group)
        except client.exceptions.ResourceNotFoundException:
            return None

    return read


def test_a_new_schedule_gets_an_entry_that_runs_it(store, nightly, entry):
    stored, created = store.put(nightly)
    assert created
    assert store.find(nightly.tenant, "nightly") == stored == replace(nightly, revision=stored.revision)
    made = entry()
    assert (made["ScheduleExpression"], made["ScheduleExpressionTimezone"]) == (nightly.expression, nightly.zone)
    assert (made["State"], made["FlexibleTimeWindow"]) == ("ENABLED", {"Mode": "OFF"})
    target = made["Target"]
    assert (target["Arn"], target["RoleArn"], target["DeadLetterConfig"]) == (FUNCTION, ROLE, {"Arn": DEAD_LETTERS})
    assert json.loads(target["Input"]) == {
        "tenant": nightly.tenant,
        "schedule": "nightly",
        "instant": "<aws.scheduler.scheduled-time>",
    }


def test_a_change_keeps_when_it_was_created_and_changes_the_entry(store, nightly, entry):
    store.put(nightly)
    later = NOON + timedelta(days=1)
    changed = replace(nightly, expression="rate(1 hour)", enabled=False, created_at=later, updated_at=later)
    stored, created = store.put(changed)
    assert (created, stored.created_at, stored.updated_at) == (False, NOON, later)
    assert (entry()["ScheduleExpression"], entry()["State"]) == ("rate(1 hour)", "DISABLED")
    assert store.all(nightly.tenant) == [stored]


@pytest.mark.parametrize("bad", [{"expression": "cron(61 6 * * ? *)"}, {"zone": "Mars/Olympus"}])
def test_what_scheduler_refuses_leaves_nothing_behind(store, nightly, entry, bad):
    with pytest.raises(InvalidRequest, match="EventBridge Scheduler refuses") as refused:
        store.put(replace(nightly, **bad))
    assert "\n" not in str(refused.value)
    assert (store.find(nightly.tenant, "nightly"), entry()) == (None, None)


def test_a_change_that_scheduler_refuses_changes_nothing(store, nightly, entry):
    stored, _ = store.put(nightly)
    with pytest.raises(InvalidRequest):
        store.put(replace(nightly, expression="cron(0 6 32 * ? *)", template="other"))
    assert store.find(nightly.tenant, "nightly") == stored
    assert entry()["ScheduleExpression"] == nightly.expression


def test_a_put_that_was_cut_short_is_repaired_by_the_next(store, nightly, entry):
    timeout = ReadTimeoutError(endpoint_url="http://x")
    with failing(clients.scheduler(), "UpdateSchedule", timeout), pytest.raises(ServiceUnavailable):
        store.put(nightly)
    assert store.find(nightly.tenant, "nightly") is not None
    assert entry() is None
    _, created = store.put(nightly)
    assert not created
    assert entry() is not None


def test_a_delete_that_was_cut_short_is_repaired_by_the_next(store, nightly, entry, stores):
    store.put(nightly)
    timeout = ReadTimeoutError(endpoint_url="http://x")
    with failing(clients.dynamodb(), "TransactWriteItems", timeout), pytest.raises(ServiceUnavailable):
        store.delete(nightly.tenant, "nightly")
    assert store.find(nightly.tenant, "nightly") is not None
    assert store.delete(nightly.tenant, "nightly")
    assert (store.find(nightly.tenant, "nightly"), entry()) == (None, None)
    assert not store.delete(nightly.tenant, "nightly")


def test_an_entry_without_a_schedule_goes_with_a_delete(store, nightly, entry, stores):
    store.put(nightly)
    key = {"pk": {"S": f"{nightly.tenant}#schedules"}, "sk": {"S": "nightly"}}
    clients.dynamodb().delete_item(TableName=stores.catalog, Key=key)
    assert not store.delete(nightly.tenant, "nightly")
    assert entry() is None


class Interrupting(ScheduleEntries):
    """Entries among whose calls something else happens: `first` is called before the first of them."""

    def __init__(self, group: str, first: Callable[[], object]) -> None:
        super().__init__(clients.scheduler, group, FUNCTION, ROLE, DEAD_LETTERS)
        self.pending = [first]

    def put(self, schedule: Schedule) -> None:
        while self.pending:
            self.pending.pop()()
        super().put(schedule)


def test_two_puts_at_once_leave_the_entry_of_the_item_that_stays(store, nightly, entry, group, stores):
    other = replace(nightly, expression="rate(1 hour)")
    late = ScheduleStore(clients.dynamodb(), stores.catalog, Interrupting(group, lambda: store.put(other)))
    late.put(nightly)
    stays = store.find(nightly.tenant, "nightly")
    assert stays.expression == entry()["ScheduleExpression"] == "rate(1 hour)"


def test_a_delete_during_a_put_leaves_neither(store, nightly, entry, group, stores):
    deleted = Interrupting(group, lambda: store.delete(nightly.tenant, "nightly"))
    ScheduleStore(clients.dynamodb(), stores.catalog, deleted).put(nightly)
    assert (store.find(nightly.tenant, "nightly"), entry()) == (None, None)


def test_a_refused_put_takes_back_its_own_and_no_other(store, nightly, entry, group, stores):
    other = replace(nightly, expression="rate(1 hour)")
    late = ScheduleStore(clients.dynamodb(), stores.catalog, Interrupting(group, lambda: store.put(other)))
    with pytest.raises(InvalidRequest):
        late.put(replace(nightly, zone="Mars/Olympus"))
    assert store.find(nightly.tenant, "nightly").expression == entry()["ScheduleExpression"] == "rate(1 hour)"


def test_tenants_have_schedules_of_their_own(store, nightly):
    stored, _ = store.put(nightly)
    other, _ = store.put(replace(nightly, tenant=f"{nightly.tenant}x", name="weekly"))
    assert store.all(nightly.tenant) == [stored]
    assert store.all(other.tenant) == [other]


def test_a_firing_is_recorded_once_and_the_last_ones_are_listed_first(store, nightly):
    firings = [Firing(NOON + timedelta(hours=n), f"j{n}") for n in range(4)]
    for firing in [*firings, *firings]:
        store.record(nightly, firing)
    store.record(nightly, replace(firings[0], job_id="another"))
    assert store.firings(nightly.tenant, "nightly", 3) == firings[:0:-1]
    assert store.firings(nightly.tenant, "nightly", 10)[-1] == firings[0]

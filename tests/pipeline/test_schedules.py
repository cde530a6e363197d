"""A schedule fires, and each of its instants becomes one job, whatever is delivered twice, late or cut short."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tenants import Tenant, as_csv, people

from local.embedded_aws import EmbeddedAws
from longshore.domain.job import id_for_schedule

WAIT = 60


def put(tenant: Tenant, expression: str = "rate(365 days)", **body: Any) -> dict[str, Any]:
    """Store the schedule `nightly`; unless told otherwise it does not fire by itself while a test lasts."""
    answer = tenant.call("PUT", "/schedules/nightly", json={"template": "person", "expression": expression, **body})
    assert answer.ok, answer.text
    document: dict[str, Any] = answer.json()
    return document


def upload(tenant: Tenant, content: bytes, name: str = "file.csv") -> None:
    """Put a file where the schedule looks."""
    bucket = tenant.aws.outputs["UploadsBucket"]
    tenant.aws.client("s3").put_object(Bucket=bucket, Key=f"{tenant.name}/scheduled/nightly/{name}", Body=content)


def soon() -> datetime:
    """An instant after everything that a test has stored, in whole seconds as Scheduler tells it."""
    return (datetime.now(UTC) + timedelta(seconds=1)).replace(microsecond=0)


def fire(tenant: Tenant, instant: datetime) -> None:
    """Deliver what Scheduler delivers for an instant, and have it handled."""
    text = instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    answer, error = tenant.aws.invoke(
        "RunScheduleFunction", {"tenant": tenant.name, "schedule": "nightly", "instant": text}
    )
    assert error is None, answer


def firings(tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tenant.call("GET", "/schedules/nightly").json()["firings"]
    return found


def jobs(tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tenant.call("GET", "/imports").json()["jobs"]
    return found


def waited_for(happened: Callable[[], Any]) -> Any:
    """Ask until it has happened, for a minute at most."""
    until = time.monotonic() + WAIT
    while not (answer := happened()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)
    return answer


@pytest.mark.slow  # waits for the clock of the embedded AWS
def test_a_schedule_fires_at_its_time_and_imports_the_file_that_lies_there(tenant: Tenant) -> None:
    upload(tenant, as_csv(people(7)))
    tenant.aws.idle(WAIT)
    assert jobs(tenant) == [], "what lies there waits"
    in_tokyo = datetime.now(UTC) + timedelta(hours=9, seconds=2)
    put(tenant, f"at({in_tokyo:%Y-%m-%dT%H:%M:%S})", zone="Asia/Tokyo", priority=8)
    (firing,) = waited_for(lambda: firings(tenant))
    job = tenant.ended(firing["job_id"])
    assert (job["status"], job["counts"]["created"], job["priority"]) == ("COMPLETED", 7, 8)
    assert (job["actor"], job["file_name"]) == ("schedule:nightly", "file.csv")
    instant = datetime.fromisoformat(firing["instant"])
    assert instant == (in_tokyo - timedelta(hours=9)).replace(microsecond=0)
    assert job["job_id"] == id_for_schedule(tenant.name, "nightly", instant)
    assert firings(tenant)[0]["status"] == "COMPLETED"
    assert [j["job_id"] for j in jobs(tenant)] == [job["job_id"]]


@pytest.mark.slow  # waits for the clock of the embedded AWS
def test_a_rate_makes_a_job_per_instant_until_it_is_deleted(tenant: Tenant) -> None:
    put(tenant, "rate(1 minute)")  # every six seconds: the fixture's time_scale is a tenth
    waited_for(lambda: len(firings(tenant)) >= 2)
    assert tenant.call("DELETE", "/schedules/nightly").ok
    tenant.aws.idle(WAIT)
    made = {job["job_id"] for job in jobs(tenant)}
    put(tenant)
    assert {firing["job_id"] for firing in firings(tenant)} == made
    entries = tenant.aws.client("scheduler").list_schedules(NamePrefix=tenant.name)["Schedules"]
    assert len(entries) == 1


def test_an_instant_delivered_four_times_at_once_is_one_job(tenant: Tenant) -> None:
    upload(tenant, as_csv(people(5)))
    put(tenant)
    instant = soon()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fire(tenant, instant), range(4)))
    (job,) = jobs(tenant)
    ended = tenant.ended(job["job_id"])
    assert (ended["status"], ended["counts"]["created"]) == ("COMPLETED", 5)
    fire(tenant, instant)
    assert tenant.ended(job["job_id"])["run"] == 1
    assert tenant.executions(job["job_id"]) == [f"{job['job_id']}-1"]
    assert [firing["job_id"] for firing in firings(tenant)] == [job["job_id"]]


def test_each_instant_imports_the_newest_file_of_its_moment(tenant: Tenant) -> None:
    put(tenant)
    first = soon()
    upload(tenant, as_csv(people(2)), "monday.csv")
    fire(tenant, first)
    tenant.aws.idle(WAIT)
    upload(tenant, as_csv(people(3)), "monday.csv")
    fire(tenant, first + timedelta(days=1))
    tenant.aws.idle(WAIT)
    fire(tenant, first + timedelta(days=2))
    tenant.aws.idle(WAIT)
    by_instant = [tenant.job(firing["job_id"]) for firing in reversed(firings(tenant))]
    assert [(job["status"], job["counts"]["created"]) for job in by_instant[:2]] == [("COMPLETED", 2), ("COMPLETED", 1)]
    assert by_instant[2]["reason"]["code"] == "DUPLICATE_FILE", "nothing new came"


def test_an_instant_without_a_file_is_accounted_for(tenant: Tenant) -> None:
    put(tenant)
    bucket, client = tenant.aws.outputs["UploadsBucket"], tenant.aws.client("s3")
    client.put_object(Bucket=bucket, Key=f"{tenant.name}/scheduled/nightly/", Body=b"")  # the mark of a folder
    client.put_object(Bucket=bucket, Key=f"{tenant.name}/scheduled/other/file.csv", Body=as_csv(people(1)))
    fire(tenant, soon())
    (firing,) = firings(tenant)
    job = tenant.ended(firing["job_id"])
    assert (job["status"], job["reason"]["code"]) == ("REJECTED", "NOTHING_TO_IMPORT")
    assert f"{tenant.name}/scheduled/nightly/" in job["reason"]["message"]
    assert [event["new"] for event in tenant.call("GET", f"/imports/{job['job_id']}/events").json()["events"]] == [
        "REJECTED"
    ]


def test_a_schedule_that_is_gone_disabled_or_newer_makes_nothing(tenant: Tenant) -> None:
    upload(tenant, as_csv(people(1)))
    fire(tenant, soon())
    put(tenant, enabled=False)
    fire(tenant, soon())
    put(tenant)
    fire(tenant, datetime.now(UTC) - timedelta(days=1))
    assert tenant.call("DELETE", "/schedules/nightly").ok
    fire(tenant, soon())
    assert jobs(tenant) == []
    put(tenant)
    assert firings(tenant) == []


def cut_short(aws: EmbeddedAws, tenant: Tenant, instant: datetime) -> None:
    """Deliver an instant to a RunSchedule that makes the job but cannot ask for its validation."""
    good = aws.function("RunScheduleFunction").environment
    aws.reconfigure("RunScheduleFunction", environment={**good, "LONGSHORE_VALIDATE_UPLOAD_ARN": "nowhere"})
    event = {"tenant": tenant.name, "schedule": "nightly", "instant": instant.strftime("%Y-%m-%dT%H:%M:%SZ")}
    answer, error = aws.invoke("RunScheduleFunction", event)
    aws.reconfigure("RunScheduleFunction", environment=good)
    assert error, json.dumps(answer)


@pytest.mark.parametrize("followed_by", ["the next delivery", "sweep"])
def test_what_was_cut_short_is_taken_up(tenant: Tenant, followed_by: str) -> None:
    upload(tenant, as_csv(people(4)))
    put(tenant)
    instant = soon()
    cut_short(tenant.aws, tenant, instant)
    (job,) = jobs(tenant)
    assert job["status"] == "VALIDATING"
    if followed_by == "sweep":
        tenant.aws.invoke("SweepFunction", {})
    else:
        fire(tenant, instant)
    ended = tenant.ended(job["job_id"])
    assert (ended["status"], ended["counts"]["created"], ended["run"]) == ("COMPLETED", 4, 1)
    assert len(jobs(tenant)) == 1

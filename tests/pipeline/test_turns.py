"""A job that waits for the lock of a run that died starts by itself once the lease and the grace are over."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tenants import PERSON, Tenant, as_csv, people

from local.embedded_aws import EmbeddedAws
from longshore.domain.locks import Lease, Lock, LockMode, Slots, lease_key, lock_key, slot_key
from longshore.storage.items import encode_fields

ROOT = Path(__file__).parents[2]
GRACE_MS = 1000

pytestmark = pytest.mark.slow  # an embedded AWS of its own, whose waits are as long as they say


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    """A tenant of a Longshore in which nothing wakes DispatchJobs by the minute."""
    with EmbeddedAws(ROOT, {"LateCallGrace": "1", "WorkerConcurrency": "1"}) as aws:
        scheduler = aws.client("scheduler")
        for schedule in scheduler.list_schedules()["Schedules"]:
            scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
        made = Tenant(aws, "waiting")
        made.push(PERSON)
        yield made
        made.http.close()


def put(tenant: Tenant, value: Any) -> None:
    item = encode_fields(value) | {"pk": {"S": value.key}}
    tenant.aws.client("dynamodb").put_item(TableName=tenant.aws.outputs["LocksTable"], Item=item)


def a_run_died_holding(tenant: Tenant, resource: str, seconds: float) -> None:
    """What it left behind: a slot, a lock, and a lease that ends in so many seconds."""
    key = lease_key(tenant.name, "dead", 1)
    put(tenant, Lease(key, int(1000 * (time.time() + seconds)), {resource: 4}, grace=GRACE_MS))
    put(tenant, Slots(slot_key(tenant.name), {key: 1}, 99))
    put(tenant, Lock(lock_key(tenant.name, resource), LockMode.EXCLUSIVE, frozenset({key}), 4, 99))


def waits(tenant: Tenant) -> list[dict[str, Any]]:
    client: Any = tenant.aws.client("stepfunctions")
    machines = client.list_state_machines()["stateMachines"]
    (arn,) = [m["stateMachineArn"] for m in machines if m["name"].endswith("-await-turn")]
    executions: list[dict[str, Any]] = client.list_executions(stateMachineArn=arn)["executions"]
    return executions


def test_a_job_starts_by_itself_when_the_dead_are_gone(tenant: Tenant) -> None:
    # Every function is warm after a first import: the next one's job is queued well before the lease ends.
    assert tenant.ended(tenant.drop("person", as_csv(people(1, first=9))))["status"] == "COMPLETED"
    a_run_died_holding(tenant, "person", seconds=20)
    job_id = tenant.drop("person", as_csv(people(3)))
    deadline = time.monotonic() + 100
    while not waits(tenant):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (waiting,) = tenant.call("GET", "/locks/conflicts").json()["queue"]
    assert (waiting["job_id"], waiting["waits_for"][0]["resource"]) == (job_id, "person")
    assert [holder["job_id"] for holder in waiting["waits_for"][0]["holders"]] == ["dead"]
    while tenant.job(job_id)["status"] == "QUEUED":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    job = tenant.ended(job_id)
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 3)
    assert [execution["status"] for execution in waits(tenant)] == ["SUCCEEDED"], "one wait, and none after it"
    assert tenant.call("GET", "/locks").json() == {"locks": []}

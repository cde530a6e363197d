"""Every fault of every call of DispatchJobs: each job is started once, and holds its slot, workers and lock once."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from batch_cases import ITEM, finish_request
from deliveries import deliver, twice
from fault_kinds import Fault, Throttle
from fault_proxy import Call
from still_aws import StillAws, Upload
from sweeping import deaths, expected_error, lost_replies
from tenants import Tenant

# Slow: a killed function is the cold start of another process.
pytestmark = pytest.mark.slow

FUNCTION = "DispatchJobsFunction"
TYPES = ("item", "pet")
NewTenant = Callable[..., Tenant]


def waiting(still: StillAws, new_tenant: NewTenant) -> list[Upload]:
    """Two queued jobs of a tenant, which nothing keeps from running beside each other."""
    tenant = new_tenant(*(ITEM | {"name": name, "record_type": name} for name in TYPES))
    rows = [{"id": str(i), "name": "n", "amount": i} for i in range(7)]
    return [still.queued(tenant, name, rows) for name in TYPES]


def woken(uploads: Sequence[Upload]) -> dict[str, Any]:
    """The event that wakes DispatchJobs for a tenant."""
    return {"detail-type": "JobQueued", "detail": {"tenant": uploads[0].tenant, "job_id": uploads[0].job_id}}


def calls_of(still: StillAws, new_tenant: NewTenant) -> list[Call]:
    """The AWS calls that start two jobs."""
    uploads = waiting(still, new_tenant)
    calls = still.invoke(FUNCTION, woken(uploads)).watched.calls
    check(still, uploads)
    return calls


def struck(still: StillAws, uploads: Sequence[Upload], fault: Fault) -> None:
    """Wake DispatchJobs once, with the fault, and then as often as AWS and the minute's Sweep would."""
    first = still.invoke(FUNCTION, woken(uploads), fault)
    assert first.watched.struck.is_set(), f"{fault} never struck"
    assert first.error == expected_error(fault), f"{fault}: {first.payload}"
    assert [again.error for again in deliver(still, FUNCTION, twice([woken(uploads)]))] == ["", ""]
    for upload in uploads:
        still.pass_time(upload, 70)
    still.sweep()


def check(still: StillAws, uploads: Sequence[Upload]) -> None:
    """Every job runs, in one execution that was given all batches, and one grant gave it what it holds."""
    tenant = uploads[0].tenant
    leases = {f"{tenant}#lease#{upload.job_id}#1" for upload in uploads}
    held = still.lock_items(f"{tenant}#")
    assert set(held[f"{tenant}#slot#imports"]["units"]["M"]) == leases
    assert leases <= set(still.lock_items("#slot#workers")["#slot#workers"]["units"]["M"])
    for name, upload in zip(TYPES, uploads, strict=True):
        lease = f"{tenant}#lease#{upload.job_id}#1"
        lock = held[f"{tenant}#lock#{name}"]
        assert (lock["holders"]["SS"], lock["token"]["N"]) == ([lease], "1"), "each grant raises the token by one"
        assert held[lease]["tokens"]["M"] == {name: {"N": "1"}}
        assert [event["new"]["S"] for event in still.collection(upload, "event#")] == [
            "VALIDATING",
            "QUEUED",
            "PROCESSING",
        ]
        assert still.executions(upload) == {f"{upload.job_id}-1": "RUNNING"}
        given = still.execution_input(f"{upload.job_id}-1")
        assert (given["run"], given["workers"]) == (1, int(still.job(upload)["workers"]["N"]))
        assert [task["batch"] for level in given["levels"] for task in still.json_object(level["key"])] == [0, 1]


def test_every_death(still: StillAws, new_tenant: NewTenant) -> None:
    for fault in deaths(calls_of(still, new_tenant)):
        uploads = waiting(still, new_tenant)
        struck(still, uploads, fault)
        check(still, uploads)


def test_every_lost_reply(still: StillAws, new_tenant: NewTenant) -> None:
    for fault in lost_replies(calls_of(still, new_tenant)):
        uploads = waiting(still, new_tenant)
        struck(still, uploads, fault)
        check(still, uploads)


def test_what_a_dead_run_holds_is_free_after_its_lease_and_the_grace(still: StillAws, new_tenant: NewTenant) -> None:
    tenant = new_tenant(ITEM)
    dead = still.queued(tenant, "item", [{"id": "1", "name": "n", "amount": 1}], "dead.csv")
    wake = woken([dead])
    assert still.invoke(FUNCTION, wake, Throttle(1, "AccessDenied", on="StartExecution")).error == "UnexpectedFailure"
    following = still.queued(tenant, "item", [{"id": "2", "name": "n", "amount": 2}], "following.csv")
    for seconds, status in ((0, "QUEUED"), (901, "QUEUED"), (31, "PROCESSING")):
        still.pass_time(dead, seconds)
        assert still.invoke(FUNCTION, wake).error == ""
        assert still.status(following) == status
    leases = [f"{tenant.name}#lease#{following.job_id}#1"]
    assert holders(still, tenant) == (leases, leases, "2")
    # The dead one is not forgotten, does nothing, and takes nothing from the one that displaced it.
    still.sweep()
    assert still.executions(dead) == {f"{dead.job_id}-1": "RUNNING"}
    [task] = still.tasks(dead)
    assert still.invoke("LoadBatchFunction", task).error == ""
    assert [batch["generation"]["N"] for batch in still.batches(dead)] == ["0"]
    assert still.invoke("FinishRunFunction", finish_request(dead)).error == ""
    assert still.status(dead) == "FAILED"
    assert holders(still, tenant) == (leases, leases, "2")


def holders(still: StillAws, tenant: Tenant) -> tuple[list[str], list[str], str]:
    """Who holds the tenant's slots and its lock, and the lock's token."""
    held = still.lock_items(f"{tenant.name}#")
    lock = held[f"{tenant.name}#lock#item"]
    return list(held[f"{tenant.name}#slot#imports"]["units"]["M"]), lock["holders"]["SS"], lock["token"]["N"]

"""Every fault of every call of FinishRun: the run ends once, every row is counted, and all that it held is free."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from batch_cases import ITEM, counts_of, finish_request
from deliveries import deliver_at_once, twice
from fault_kinds import DieBefore, Fault, StatementErrors
from fault_proxy import Call
from still_aws import StillAws, Upload, until
from sweeping import deaths, expected_error, lost_replies
from tenants import Tenant

# Slow: a killed function is the cold start of another process.
pytestmark = pytest.mark.slow

FUNCTION = "FinishRunFunction"
NewTenant = Callable[..., Tenant]


def loaded_in_part(still: StillAws, tenant: Tenant) -> Upload:
    """A run with a batch that is complete, one whose worker wrote 4 of 5 rows, and one that nobody touched."""
    upload = still.dispatched(tenant, "item", [{"id": str(i), "name": "n", "amount": i} for i in range(15)])
    complete, in_part, _ = still.tasks(upload)
    assert still.invoke("LoadBatchFunction", complete).error == ""
    refused = StatementErrors(1, {2: "AccessDenied"}, on="BatchExecuteStatement")
    assert still.invoke("LoadBatchFunction", in_part, refused).error == "UnexpectedFailure"
    return upload


def claims_passed(still: StillAws, new_tenant: NewTenant) -> Upload:
    """Such a run after the deadline of every claim, and the grace that a late call has."""
    upload = loaded_in_part(still, new_tenant(ITEM))
    for task in still.tasks(upload):
        still.pass_time_of_batch(task, 120)
    return upload


def calls_of(still: StillAws, new_tenant: NewTenant) -> list[Call]:
    """The AWS calls that end such a run."""
    upload = claims_passed(still, new_tenant)
    ended = still.invoke(FUNCTION, finish_request(upload))
    assert ended.error == ""
    check(still, upload)
    return ended.watched.calls


def struck(still: StillAws, upload: Upload, fault: Fault) -> None:
    """End the run with the fault, and then as often as the state machine and Sweep would."""
    first = still.invoke(FUNCTION, finish_request(upload), fault)
    assert first.watched.struck.is_set(), f"{fault} never struck"
    assert first.error == expected_error(fault), f"{fault}: {first.payload}"
    for again in deliver_at_once(still, FUNCTION, twice([finish_request(upload)])):
        # Two that end the same run at the same time: the state machine tries the one that came second again.
        assert again.error in ("", "StaleItem"), again.payload
    check(still, upload)


def check(still: StillAws, upload: Upload) -> None:
    """The job ended once, each row is in one bucket, and nothing is held but the memory of the lock's token."""
    job = still.job(upload)
    assert job["status"]["S"] == "COMPLETED_WITH_ERRORS"
    assert counts_of(job) == Counter(created=9, unprocessed=6)
    assert [event["new"]["S"] for event in still.collection(upload, "event#")][2:] == [
        "PROCESSING",
        "COMPLETED_WITH_ERRORS",
    ]
    held = still.lock_items(f"{upload.tenant}#")
    assert f"{upload.tenant}#lease#{upload.job_id}#1" not in held
    assert held[f"{upload.tenant}#slot#imports"]["units"]["M"] == {}
    assert "holders" not in held[f"{upload.tenant}#lock#item"]
    assert held[f"{upload.tenant}#lock#item"]["token"]["N"] == "1"
    workers = still.lock_items("#slot#workers")["#slot#workers"]["units"]["M"]
    assert not [lease for lease in workers if upload.job_id in lease]


def sweep_faults(still: StillAws, new_tenant: NewTenant, faults: Sequence[Fault]) -> None:
    """Meet each fault with a run of its own."""
    uploads = [claims_passed(still, new_tenant) for _ in faults]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda upload, fault: struck(still, upload, fault), uploads, faults))


def test_every_death(still: StillAws, new_tenant: NewTenant) -> None:
    sweep_faults(still, new_tenant, deaths(calls_of(still, new_tenant)))


def test_every_lost_reply(still: StillAws, new_tenant: NewTenant) -> None:
    sweep_faults(still, new_tenant, lost_replies(calls_of(still, new_tenant)))


def test_a_run_does_not_end_while_a_worker_may_write(still: StillAws, new_tenant: NewTenant) -> None:
    upload = loaded_in_part(still, new_tenant(ITEM))
    assert still.invoke(FUNCTION, finish_request(upload)).error == "ClaimsOutstanding"
    for task in still.tasks(upload):
        still.pass_time_of_batch(task, 31)
    # Past its deadline, but a call that it made before may still be on its way.
    assert still.invoke(FUNCTION, finish_request(upload)).error == "ClaimsOutstanding"
    assert still.status(upload) == "PROCESSING"
    for task in still.tasks(upload):
        still.pass_time_of_batch(task, 31)
    assert still.invoke(FUNCTION, finish_request(upload)).error == ""
    check(still, upload)


def test_the_next_job_starts_although_the_message_of_the_end_was_lost(still: StillAws, new_tenant: NewTenant) -> None:
    tenant = new_tenant(ITEM)
    upload = loaded_in_part(still, tenant)
    following = still.queued(tenant, "item", [{"id": "next", "name": "n", "amount": 1}], "next.csv")
    for task in still.tasks(upload):
        still.pass_time_of_batch(task, 120)
    assert still.invoke(FUNCTION, finish_request(upload), DieBefore(1, on="PutEvents")).error == "Runtime.ExitError"
    check(still, upload)
    assert "RunEnded" not in still.inbox.heard(upload.job_id)
    told = still.inbox.heard(following.job_id).count("JobQueued")
    still.pass_time(following, 70)
    still.sweep()
    until(lambda: still.inbox.heard(following.job_id).count("JobQueued") > told, 20, "Sweep tells of the job")
    still.invoke("DispatchJobsFunction", {"detail": {"tenant": tenant.name}})
    assert still.status(following) == "PROCESSING"

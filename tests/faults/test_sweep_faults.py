"""Every fault of every call of Sweep: whatever died, the next minute's Sweep brings every stuck job on, each once."""

from collections import Counter
from collections.abc import Callable

import pytest
from batch_cases import ITEM, counts_of
from fault_kinds import Fault, Throttle
from fault_proxy import Call
from still_aws import StillAws, Upload, until
from stuck_jobs import ROWS, Stuck, laid_to_rest, scheduled, stuck, unheard
from sweeping import deaths_around_writes, expected_error, lost_replies_together
from tenants import Tenant

# Slow: a killed function is the cold start of another process.
pytestmark = pytest.mark.slow

NewTenant = Callable[..., Tenant]


def swept(still: StillAws, fault: Fault | None = None) -> list[Call]:
    """Sweep once, meeting the fault."""
    first = still.invoke("SweepFunction", {}, fault)
    assert fault is None or first.watched.struck.is_set(), f"{fault} never struck"
    assert first.error == expected_error(fault), f"{fault}: {first.payload}"
    return first.watched.calls


def check(still: StillAws, found: Stuck) -> None:
    """Every job has gone on: once, with all of its rows accounted for, and without holding what it must not."""
    jobs = found.jobs
    missing = jobs["missing"]
    assert still.executions(missing) == {f"{missing.job_id}-1": "RUNNING"}
    levels = still.execution_input(f"{missing.job_id}-1")["levels"]
    assert [task["batch"] for level in levels for task in still.json_object(level["key"])] == [0, 1]
    for kind in ("closed", "stalled"):
        assert still.executions(jobs[kind]) == {f"{jobs[kind].job_id}-1": "ABORTED"}
        assert still.status(jobs[kind]) == "FAILED"
        assert counts_of(still.job(jobs[kind])) == Counter(unprocessed=len(ROWS))
        assert holders(still, jobs[kind], kind) == set()
    assert holders(still, missing, "missing") == {"slot", "workers", "lock", "lease"}
    assert {statuses(still, upload).count("PROCESSING") for kind, upload in jobs.items() if kind in RAN} == {1}
    until(lambda: still.status(jobs["unread"]) == "QUEUED", 60, "the file is read again")
    assert counts_of(still.job(jobs["unread"])) == Counter(unprocessed=len(ROWS))
    until(lambda: told(still, found) >= 2, 20, "Sweep tells of the queued job")


RAN = ("missing", "closed", "stalled")


def told(still: StillAws, found: Stuck) -> int:
    """How often the bus heard of the queued job: first when it was queued."""
    return still.inbox.heard(found.jobs["queued"].job_id).count("JobQueued")


def statuses(still: StillAws, upload: Upload) -> list[str]:
    """The statuses that the job has had."""
    return [event["new"]["S"] for event in still.collection(upload, "event#")]


def holders(still: StillAws, upload: Upload, record_type: str) -> set[str]:
    """What the job's run holds."""
    lease = f"{upload.tenant}#lease#{upload.job_id}#1"
    held = still.lock_items(f"{upload.tenant}#") | still.lock_items("#slot#workers")
    holds = {
        "slot": lease in held[f"{upload.tenant}#slot#imports"]["units"]["M"],
        "workers": lease in held["#slot#workers"]["units"]["M"],
        "lock": lease in held[f"{upload.tenant}#lock#{record_type}"].get("holders", {}).get("SS", []),
        "lease": lease in held,
    }
    return {name for name, held_by_it in holds.items() if held_by_it}


def calls_of(still: StillAws, new_tenant: NewTenant) -> list[Call]:
    """The AWS calls of a Sweep that meets every kind of stuck job."""
    found = stuck(still, new_tenant)
    calls = swept(still)
    check(still, found)
    laid_to_rest(still, found.jobs)
    return calls


def meet(still: StillAws, new_tenant: NewTenant, fault: Fault) -> None:
    """Sweep with the fault, and again a minute later."""
    found = stuck(still, new_tenant)
    swept(still, fault)
    swept(still)
    check(still, found)
    laid_to_rest(still, found.jobs)


def test_every_death(still: StillAws, new_tenant: NewTenant) -> None:
    for fault in deaths_around_writes(calls_of(still, new_tenant)):
        meet(still, new_tenant, fault)


def test_every_lost_reply(still: StillAws, new_tenant: NewTenant) -> None:
    for fault in lost_replies_together(calls_of(still, new_tenant), 4):
        meet(still, new_tenant, fault)


def test_a_job_that_cannot_go_on_does_not_keep_sweep_from_the_others(still: StillAws, new_tenant: NewTenant) -> None:
    found = stuck(still, new_tenant)
    refused = Throttle(1, "AccessDeniedException", on="DescribeExecution")
    calls = swept(still, refused)
    assert sum(call.operation == "DescribeExecution" for call in calls) == len(RAN)
    swept(still)
    check(still, found)
    laid_to_rest(still, found.jobs)


def test_lost_events_and_schedules(still: StillAws, new_tenant: NewTenant) -> None:
    tenant = new_tenant(ITEM)
    calls = late_again(still, tenant, None)
    for fault in [*deaths_around_writes(calls), *lost_replies_together(calls, 1)]:
        late_again(still, tenant, fault)


def late_again(still: StillAws, tenant: Tenant, fault: Fault | None) -> list[Call]:
    """Have a job whose event was lost and one whose time has come, and sweep twice, first with the fault."""
    jobs = {"unheard": unheard(still, tenant), "scheduled": scheduled(still, tenant)}
    for upload in jobs.values():
        still.pass_time(upload, 7200)
    calls = swept(still, fault)
    for upload in jobs.values():
        still.pass_time(upload, 7200)
    swept(still)
    for upload in jobs.values():
        until(lambda upload=upload: still.status(upload) == "QUEUED", 60, "the job is queued")
        assert statuses(still, upload).count("QUEUED") == 1
    until(lambda: "JobQueued" in said(still, jobs), 20, "the bus hears of it")
    laid_to_rest(still, jobs)
    return calls


def said(still: StillAws, jobs: dict[str, Upload]) -> list[str]:
    """What the bus heard of the jobs."""
    return [kind for upload in jobs.values() for kind in still.inbox.heard(upload.job_id)]

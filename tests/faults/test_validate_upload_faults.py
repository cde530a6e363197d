"""Every fault of every call of ValidateUpload: the file becomes one job, whoever brings it about in the end."""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from batch_cases import ITEM, counts_of
from deliveries import deliver, deliver_at_once, in_another_order, twice
from fault_kinds import DieAfter, Fault
from fault_proxy import Call
from still_aws import StillAws, Upload, until
from sweeping import deaths, deaths_around_writes, expected_error, lost_replies
from tenants import Tenant

from longshore.domain.rows.row_columns import RowColumns

# Slow: a killed function is the cold start of another process.
pytestmark = pytest.mark.slow

FUNCTION = "ValidateUploadFunction"
GOOD = 12


NewTenant = Callable[..., Tenant]


def uploaded(still: StillAws, tenant: Tenant, name: str = "file.csv") -> Upload:
    """A file of three batches and one bad row."""
    rows = [{"id": f"{name}-{i}", "name": "n", "amount": i} for i in range(GOOD)]
    return still.upload(tenant, "item", [*rows, {"id": "bad", "name": "n", "amount": "many"}], name)


def attempt(still: StillAws, upload: Upload, fault: Fault) -> None:
    """Deliver the event to a function that meets the fault."""
    first = still.invoke(FUNCTION, upload.event, fault)
    assert first.watched.struck.is_set(), f"{fault} never struck"
    assert first.error == expected_error(fault), f"{fault}: {first.payload}"


def calls_of(still: StillAws, new_tenant: NewTenant) -> list[Call]:
    """The AWS calls of a validation."""
    return still.invoke(FUNCTION, uploaded(still, new_tenant(ITEM)).event).watched.calls


def struck(still: StillAws, new_tenant: NewTenant, faults: Sequence[Fault]) -> list[tuple[Tenant, Upload]]:
    """For each fault a tenant with an upload, after the attempt that met the fault."""
    tenants = [new_tenant(ITEM) for _ in faults]
    uploads = [uploaded(still, tenant) for tenant in tenants]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda upload, fault: attempt(still, upload, fault), uploads, faults))
    return list(zip(tenants, uploads, strict=True))


def check(still: StillAws, tenant: Tenant, uploads: Sequence[Upload]) -> None:
    """Each file of the tenant is one queued job, whose batches hold each row once, and the bus has heard of it."""
    for upload in uploads:
        job = still.job(upload)
        assert job["status"]["S"] == "QUEUED"
        assert counts_of(job) == Counter(rejected=1, unprocessed=GOOD)
        rows = rows_of(still, upload)
        assert [len(of_batch) for of_batch in rows] == [5, 5, 2]
        assert [row[2].rpartition("-")[2] for of_batch in rows for row in of_batch] == [str(i) for i in range(GOOD)]
        assert [error["row"] for error in tenant.errors(upload.job_id)] == [GOOD + 1]
        versions = [int(event["version"]["N"]) for event in still.collection(upload, "event#")]
        assert versions == list(range(1, int(job["version"]["N"]) + 1))
        until(lambda job_id=upload.job_id: "JobQueued" in still.inbox.heard(job_id), 20, "the job is queued")
    jobs = [job["job_id"] for job in tenant.call("GET", "/imports").json()["jobs"]]
    assert sorted(jobs) == sorted(upload.job_id for upload in uploads)


def rows_of(still: StillAws, upload: Upload) -> list[list[list[Any]]]:
    """The rows of each batch, read where its pointer says."""
    found = []
    for batch in still.batches(upload):
        at = batch["rows_at"]["M"]
        start, length = int(at["offset"]["N"]), int(at["length"]["N"])
        document = json.loads(gzip.decompress(still.object(at["key"]["S"])[start : start + length]))
        assert document["fields"] == ["id", "name", "amount"]
        found.append(list(RowColumns.of(document)))
    return found


def test_every_death_and_the_event_again(still: StillAws, new_tenant: NewTenant) -> None:
    died = struck(still, new_tenant, deaths(calls_of(still, new_tenant)))
    for _, upload in died:
        still.pass_time(upload, 400)
    deliver_at_once(still, FUNCTION, twice([upload.event for _, upload in died]))
    # The event makes the job whole; that its message was lost, Sweep finds out.
    for _, upload in died:
        still.pass_time(upload, 100)
    still.sweep()
    for tenant, upload in died:
        check(still, tenant, [upload])


def test_every_death_and_the_sweep(still: StillAws, new_tenant: NewTenant) -> None:
    # Before its first call an attempt leaves no trace: the event comes again, for Lambda retries it.
    died = struck(still, new_tenant, deaths_around_writes(calls_of(still, new_tenant))[1:])
    for _, upload in died:
        still.pass_time(upload, 400)
    still.sweep()
    for tenant, upload in died:
        until(lambda upload=upload: still.status(upload) == "QUEUED", 60, "Sweep has the file validated again")
        check(still, tenant, [upload])


def test_every_lost_reply(still: StillAws, new_tenant: NewTenant) -> None:
    for tenant, upload in struck(still, new_tenant, lost_replies(calls_of(still, new_tenant))):
        check(still, tenant, [upload])


def test_nobody_takes_a_validation_over_before_its_time(still: StillAws, new_tenant: NewTenant) -> None:
    [(tenant, upload)] = struck(still, new_tenant, [DieAfter(5)])
    assert [again.error for again in deliver(still, FUNCTION, twice([upload.event]))] == ["ClaimHeld", "ClaimHeld"]
    still.pass_time(upload, 400)
    assert [again.error for again in deliver(still, FUNCTION, twice([upload.event]))] == ["", ""]
    check(still, tenant, [upload])


def test_events_twice_and_in_another_order(still: StillAws, new_tenant: NewTenant) -> None:
    tenant = new_tenant(ITEM)
    uploads = [uploaded(still, tenant, f"{number}.csv") for number in range(6)]
    events = [upload.event for upload in uploads]
    answers = deliver_at_once(still, FUNCTION, in_another_order(twice(events), seed=3))
    assert {answer.error for answer in answers} <= {"", "ClaimHeld"}
    check(still, tenant, uploads)

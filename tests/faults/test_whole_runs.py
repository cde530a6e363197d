"""Whole imports in which everything fails once: what AWS repeats by itself is enough to end them well."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from batch_cases import ITEM, counts_of
from fault_kinds import DieAfter, DieBefore, Fault, LoseReply
from record_states import put_records, records_of, undone
from still_aws import StillAws, Upload, until
from tenants import Tenant

# Slow: claims of killed workers have to pass their deadlines.
pytestmark = pytest.mark.slow

WRITE = "BatchExecuteStatement"
ROWS = [{"id": str(i), "name": "new", "amount": i} for i in range(13)]
NewTenant = Callable[..., Tenant]


@pytest.fixture
def moving(still: StillAws) -> Iterator[None]:
    """Events are delivered, executions run, claims end after 3 s, and late calls have one more second."""
    grace = {"LONGSHORE_LATE_CALL_GRACE": "1"}
    with (
        still.moving(),
        still.configured("LoadBatchFunction", {**grace, "LONGSHORE_BATCH_TIMEOUT": "3"}, timeout=2),
        still.configured("FinishRunFunction", grace),
    ):
        yield


def imported(still: StillAws, tenant: Tenant, rows: list[dict[str, Any]], faults: list[tuple[str, Fault]]) -> Upload:
    """Drop a file and wait for the end of its job, while functions meet their faults."""
    armed = [still.proxy.arm(fault, function) for function, fault in faults]
    upload = still.upload(tenant, "item", rows)
    try:
        until(lambda: still.status(upload).startswith(("COMPLETED", "FAILED")), 60, "the job ends")
    finally:
        for watched in armed:
            still.proxy.disarm(watched)
    assert all(watched.struck.is_set() for watched in armed)
    return upload


@pytest.mark.usefixtures("moving")
def test_every_function_dies_once(still: StillAws, new_tenant: NewTenant) -> None:
    tenant = new_tenant(ITEM)
    put_records(still, tenant.name, "item", [{**row, "name": "old"} for row in ROWS[:6]])
    before = records_of(still, tenant.name)
    faults = [
        ("ValidateUploadFunction", LoseReply(1, on="PUT")),
        ("DispatchJobsFunction", DieBefore(1, on="TransactWriteItems")),
        ("LoadBatchFunction", DieAfter(2, on=WRITE)),
        ("FinishRunFunction", DieAfter(1, on="TransactWriteItems")),
    ]
    upload = imported(still, tenant, ROWS, faults)
    assert still.status(upload) == "COMPLETED"
    assert counts_of(still.job(upload)) == Counter(created=7, updated=6)
    until(lambda: set(still.executions(upload).values()) == {"SUCCEEDED"}, 20, "the execution ends")
    assert len(still.executions(upload)) == 1
    after = records_of(still, tenant.name)
    assert {record["data"]["id"] for record in after.values()} == {row["id"] for row in ROWS}
    assert {record["data"]["name"] for record in after.values()} == {"new"}
    assert undone(still, upload, after) == before


@pytest.mark.usefixtures("moving")
def test_rows_of_a_batch_whose_attempts_are_exhausted_are_read_before_they_are_counted(
    still: StillAws, new_tenant: NewTenant
) -> None:
    tenant = new_tenant(ITEM)
    # The first attempt writes all rows and dies; no other one lives long enough to find that out.
    faults = [
        ("LoadBatchFunction", DieAfter(1, on=WRITE)),
        ("LoadBatchFunction", DieAfter(2, on="GET", times=100)),
    ]
    upload = imported(still, tenant, ROWS[:5], faults)
    [batch] = still.batches(upload)
    assert batch["status"]["S"] == "FAILED"
    assert counts_of(still.job(upload)) == Counter(created=5)
    assert undone(still, upload, records_of(still, tenant.name)) == {}

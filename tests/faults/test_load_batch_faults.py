"""Every fault of every call of LoadBatch: after the retry each record is there once, counted once and can be undone."""

from collections.abc import Callable, Sequence

import pytest
from batch_cases import ITEM, Case, counts_of, load
from deliveries import deliver_at_once, in_another_order, twice
from fault_kinds import DieAfter, DieBefore, Fault, LoseReply, StatementErrors, Throttle
from fault_proxy import Call
from record_states import records_of
from still_aws import StillAws
from sweeping import deaths, expected_error, lost_replies
from tenants import Tenant

# Slow: a killed worker is the cold start of another process.
pytestmark = pytest.mark.slow

MIXED = ["new", "changed", "new", "changed", "unchanged"]
MODES = {
    "upsert": (
        "new new new new new",
        "changed changed changed changed",
        "unchanged unchanged",
        " ".join(MIXED),
    ),
    "insert": ("new there new there new",),
}
"""By mode of the template, the batches of the sweep."""

PASSING = (
    "InternalServerError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ThrottlingError",
    "TransactionConflict",
)
HOPELESS = ("AccessDenied", "ValidationError")


WRITE = "BatchExecuteStatement"


def first(operation: str, calls: Sequence[Call]) -> int:
    """The number of the first call of an operation."""
    return next(call.number for call in calls if call.operation.startswith(operation))


def padded(kinds: str) -> list[str]:
    """Five rows, as many as a batch has."""
    named = kinds.split()
    return (named * 5)[:5]


@pytest.mark.parametrize("mode", MODES)
def test_every_fault_of_every_call(still: StillAws, new_tenant: Callable[..., Tenant], mode: str) -> None:
    mixes = [padded(kinds) for kinds in MODES[mode]]
    template = ITEM | {"mode": mode}
    scouted = load(still, new_tenant(template), [Case(kinds) for kinds in mixes])
    cases = [
        Case(kinds, fault, expected_error(fault))
        for kinds, calls in zip(mixes, scouted, strict=True)
        for fault in [*deaths(calls), *lost_replies(calls)]
    ]
    load(still, new_tenant(template), cases)


def test_every_error_of_a_statement_inside_an_http_200(still: StillAws, new_tenant: Callable[..., Tenant]) -> None:
    two = (0, 3)
    cases = [
        Case(padded(kind), StatementErrors(1, dict.fromkeys(two, code), applied, on=WRITE))
        for kind, believed in (("new", "DuplicateItem"), ("changed", "ConditionalCheckFailed"))
        for code in (*PASSING, believed)
        for applied in (False, True)
    ]
    cases += [
        Case(padded(kind), StatementErrors(1, dict.fromkeys(two, code), on=WRITE), "UnexpectedFailure")
        for kind in ("new", "changed")
        for code in HOPELESS
    ]
    load(still, new_tenant(ITEM), cases)


def test_throttling_of_whole_calls(still: StillAws, new_tenant: Callable[..., Tenant]) -> None:
    codes = ("ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError")
    # Once: the SDK tries again. Three times: it gives up, and the step decides anew.
    cases = [Case(MIXED, Throttle(1, code, times=times, on=WRITE)) for code in codes for times in (1, 3)]
    # Before anything was written the claim is given back, so nobody has to wait for its deadline.
    cases += [
        Case(MIXED, Throttle(1, "SlowDown", times=3, on=what), "ServiceUnavailable", released=True)
        for what in ("GET", "PUT")
    ]
    load(still, new_tenant(ITEM), cases)


def test_a_batch_of_full_size(still: StillAws, new_tenant: Callable[..., Tenant]) -> None:
    # The first 100 keys are not there, so all rows are written first, and 580 of them are met again.
    kinds = ["new"] * 120 + ["changed"] * 300 + ["unchanged"] * 280 + ["new"] * 300
    with still.configured("ValidateUploadFunction", {"LONGSHORE_BATCH_ROWS": "1000"}):
        [calls] = load(still, new_tenant(ITEM), [Case(kinds)])
        assert sum(call.operation == WRITE for call in calls) == 40 + 12
        inserts, journal = first(WRITE, calls), first("PUT", calls)
        faults = [DieAfter(inserts + 20), LoseReply(inserts + 3), DieAfter(journal), LoseReply(len(calls) - 5)]
        load(still, new_tenant(ITEM), [Case(kinds, fault, expected_error(fault)) for fault in faults])


@pytest.mark.parametrize(
    "fault", [DieBefore(1, on="UpdateItem"), DieAfter(1, on="UpdateItem"), LoseReply(1, on="UpdateItem")], ids=repr
)
def test_every_fault_of_a_renewal(still: StillAws, new_tenant: Callable[..., Tenant], fault: Fault) -> None:
    upload = still.dispatched(new_tenant(ITEM), "item", Case(MIXED).rows(0))
    [task] = still.tasks(upload)
    still.pass_time(upload, 600)
    [(key, lease)] = still.lock_items(f"{upload.tenant}#lease#").items()
    first = still.invoke("LoadBatchFunction", task, fault)
    assert first.error == expected_error(fault)
    assert first.watched.struck.is_set()
    # Renewing comes before the claim: nobody has to wait.
    assert still.invoke("LoadBatchFunction", task).error == ""
    renewed = still.lock_items(key)[key]
    assert int(renewed["expires_at"]["N"]) > int(lease["expires_at"]["N"]) + 500_000
    [batch] = still.batches(upload)
    assert (batch["status"]["S"], batch["generation"]["N"]) == ("COMPLETED", "1")


def test_the_same_task_twice_at_once(still: StillAws, new_tenant: Callable[..., Tenant]) -> None:
    upload = still.dispatched(new_tenant(ITEM), "item", [row for n in range(6) for row in Case(MIXED).rows(n)])
    tasks = still.tasks(upload)
    answers = deliver_at_once(still, "LoadBatchFunction", in_another_order(twice(tasks), seed=5))
    assert {answer.error for answer in answers} <= {"", "ClaimHeld"}
    assert [batch["generation"]["N"] for batch in still.batches(upload)] == ["1"] * len(tasks)
    assert [sum(counts_of(batch).values()) for batch in still.batches(upload)] == [5] * len(tasks)
    assert len(records_of(still, upload.tenant)) == 5 * len(tasks)

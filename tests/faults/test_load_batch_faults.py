"""Every fault of every call of LoadBatch: after the retry each record is there once, counted once, and can be undone."""

from collections.abc import Callable

import pytest
from batch_cases import ITEM, Case, load
from fault_kinds import DieAfter, Fault, LoseReply, StatementErrors, Throttle
from still_aws import StillAws
from sweeping import every_fault, expected_error
from tenants import Tenant

# Slow: a killed worker is the cold start of another process.
pytestmark = pytest.mark.slow

MODES = {
    "upsert": ("new new new new new", "changed changed changed changed", "unchanged unchanged", "new changed unchanged"),
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
MIXED = "new changed new changed unchanged".split()


def padded(kinds: str) -> list[str]:
    """Five rows, as many as a batch has."""
    named = kinds.split()
    return (named * 5)[:5]


@pytest.mark.parametrize("mode", MODES)
def test_every_fault_of_every_call(still: StillAws, new_tenant: Callable[..., Tenant], mode: str) -> None:
    mixes = [padded(kinds) for kinds in MODES[mode]]
    template = ITEM | {"mode": mode}
    operations = load(still, new_tenant(template), [Case(kinds) for kinds in mixes])
    cases = [
        Case(kinds, fault, expected_error(fault))
        for kinds, calls in zip(mixes, operations, strict=True)
        for fault in every_fault(len(calls))
    ]
    load(still, new_tenant(template), cases)


def test_every_error_of_a_statement_inside_an_http_200(still: StillAws, new_tenant: Callable[..., Tenant]) -> None:
    calls = {kind: load(still, new_tenant(ITEM), [Case(padded(kind))])[0] for kind in ("new", "changed")}
    k = {kind: operations.index("BatchExecuteStatement") + 1 for kind, operations in calls.items()}
    two = (0, 3)
    cases = [
        Case(padded(kind), StatementErrors(k[kind], dict.fromkeys(two, code), applied))
        for kind, believed in (("new", "DuplicateItem"), ("changed", "ConditionalCheckFailed"))
        for code in (*PASSING, believed)
        for applied in (False, True)
    ]
    cases += [
        Case(padded(kind), StatementErrors(k[kind], dict.fromkeys(two, code)), "UnexpectedFailure")
        for kind in k
        for code in HOPELESS
    ]
    load(still, new_tenant(ITEM), cases)


def test_throttling_of_whole_calls(still: StillAws, new_tenant: Callable[..., Tenant]) -> None:
    [operations] = load(still, new_tenant(ITEM), [Case(MIXED)])
    writes = operations.index("BatchExecuteStatement") + 1
    reads_rows, journals = (n for n, operation in enumerate(operations, 1) if operation[:3] in ("GET", "PUT"))
    codes = ("ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError")
    # Once: the SDK tries again. Three times: it gives up, and the step decides anew.
    cases = [Case(MIXED, Throttle(writes, code, times)) for code in codes for times in (1, 3)]
    # Before anything was written the claim is given back, so nobody has to wait for its deadline.
    cases += [
        Case(MIXED, Throttle(k, "SlowDown", 3), "ServiceUnavailable", released=True) for k in (reads_rows, journals)
    ]
    load(still, new_tenant(ITEM), cases)


def test_a_batch_of_full_size(still: StillAws, new_tenant: Callable[..., Tenant]) -> None:
    # The first 100 keys are not there, so all rows are written first, and 580 of them are met again.
    kinds = ["new"] * 120 + ["changed"] * 300 + ["unchanged"] * 280 + ["new"] * 300
    with still.configured("ValidateUploadFunction", {"LONGSHORE_BATCH_ROWS": "1000"}):
        [operations] = load(still, new_tenant(ITEM), [Case(kinds)])
        assert operations.count("BatchExecuteStatement") == 40 + 12
        first_write = operations.index("BatchExecuteStatement") + 1
        [journal] = (n for n, operation in enumerate(operations, 1) if operation.startswith("PUT"))
        last = len(operations)
        faults: list[Fault] = [DieAfter(k) for k in (first_write + 20, journal, journal + 5)]
        faults += [LoseReply(k) for k in (first_write + 3, last - 5)]
        load(still, new_tenant(ITEM), [Case(kinds, fault, expected_error(fault)) for fault in faults])

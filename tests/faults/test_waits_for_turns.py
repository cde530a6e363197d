"""A job that is refused gets one wait for its turn, whatever dies and whatever is delivered twice."""

from collections.abc import Callable
from typing import Any

import pytest
from batch_cases import ITEM, finish_request
from deliveries import deliver, twice
from fault_kinds import DieAfter, DieBefore, Fault, LoseReply, Throttle
from still_aws import StillAws, Upload
from sweeping import expected_error
from tenants import Tenant

# Slow: a killed function is the cold start of another process.
pytestmark = pytest.mark.slow

FUNCTION = "DispatchJobsFunction"
NewTenant = Callable[..., Tenant]
LONGEST = 930 + 15 + 8
"""Seconds: the lease and the grace, on the grid of waits, and the jitter."""


@pytest.fixture
def refused(still: StillAws, new_tenant: NewTenant) -> tuple[Upload, Upload]:
    """A job whose run holds the lock, and one that nobody has looked at since."""
    tenant = new_tenant(ITEM)
    running = still.dispatched(tenant, "item", [{"id": "1", "name": "n", "amount": 1}], "first.csv")
    waiting = still.queued(tenant, "item", [{"id": "2", "name": "n", "amount": 2}], "second.csv")
    return running, waiting


def wake(upload: Upload) -> dict[str, Any]:
    return {"detail": {"tenant": upload.tenant}}


def test_who_is_refused_again_and_again_waits_once(still: StillAws, refused: tuple[Upload, Upload]) -> None:
    running, waiting = refused
    assert still.waits(waiting.tenant) == {}, "nobody waited yet"
    assert {found.error for found in deliver(still, FUNCTION, twice([wake(waiting)] * 2))} == {""}
    ((name, given),) = still.waits(waiting.tenant).items()
    lease = still.lock_items(f"{waiting.tenant}#lease#{running.job_id}#1").popitem()[1]
    assert int(name.rpartition("-")[2]) * 1000 >= int(lease["expires_at"]["N"]) + int(lease["grace"]["N"])
    assert given["tenant"] == waiting.tenant
    assert 900 < given["seconds"] <= LONGEST


def test_a_lease_that_was_renewed_is_waited_for_anew(still: StillAws, refused: tuple[Upload, Upload]) -> None:
    running, waiting = refused
    still.invoke(FUNCTION, wake(waiting))
    still.pass_time(running, -450)  # its lease now ends so much later
    deliver(still, FUNCTION, twice([wake(waiting)]))
    first, second = sorted(int(name.rpartition("-")[2]) for name in still.waits(waiting.tenant))
    assert second - first == 450


def test_at_the_end_of_the_wait_the_dead_are_displaced(still: StillAws, refused: tuple[Upload, Upload]) -> None:
    running, waiting = refused
    still.invoke(FUNCTION, wake(waiting))
    (given,) = still.waits(waiting.tenant).values()
    still.pass_time(running, given["seconds"])
    assert still.invoke(FUNCTION, {"detail": {"tenant": given["tenant"]}}).error == ""
    assert still.status(waiting) == "PROCESSING"
    assert len(still.waits(waiting.tenant)) == 1, "nobody waits any more"


def test_nobody_waits_where_nobody_is_refused(still: StillAws, new_tenant: NewTenant) -> None:
    tenant = new_tenant(ITEM)
    still.dispatched(tenant, "item", [{"id": "1", "name": "n", "amount": 1}])
    still.invoke(FUNCTION, {"detail": {"tenant": tenant.name}})
    assert still.waits(tenant.name) == {}


@pytest.mark.parametrize("fault", [DieBefore(1, on="StartExecution"), DieAfter(1, on="StartExecution")], ids=str)
def test_a_wait_survives_a_death(still: StillAws, refused: tuple[Upload, Upload], fault: Fault) -> None:
    _met_and_told_again(still, refused[1], fault)


def test_a_lost_reply_is_one_wait(still: StillAws, refused: tuple[Upload, Upload]) -> None:
    _met_and_told_again(still, refused[1], LoseReply(1, on="StartExecution"))


def _met_and_told_again(still: StillAws, waiting: Upload, fault: Fault) -> None:
    first = still.invoke(FUNCTION, wake(waiting), fault)
    assert first.watched.struck.is_set()
    assert first.error == expected_error(fault)
    assert still.invoke(FUNCTION, wake(waiting)).error == ""
    assert len(still.waits(waiting.tenant)) == 1
    assert still.status(waiting) == "QUEUED"


def test_a_wait_that_cannot_begin_keeps_no_other_tenant_waiting(
    still: StillAws, refused: tuple[Upload, Upload], new_tenant: NewTenant
) -> None:
    """Lambda tries again, and Sweep looks every minute; what could start has started."""
    tenant = new_tenant(ITEM)
    other = still.queued(tenant, "item", [{"id": "1", "name": "n", "amount": 1}])
    denied = Throttle(2, "AccessDeniedException", on="StartExecution")
    assert still.invoke(FUNCTION, wake(refused[1]), denied).error == "UnexpectedFailure"
    assert still.status(other) == "PROCESSING"
    assert still.executions(other) == {f"{other.job_id}-1": "RUNNING"}


def test_the_end_of_the_holder_starts_the_next_without_a_wait(still: StillAws, refused: tuple[Upload, Upload]) -> None:
    running, waiting = refused
    [task] = still.tasks(running)
    assert still.invoke("LoadBatchFunction", task).error == ""
    assert still.invoke("FinishRunFunction", finish_request(running)).error == ""
    assert still.invoke(FUNCTION, wake(waiting)).error == ""
    assert still.status(waiting) == "PROCESSING"
    assert still.waits(waiting.tenant) == {}


def test_the_calls_of_a_dispatch_do_not_grow_with_the_batches(still: StillAws, new_tenant: NewTenant) -> None:
    calls = []
    for rows in (5, 200):
        tenant = new_tenant(ITEM)
        upload = still.queued(tenant, "item", [{"id": str(n), "name": "n", "amount": n} for n in range(rows)])
        watched = still.invoke(FUNCTION, wake(upload)).watched
        assert len(still.tasks(upload)) == rows // 5
        calls.append([call.operation.split(" ")[0] for call in watched.calls])
    assert calls[0] == calls[1]


def test_jobs_behind_a_refused_one_that_want_its_lock_are_not_even_looked_at(
    still: StillAws, refused: tuple[Upload, Upload]
) -> None:
    tenant = Tenant(still.aws, refused[1].tenant)
    before = len(still.invoke(FUNCTION, wake(refused[1])).watched.calls)
    for n in range(3):
        still.queued(tenant, "item", [{"id": str(n), "name": "more", "amount": n}], f"more{n}.csv")
    assert len(still.invoke(FUNCTION, wake(refused[1])).watched.calls) == before
    tenant.http.close()

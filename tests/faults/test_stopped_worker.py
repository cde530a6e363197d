"""A worker that stalls, and calls that arrive late: the platform ends it, and nothing late undoes what came after."""

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from batch_cases import ITEM, Case, counts_of, finish_request, load
from fault_kinds import Delay, Stop
from record_states import put_records, records_of, undone
from still_aws import StillAws, Upload, until
from sweeping import deaths_around_writes
from tenants import Tenant

# Slow: the platform's timeout has to pass, and a worker that it ended is the cold start of another process.
pytestmark = pytest.mark.slow

FUNCTION = "LoadBatchFunction"
WRITE = "BatchExecuteStatement"
ROWS = [{"id": str(i), "name": "mine", "amount": i} for i in range(5)]
NewTenant = Callable[..., Tenant]


@pytest.fixture
def two_seconds(still: StillAws) -> Iterator[None]:
    """Workers that the platform ends after 2 s, and whose claims end after 4 s."""
    with still.configured(FUNCTION, {"LONGSHORE_BATCH_TIMEOUT": "8"}, timeout=2):
        yield


@pytest.fixture
def later() -> Iterator[threading.Event]:
    """When a call that is held on its way arrives; in the end it does."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.usefixtures("two_seconds")
def test_a_worker_stopped_after_any_call(still: StillAws, new_tenant: NewTenant) -> None:
    kinds = ["new", "changed", "new", "changed", "unchanged"]
    [calls] = load(still, new_tenant(ITEM), [Case(kinds)])
    faults = [Stop(death.k) for death in deaths_around_writes(calls)]
    load(still, new_tenant(ITEM), [Case(kinds, fault, "Sandbox.Timedout") for fault in faults])


@pytest.mark.usefixtures("two_seconds")
def test_the_platform_ends_a_stopped_worker_before_its_claim_may_be_taken(
    still: StillAws, new_tenant: NewTenant
) -> None:
    upload = still.dispatched(new_tenant(ITEM), "item", ROWS)
    [task] = still.tasks(upload)
    stopped = still.invoke(FUNCTION, task, Stop(1, on="UpdateItem"))
    assert stopped.error == "Sandbox.Timedout"
    assert still.aws.process(stopped.watched.trace_id) is None
    assert still.invoke(FUNCTION, task).error == "ClaimHeld"
    # Without any help: the deadline passes, and another attempt takes the batch over.
    until(lambda: still.invoke(FUNCTION, task).error == "", 20, "the claim's deadline passes")
    [batch] = still.batches(upload)
    assert (batch["status"]["S"], batch["generation"]["N"]) == ("COMPLETED", "2")
    assert len(records_of(still, upload.tenant)) == len(ROWS)


@pytest.mark.usefixtures("two_seconds")
def test_a_stopped_worker_never_goes_on(still: StillAws, new_tenant: NewTenant) -> None:
    tenant = new_tenant(ITEM)
    upload = still.dispatched(tenant, "item", ROWS)
    [task] = still.tasks(upload)
    # It has looked, found nothing there, and is about to insert.
    stopped = still.invoke(FUNCTION, task, Stop(1, on="GET"))
    handed_over(still, upload)
    following = still.dispatched(tenant, "item", [{**row, "name": "theirs"} for row in ROWS], "next.csv")
    assert [still.invoke(FUNCTION, next_task).error for next_task in still.tasks(following)] == [""]
    delete(still, tenant, "3")
    if process := still.aws.process(stopped.watched.trace_id):
        process.signal(signal.SIGCONT)
    assert {key: record["data"]["name"] for key, record in records_of(still, tenant.name).items()} == {
        f"{tenant.name}#item#{row['id']}": "theirs" for row in ROWS if row["id"] != "3"
    }


@pytest.mark.usefixtures("two_seconds")
def test_a_call_that_arrives_within_the_grace_is_counted(
    still: StillAws, new_tenant: NewTenant, later: threading.Event
) -> None:
    upload = still.dispatched(new_tenant(ITEM), "item", ROWS)
    [task] = still.tasks(upload)
    assert still.invoke(FUNCTION, task, Delay(1, on=WRITE, until=later)).error == "Sandbox.Timedout"
    assert still.invoke("FinishRunFunction", finish_request(upload)).error == "ClaimsOutstanding"
    still.pass_time_of_batch(task, 5)
    assert still.invoke("FinishRunFunction", finish_request(upload)).error == "ClaimsOutstanding"
    later.set()
    until(lambda: len(records_of(still, upload.tenant)) == len(ROWS), 10, "the late call arrives")
    handed_over(still, upload)
    assert counts_of(still.job(upload)) == Counter(created=len(ROWS))
    assert undone(still, upload, records_of(still, upload.tenant)) == {}


@pytest.mark.usefixtures("two_seconds")
def test_an_update_that_arrives_after_the_hand_over_changes_nothing(
    still: StillAws, new_tenant: NewTenant, later: threading.Event
) -> None:
    tenant = new_tenant(ITEM)
    put_records(still, tenant.name, "item", [{**row, "name": "old"} for row in ROWS])
    upload = still.dispatched(tenant, "item", ROWS)
    [task] = still.tasks(upload)
    held = Delay(1, on=WRITE, until=later)
    assert still.invoke(FUNCTION, task, held).error == "Sandbox.Timedout"
    handed_over(still, upload)
    following = still.dispatched(tenant, "item", [{**row, "name": "theirs"} for row in ROWS[:3]], "next.csv")
    assert [still.invoke(FUNCTION, next_task).error for next_task in still.tasks(following)] == [""]
    delete(still, tenant, "4")
    before = records_of(still, tenant.name)
    later.set()
    until(lambda: still.proxy.at_rest, 10, "the late call is answered")
    after = records_of(still, tenant.name)
    # One that nobody touched since is the late call's own: its run has ended, and its `rev` is accounted for by none.
    untouched = f"{tenant.name}#item#3"
    assert {key: after[key] for key in after if key != untouched} == {
        key: before[key] for key in before if key != untouched
    }


def test_the_sdk_gives_up_before_the_grace_is_over(
    still: StillAws, new_tenant: NewTenant, later: threading.Event
) -> None:
    upload = still.dispatched(new_tenant(ITEM), "item", ROWS)
    [task] = still.tasks(upload)
    # Every try of one call is held: the SDK gives up, the step looks again, and the late tries meet what it wrote.
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(still.invoke, FUNCTION, task, Delay(1, times=3, on=WRITE, until=later))
        until(answer.done, 24, "three tries of the SDK end")
    assert answer.result().error == ""
    writes = [call.operation for call in answer.result().watched.calls].count(WRITE)
    assert writes == 4
    written = records_of(still, upload.tenant)
    later.set()
    until(lambda: still.proxy.at_rest, 10, "the late calls are answered")
    assert records_of(still, upload.tenant) == written
    assert counts_of(still.batches(upload)[0]) == Counter(created=len(ROWS))


def test_a_claim_that_arrives_after_the_end_of_its_run_writes_nothing(
    still: StillAws, new_tenant: NewTenant, later: threading.Event
) -> None:
    upload = still.dispatched(new_tenant(ITEM), "item", ROWS)
    [task] = still.tasks(upload)
    # The worker has seen a job that runs and a lease that lives; then its execution is stopped and the run ended.
    with ThreadPoolExecutor(1) as pool:
        watched = still.proxy.arm(Delay(1, on="UpdateItem", until=later))
        worker = pool.submit(still.aws.invoke, FUNCTION, task, watched.trace_id)
        watched.struck.wait(20)
        assert still.invoke("FinishRunFunction", finish_request(upload)).error == ""
        later.set()
        assert worker.result(20) == ({}, None)
    still.proxy.disarm(watched)
    assert (still.status(upload), counts_of(still.job(upload))) == ("FAILED", Counter(unprocessed=len(ROWS)))
    assert records_of(still, upload.tenant) == {}


def test_no_claim_is_made_while_the_run_is_being_ended(
    still: StillAws, new_tenant: NewTenant, later: threading.Event
) -> None:
    upload = still.dispatched(new_tenant(ITEM), "item", ROWS)
    [task] = still.tasks(upload)
    # FinishRun has read the batches and is about to write what it found.
    with ThreadPoolExecutor(1) as pool:
        watched = still.proxy.arm(Delay(1, on="TransactWriteItems", until=later))
        ending = pool.submit(still.aws.invoke, "FinishRunFunction", finish_request(upload), watched.trace_id)
        watched.struck.wait(20)
        assert still.invoke(FUNCTION, task).error == ""
        later.set()
        assert ending.result(20) == ({}, None)
    still.proxy.disarm(watched)
    assert (still.status(upload), counts_of(still.job(upload))) == ("FAILED", Counter(unprocessed=len(ROWS)))
    assert records_of(still, upload.tenant) == {}


def handed_over(still: StillAws, upload: Upload) -> None:
    """Let the claims of the run and their grace pass, and end it: what it held is free."""
    still.pass_time(upload, 60)
    assert still.invoke("FinishRunFunction", finish_request(upload)).error == ""


def delete(still: StillAws, tenant: Tenant, record: str) -> None:
    """Delete a record, as another run does."""
    key = {"pk": {"S": f"{tenant.name}#item#{record}"}}
    still.aws.client("dynamodb").delete_item(TableName=still.aws.outputs["RecordsTable"], Key=key)

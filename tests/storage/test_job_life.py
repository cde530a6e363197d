"""Jobs live through anything that people, time and AWS do to them, and every promise holds after every step.

The real steps on the real stores: events arrive twice, late or never, any step dies before any of its AWS calls, runs
are cancelled, retried and swept up. Only time, and the functions' own runtime, are the test's.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import boto3
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from longshore.domain.job import Job
from longshore.settings import Settings
from longshore.steps.finish_run import finish_run
from longshore.steps.load_batch import load_batch
from longshore.storage import backoff, clients
from tests.storage.conftest import Stores
from tests.storage.dying_process import Process
from tests.storage.job_life import WORKERS, JobLife

WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}


@pytest.fixture
def life(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[JobLife]]:
    """Set JobLife up with a bus, and a state machine that does nothing: its states are the rules."""
    monkeypatch.setattr(backoff, "FIRST", 0)
    JobLife.stores, JobLife.process = stores, Process()
    JobLife.process.patch(monkeypatch)
    name = f"life-{uuid4().hex[:8]}"
    boto3.client("events").create_event_bus(Name=name)
    machine = boto3.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(WAIT), roleArn="arn:aws:iam::123456789012:role/none"
    )
    JobLife.settings = Settings(
        jobs_table=stores.jobs,
        locks_table=stores.locks,
        catalog_table=stores.catalog,
        records_table=stores.records,
        uploads_bucket=stores.uploads,
        data_bucket=stores.data,
        bus_name=name,
        run_import_arn=machine["stateMachineArn"],
        validate_upload_arn="validate-upload",
        worker_concurrency=WORKERS,
        batch_rows=2,
        running_imports=2,
    )
    yield JobLife
    clients.lambda_().meta.events.unregister("before-call.lambda.Invoke", unique_id="asked")


def test_every_promise_holds_after_every_step(life: type[JobLife]) -> None:
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=14,
            stateful_step_count=40,
            deadline=None,
            print_blob=True,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make a failure smaller takes many minutes
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize(
    "late",
    [
        pytest.param("TransactWriteItems", id="the worker comes while the run is being ended"),
        pytest.param("Query", id="the worker comes before the batches are read"),
    ],
)
def test_a_worker_of_a_run_that_is_being_ended_loads_nothing_that_is_not_counted(
    life: type[JobLife], late: str
) -> None:
    """The lock goes to somebody else at the end, and nobody waits for a claim that nobody saw."""
    here, job = one_running_job(life)
    task = here._task(job, here.before.batches[job.job_id][0], job.run)
    with meanwhile(late, lambda: load_batch(task, here.services)):
        here.process.run(lambda: finish_run(here._finish(job), here.services), None)
    here.every_promise_holds()
    assert here.before.jobs[job.job_id].counts.loaded == len(here.before.revs)


@pytest.mark.parametrize("looks", [1, 2])
def test_a_worker_whose_run_ends_under_it_loads_nothing_uncounted(life: type[JobLife], looks: int) -> None:
    """It has looked, once or twice, and found its run alive; then the run is ended by somebody who sees no claim."""
    here, job = one_running_job(life)
    task = here._task(job, here.before.batches[job.job_id][0], job.run)
    operation = "UpdateItem" if looks == 1 else "BatchExecuteStatement"
    with meanwhile(operation, lambda: here.process.run(lambda: finish_run(here._finish(job), here.services), None)):
        load_batch(task, here.services)
    here.every_promise_holds()
    here.bring_to_an_end()
    assert here.before.jobs[job.job_id].counts.loaded == len(here.before.revs)


def one_running_job(life: type[JobLife]) -> tuple[JobLife, Job]:
    here = life()
    here.begin()
    here.a_file_is_dropped("five", [None, None])
    (job,) = here.running()
    return here, job


@contextmanager
def meanwhile(operation: str, act: Callable[[], object]) -> Iterator[None]:
    """Let somebody else act just before the first request of an operation arrives."""
    acted: list[bool] = []

    def before_send(**_: Any) -> None:
        if not acted:
            acted.append(True)
            act()

    events, name = clients.dynamodb().meta.events, f"before-send.dynamodb.{operation}"
    events.register_first(name, before_send)
    try:
        yield
    finally:
        events.unregister(name, before_send)
    assert acted, f"{operation} was not called"

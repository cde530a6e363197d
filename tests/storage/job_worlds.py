"""Worlds of jobs for the tests: small settings, and state machines that do nothing."""

import json
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import boto3
import pytest

from longshore.settings import Settings
from longshore.storage import backoff
from tests.storage.conftest import Stores
from tests.storage.dying_process import Process
from tests.storage.job_world import JobWorld

WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
TURN = {"StartAt": "Over", "States": {"Over": {"Type": "Succeed"}}}

Worlds = Callable[[], JobWorld]


def worlds(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    """Make worlds with state machines that do nothing: the states of run_import are the rules."""
    monkeypatch.setattr(backoff, "FIRST", 0)
    process = Process()
    process.patch(monkeypatch)
    name = f"life-{uuid4().hex[:8]}"
    run_import, await_turn = (
        boto3.client("stepfunctions").create_state_machine(
            name=f"{name}-{kind}", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/none"
        )["stateMachineArn"]
        for kind, definition in (("run-import", WAIT), ("await-turn", TURN))
    )
    small = Settings(
        jobs_table=stores.jobs,
        locks_table=stores.locks,
        catalog_table=stores.catalog,
        records_table=stores.records,
        uploads_bucket=stores.uploads,
        data_bucket=stores.data,
        bus_name=name,
        run_import_arn=run_import,
        await_turn_arn=await_turn,
        validate_upload_arn="validate-upload",
        worker_concurrency=3,
        batch_rows=2,
        running_imports=2,
    )
    return partial(JobWorld, stores, small, process)

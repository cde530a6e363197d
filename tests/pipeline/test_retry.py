"""Retry: a new run over what a job has left, after a fault that was real; nothing that was done is done again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tenants import PERSON, Tenant, as_csv, people

from cli.main import run
from cli.outcome import Exit
from local.embedded_aws import EmbeddedAws

ROOT = Path(__file__).parents[2]
ROWS, BATCH = 600, 50

pytestmark = pytest.mark.slow  # starts an embedded AWS of its own, with many small batches


@pytest.fixture(scope="module")
def many_batches() -> Iterator[EmbeddedAws]:
    """The same system with batches of 50 rows and one worker for a run."""
    with EmbeddedAws(ROOT, {"BatchRows": str(BATCH), "WorkerConcurrency": "1"}, time_scale=0.1) as aws:
        yield aws


@pytest.fixture
def tenant(many_batches: EmbeddedAws, request: pytest.FixtureRequest) -> Tenant:
    """A tenant of this test alone."""
    made = Tenant(many_batches, request.node.name.replace("_", "-")[:60])
    made.push(PERSON)
    return made


@contextmanager
def deployed_wrongly(aws: EmbeddedAws) -> Iterator[None]:
    """A deployment that gives LoadBatch the name of a table that is not there, until somebody mends it."""
    good = aws.function("LoadBatchFunction").environment
    aws.reconfigure("LoadBatchFunction", environment={**good, "LONGSHORE_RECORDS_TABLE": "no-such-table"})
    try:
        yield
    finally:
        aws.reconfigure("LoadBatchFunction", environment=good)


def batches(tenant: Tenant, job_id: str) -> dict[str, dict[str, Any]]:
    """The batch items of a job by sort key."""
    found = tenant.aws.client("dynamodb").query(
        TableName=tenant.aws.outputs["JobsTable"],
        KeyConditionExpression="pk = :pk AND begins_with(sk, :batch)",
        ExpressionAttributeValues={":pk": {"S": f"{tenant.name}#{job_id}"}, ":batch": {"S": "batch#"}},
    )
    return {item["sk"]["S"]: item for item in found["Items"]}


def retry(tenant: Tenant, job_id: str) -> tuple[int, dict[str, Any]]:
    answer = tenant.call("POST", f"/imports/{job_id}/retry")
    return answer.status_code, answer.json()


def failed_job(tenant: Tenant, content: bytes) -> dict[str, Any]:
    with deployed_wrongly(tenant.aws):
        return tenant.ended(tenant.drop("person", content))


def test_a_run_that_broke_in_the_middle_goes_on_where_it_stopped(tenant: Tenant) -> None:
    job_id = tenant.drop("person", as_csv(people(ROWS)))
    while tenant.call("GET", f"/imports/{job_id}").status_code == 404 or not tenant.job(job_id)["counts"]["loaded"]:
        continue
    with deployed_wrongly(tenant.aws):
        broken = tenant.ended(job_id)
    assert (broken["status"], broken["reason"]["code"]) == ("COMPLETED_WITH_ERRORS", "BATCHES_FAILED")
    assert 0 < broken["counts"]["loaded"] < ROWS
    assert broken["counts"]["loaded"] + broken["counts"]["unprocessed"] == ROWS
    done = {sk: b for sk, b in batches(tenant, job_id).items() if b["status"]["S"] == "COMPLETED"}
    records = tenant.items()

    status, queued = retry(tenant, job_id)
    assert (status, queued["status"], queued["reason"], queued["ended_at"]) == (200, "QUEUED", None, None)
    mended = tenant.ended(job_id)
    assert (mended["status"], mended["run"], mended["reason"]) == ("COMPLETED", 2, None)
    assert (mended["counts"]["created"], mended["counts"]["unprocessed"]) == (ROWS, 0)
    assert {sk: b for sk, b in batches(tenant, job_id).items() if sk in done} == done, "nothing is claimed again"
    assert {key: item for key, item in tenant.items().items() if key in records} == records, "nothing is written again"
    assert len(tenant.items()) == ROWS
    assert tenant.executions(job_id) == [f"{job_id}-2", f"{job_id}-1"]


def test_rows_that_are_gone_fail_the_job_and_are_loaded_once_they_are_back(tenant: Tenant) -> None:
    job_id = failed_job(tenant, as_csv(people(2 * BATCH)))["job_id"]
    s3, bucket = tenant.aws.client("s3"), tenant.aws.outputs["DataBucket"]
    (rows,) = s3.list_objects_v2(Bucket=bucket, Prefix=f"rows/{tenant.name}/{job_id}/")["Contents"]
    content = s3.get_object(Bucket=bucket, Key=rows["Key"])["Body"].read()
    s3.delete_object(Bucket=bucket, Key=rows["Key"])
    assert retry(tenant, job_id)[0] == 200
    without = tenant.ended(job_id)
    assert (without["status"], without["counts"]["unprocessed"]) == ("FAILED", 2 * BATCH)
    assert "is not the object that was written any more" in without["reason"]["message"]
    s3.put_object(Bucket=bucket, Key=rows["Key"], Body=content)
    assert retry(tenant, job_id)[0] == 200
    again = tenant.ended(job_id)
    assert (again["status"], again["counts"]["created"]) == ("COMPLETED", 2 * BATCH)


def test_a_job_with_nothing_left_to_do_is_not_run_again(tenant: Tenant) -> None:
    content = as_csv([*people(30), {"id": "p31", "name": "", "age": 1, "email": ""}])
    job = tenant.ended(tenant.drop("person", content))
    assert job["status"] == "COMPLETED_WITH_ERRORS"
    status, problem = retry(tenant, job["job_id"])
    assert (status, problem["code"]) == (409, "TransitionRefused")
    assert "there is nothing left to retry" in problem["message"]
    completed = tenant.ended(tenant.drop("person", as_csv(people(2))))["job_id"]
    status, problem = retry(tenant, completed)
    assert status == 409
    assert problem["message"] == (
        f"job {completed} is COMPLETED; only a job that is COMPLETED_WITH_ERRORS or FAILED can be retried"
    )


def test_the_same_file_imported_meanwhile_is_named(tenant: Tenant) -> None:
    content = as_csv(people(10))
    failed = failed_job(tenant, content)
    assert failed["status"] == "FAILED"
    other = tenant.ended(tenant.drop("person", content))
    assert other["status"] == "COMPLETED"
    status, problem = retry(tenant, failed["job_id"])
    assert (status, problem["code"]) == (409, "AlreadyExists")
    assert other["job_id"] in problem["message"]
    assert tenant.job(failed["job_id"])["status"] == "FAILED"


def test_a_retry_asked_for_twice_is_one_run(tenant: Tenant) -> None:
    job_id = failed_job(tenant, as_csv(people(10)))["job_id"]
    answers = [retry(tenant, job_id) for _ in range(2)]
    assert tenant.ended(job_id)["status"] == "COMPLETED"
    assert answers[0][0] == 200
    # The second one meets the job as it waits, as it runs, or when all is done.
    assert answers[1][0] == 200 or "is COMPLETED;" in answers[1][1]["message"]
    assert tenant.executions(job_id) == [f"{job_id}-2", f"{job_id}-1"]


def test_the_command_waits_for_the_end_as_an_import_does(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LONGSHORE_ENDPOINT", tenant.aws.api_url)
    monkeypatch.setenv("LONGSHORE_TOKEN", tenant.aws.token("importer", tenant.name))
    job_id = failed_job(tenant, as_csv(people(10)))["job_id"]
    with deployed_wrongly(tenant.aws):
        assert run(["retry", job_id]) == Exit.FAILED
    assert capsys.readouterr().err.splitlines()[-1].startswith("longshore: file.csv: FAILED: 1 batches failed")
    assert run(["retry", job_id, "--json"]) == Exit.COMPLETED
    job = json.loads(capsys.readouterr().out)
    assert (job["status"], job["run"], job["counts"]["created"]) == ("COMPLETED", 3, 10)
    assert run(["retry", job_id]) == Exit.USAGE
    assert capsys.readouterr().err.count("\n") == 1

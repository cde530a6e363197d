"""Cancel in the middle of a run: what is done stays, the rest is unprocessed, and everything adds up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tenants import PERSON, Tenant, as_csv, people

from local.embedded_aws import EmbeddedAws

ROOT = Path(__file__).parents[2]
ROWS = 1000


@pytest.fixture(scope="module")
def many_batches() -> Iterator[EmbeddedAws]:
    """The same system with batches of 50 rows and one worker for a run."""
    with EmbeddedAws(ROOT, {"BatchRows": "50", "WorkerConcurrency": "1"}) as aws:
        yield aws


def test_cancel_in_the_middle_of_twenty_batches(many_batches: EmbeddedAws) -> None:
    tenant = Tenant(many_batches, "acme")
    tenant.push(PERSON)
    created = tenant.create("person")
    job_id = created["job_id"]
    tenant.upload(created, as_csv(people(ROWS)))
    while tenant.job(job_id)["counts"]["loaded"] == 0:
        assert tenant.job(job_id)["status"] in {"AWAITING_UPLOAD", "VALIDATING", "QUEUED", "PROCESSING"}
    answer = tenant.call("POST", f"/imports/{job_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLING")
    job = tenant.ended(job_id)
    counts = job["counts"]
    assert job["status"] == "CANCELLED"
    assert counts["rows"] == ROWS
    assert 0 < counts["loaded"] < ROWS
    assert counts["unprocessed"] == ROWS - counts["loaded"]
    assert len(tenant.items()) == counts["loaded"]
    again = tenant.call("POST", f"/imports/{job_id}/cancel")
    assert again.status_code == 409


def test_the_same_file_may_come_again_after_a_cancel(many_batches: EmbeddedAws) -> None:
    tenant = Tenant(many_batches, "umbrella")
    tenant.push({**PERSON, "auto_start": False})
    content = as_csv(people(60))
    first = tenant.ended(tenant.drop("person", content))
    assert first["status"] == "VALIDATED"
    assert tenant.call("POST", f"/imports/{first['job_id']}/cancel").json()["status"] == "CANCELLED"
    assert tenant.ended(tenant.drop("person", content))["status"] == "VALIDATED"

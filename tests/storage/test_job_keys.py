"""When Sweep looks at a job, and in which indexes a job is."""

from datetime import UTC, datetime, timedelta

import pytest

from longshore.domain.status import FINAL, JobStatus
from longshore.storage.items import time_text
from longshore.storage.job_keys import index_keys, watch_shards
from tests.storage.jobs_made import NOW, a_job

S = JobStatus
LINK = 3600
LATER = NOW + timedelta(hours=9)
CLAIM_END = NOW.replace(microsecond=0) + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("status", "looked_at"),
    [
        (S.AWAITING_UPLOAD, NOW + timedelta(seconds=LINK)),
        (S.VALIDATING, CLAIM_END),
        (S.SCHEDULED, LATER),
        (S.QUEUED, NOW + timedelta(seconds=65)),
        (S.PROCESSING, NOW + timedelta(seconds=70)),
        (S.PAUSING, NOW + timedelta(seconds=70)),
        (S.CANCELLING, NOW + timedelta(seconds=70)),
    ],
)
def test_sweep_looks_when_what_a_job_waits_for_should_have_come(status, looked_at):
    job = a_job(
        "acme",
        status=status,
        claimed_until=int(CLAIM_END.timestamp() * 1000),
        not_before=LATER,
        queued_at=NOW + timedelta(seconds=5),
        updated_at=NOW + timedelta(seconds=10),
    )
    keys = index_keys(job, LINK)
    assert datetime.fromisoformat(keys["watch_at"]) == looked_at.astimezone(UTC)
    assert keys["watch_shard"] in watch_shards()


@pytest.mark.parametrize("status", sorted(FINAL | {S.VALIDATED, S.PAUSED}))
def test_a_job_that_waits_for_a_person_is_in_its_tenants_list_only(status):
    assert index_keys(a_job("acme", status=status), LINK) == {
        "list_tenant": "acme",
        "listed_at": f"{time_text(NOW)}#j1",
    }


def test_jobs_are_spread_over_every_shard():
    shards = {index_keys(a_job("acme", f"j{n}"), LINK)["watch_shard"] for n in range(100)}
    assert shards == set(watch_shards())

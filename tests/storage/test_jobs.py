"""Jobs in DynamoDB: one winner per version, a history that agrees with it, and a content that has one owner."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from longshore.domain.counts import Counts
from longshore.domain.job import Job, JobEvent, Part, Pointer
from longshore.domain.status import JobStatus
from longshore.errors import AlreadyExists, InvalidRequest, JobNotFound, StaleItem
from longshore.storage import clients
from longshore.storage.jobs import JobStore
from longshore.storage.models import EventItem, JobItem, PartItem
from tests.storage.jobs_made import NOW, SHA, a_job, first_event, to

S = JobStatus


@pytest.fixture
def jobs(stores) -> JobStore:
    return JobStore(clients.dynamodb(), stores.jobs, stores.catalog, upload_link_seconds=3600)


def created(jobs: JobStore, job: Job) -> Job:
    jobs.create(job, first_event(job))
    return job


def changed(jobs: JobStore, job: Job, status: JobStatus, **changes: object) -> Job:
    before, after, event = to(job, status, **changes)
    jobs.change(before, after, event)
    return after


def test_a_job_comes_back_as_it_was_written(jobs, tenant):
    full = a_job(tenant, counts=Counts(3, created=1, rejected=2), not_before=NOW, started_at=NOW, ended_at=NOW)
    assert jobs.get(tenant, created(jobs, full).job_id) == full
    bare = Job(tenant, "j2", S.AWAITING_UPLOAD, "country", "anna", NOW, NOW, "x.csv")
    assert jobs.get(tenant, created(jobs, bare).job_id) == bare


@pytest.mark.parametrize(("model", "value"), [(JobItem, Job), (EventItem, JobEvent), (PartItem, Part)])
def test_the_model_has_an_attribute_for_every_field(model, value):
    assert {f.name for f in fields(value)} <= set(model.get_attributes())


def test_an_id_is_taken_once(jobs, tenant):
    job = created(jobs, a_job(tenant))
    with pytest.raises(AlreadyExists):
        jobs.create(replace(job, file_name="other.csv"), first_event(job))
    assert jobs.get(tenant, "j1").file_name == job.file_name


def test_no_tenant_reads_another_ones_job(jobs, tenant):
    created(jobs, a_job(tenant))
    with pytest.raises(JobNotFound):
        jobs.get(f"{tenant}x", "j1")


def test_the_second_change_of_a_version_is_stale_and_leaves_no_event(jobs, tenant):
    job = created(jobs, a_job(tenant))
    changed(jobs, job, S.VALIDATED)
    with pytest.raises(StaleItem):
        changed(jobs, job, S.CANCELLED)
    assert jobs.get(tenant, "j1").status is S.VALIDATED
    assert [(e.version, e.old, e.new) for e in jobs.events(tenant, "j1")] == [
        (1, None, S.VALIDATING),
        (2, S.VALIDATING, S.VALIDATED),
    ]


def test_the_same_content_is_accepted_once(jobs, tenant):
    changed(jobs, created(jobs, a_job(tenant, "j1")), S.QUEUED)
    second = created(jobs, a_job(tenant, "j2"))
    with pytest.raises(AlreadyExists, match="imported as job j1"):
        changed(jobs, second, S.QUEUED)
    assert jobs.get(tenant, "j2") == second
    assert jobs.content_owner(tenant, "country", 3, SHA) == "j1"


def test_another_template_version_or_tenant_is_another_content(jobs, tenant):
    changed(jobs, created(jobs, a_job(tenant, "j1")), S.QUEUED)
    changed(jobs, created(jobs, a_job(tenant, "j2", template_version=4)), S.QUEUED)
    changed(jobs, created(jobs, a_job(f"{tenant}x", "j3")), S.QUEUED)
    assert jobs.content_owner(tenant, "country", 3, SHA) == "j1"


def test_force_takes_a_content_over_and_the_former_owner_cannot_give_it_back(jobs, tenant):
    first = changed(jobs, created(jobs, a_job(tenant, "j1")), S.VALIDATED)
    changed(jobs, created(jobs, a_job(tenant, "j2", force=True)), S.VALIDATED)
    assert jobs.content_owner(tenant, "country", 3, SHA) == "j2"
    changed(jobs, first, S.CANCELLED)
    assert jobs.content_owner(tenant, "country", 3, SHA) == "j2"


@pytest.mark.parametrize("end", [S.CANCELLED, S.FAILED])
def test_a_content_is_free_again_after_a_job_that_failed_or_was_cancelled(jobs, tenant, end):
    queued = changed(jobs, created(jobs, a_job(tenant, "j1")), S.QUEUED)
    changed(jobs, queued, end)
    assert jobs.content_owner(tenant, "country", 3, SHA) == ""
    changed(jobs, created(jobs, a_job(tenant, "j2")), S.QUEUED)


def test_a_retry_takes_its_content_again_or_names_who_has_it(jobs, tenant):
    failed = changed(jobs, changed(jobs, created(jobs, a_job(tenant, "j1")), S.QUEUED), S.FAILED)
    other = changed(jobs, created(jobs, a_job(tenant, "j2")), S.QUEUED)
    with pytest.raises(AlreadyExists, match="j2"):
        changed(jobs, failed, S.QUEUED)
    changed(jobs, other, S.CANCELLED)
    changed(jobs, failed, S.QUEUED)
    assert jobs.content_owner(tenant, "country", 3, SHA) == "j1"


def test_the_queue_is_by_priority_then_age(jobs, tenant):
    for job_id, priority, age in [("a", 5, 0), ("b", 5, 9), ("c", 10, 0), ("d", 1, 60)]:
        job = a_job(tenant, job_id, sha256=job_id)
        changed(jobs, created(jobs, job), S.QUEUED, priority=priority, queued_at=NOW - timedelta(seconds=age))
    created(jobs, a_job(tenant, "e"))
    assert [job.job_id for job in jobs.queued(tenant, 10)] == ["c", "b", "a", "d"]
    assert [job.job_id for job in jobs.queued(tenant, 2)] == ["c", "b"]


def test_a_tenant_waits_as_long_as_a_job_of_it_is_queued(jobs, tenant):
    queued = changed(jobs, created(jobs, a_job(tenant)), S.QUEUED)
    assert tenant in jobs.tenants_waiting()
    changed(jobs, queued, S.CANCELLED)
    assert tenant not in jobs.tenants_waiting()


def test_pages_go_through_all_jobs_newest_first(jobs, tenant):
    for n in range(5):
        created(jobs, a_job(tenant, f"j{n}", created_at=NOW + timedelta(seconds=n)))
    seen, cursor = [], ""
    for _ in range(3):
        page = jobs.page(tenant, 2, cursor, None)
        seen.append([job.job_id for job in page.jobs])
        cursor = page.cursor
    assert seen == [["j4", "j3"], ["j2", "j1"], ["j0"]]
    assert cursor == ""


def test_a_page_of_one_status_is_full_where_enough_jobs_have_it(jobs, tenant):
    for n in range(6):
        status = S.VALIDATING if n % 2 else S.AWAITING_UPLOAD
        created(jobs, a_job(tenant, f"j{n}", status, created_at=NOW + timedelta(seconds=n)))
    page = jobs.page(tenant, 2, "", S.VALIDATING)
    assert [job.job_id for job in page.jobs] == ["j5", "j3"]
    assert [job.job_id for job in jobs.page(tenant, 2, page.cursor, S.VALIDATING).jobs] == ["j1"]


@pytest.mark.parametrize("cursor", ["x", "!!!", "e30", "ü", "MjAyNg=="])
def test_a_cursor_that_is_not_ours_is_refused(jobs, tenant, cursor):
    with pytest.raises(InvalidRequest, match="cursor"):
        jobs.page(tenant, 2, cursor, None)


def test_another_tenants_cursor_shows_only_ones_own_jobs(jobs, tenant):
    other = f"{tenant}x"
    for n in range(3):
        created(jobs, a_job(tenant, f"j{n}", created_at=NOW + timedelta(seconds=n)))
    created(jobs, a_job(other, "mine"))
    cursor = jobs.page(tenant, 1, "", None).cursor
    assert [job.job_id for job in jobs.page(other, 5, cursor, None).jobs] == ["mine"]


def test_what_is_due_comes_longest_waiting_first(jobs, tenant):
    for n in range(3):
        created(jobs, a_job(tenant, f"j{n}", S.PROCESSING, updated_at=NOW - timedelta(seconds=10 - n)))
    created(jobs, a_job(tenant, "later", S.PROCESSING, updated_at=NOW + timedelta(seconds=10)))
    created(jobs, a_job(tenant, "done", S.COMPLETED, updated_at=NOW - timedelta(days=1)))
    due = jobs.due(NOW + timedelta(seconds=60), limit=1000)
    assert [job.job_id for job in due if job.tenant == tenant] == ["j0", "j1", "j2"]


def test_parts_count_once_the_job_names_their_attempt(jobs, tenant):
    job = created(jobs, a_job(tenant, attempt=""))
    part = Part(1, "country", "country", 3, {"encoding": "utf-8", "columns": {"a": 0}}, Counts(3), 1)
    second = replace(part, number=2, rejects=Pointer("rejects/x", '"e"', 0, 9), level=1)
    jobs.put_parts(job, "a1", [second, part])
    jobs.put_parts(job, "a2", [part])
    assert jobs.parts(job) == []
    assert jobs.parts(replace(job, attempt="a1")) == [part, second]


def test_no_job_that_is_due_hides_behind_others_for_ever(jobs, tenant):
    made = {created(jobs, a_job(tenant, f"j{n}", S.PROCESSING)).job_id for n in range(6)}
    later = NOW + timedelta(days=30)
    half = len(jobs.due(later, limit=1_000_000)) // 2 + 1
    seen = {job.job_id for _ in range(60) for job in jobs.due(later, half) if job.tenant == tenant}
    assert seen == made

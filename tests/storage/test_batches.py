"""A batch has one worker at a time, and the result of the last one that had it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from longshore.domain.counts import Counts
from longshore.domain.job import Batch, BatchStatus, Pointer
from longshore.errors import ClaimHeld, StaleItem, UnexpectedFailure
from longshore.messages import BatchTask
from longshore.storage import clients
from longshore.storage.batches import BatchStore
from tests.storage.faults import losing_the_first_reply
from tests.storage.jobs_made import a_batch, a_job

COUNTS = Counts(rows=1000, created=990, rejected=10)


@pytest.fixture
def batches(stores) -> BatchStore:
    return BatchStore(clients.dynamodb(), stores.jobs)


@pytest.fixture
def task(batches, tenant) -> BatchTask:
    """Write one open batch and return run 1's task for it."""
    batches.put(tenant, "j1", "a1", [a_batch()])
    return BatchTask(tenant=tenant, job_id="j1", attempt="a1", part=0, batch=0, run=1)


def only(batches: BatchStore, task: BatchTask) -> Batch:
    (batch,) = batches.all(a_job(task.tenant))
    return batch


def completed(claimed: Batch, status: BatchStatus = BatchStatus.COMPLETED) -> Batch:
    return replace(claimed, status=status, counts=COUNTS)


def test_batches_come_back_in_order_and_only_those_of_the_jobs_attempt(batches, tenant):
    written = [a_batch(number, part) for part in (0, 1) for number in range(60)]
    batches.put(tenant, "j1", "a1", reversed(written))
    batches.put(tenant, "j1", "a0", [a_batch(99)])
    assert batches.all(a_job(tenant)) == written
    assert batches.all(a_job(tenant, attempt="")) == []


def test_a_claim_raises_the_generation_and_holds_until_its_deadline(batches, task):
    claimed = batches.claim(task, now=0, deadline=60)
    assert claimed == a_batch(run=1, generation=1, deadline=60)
    with pytest.raises(ClaimHeld) as held:
        batches.claim(task, now=59, deadline=119)
    assert held.value.until == 60
    assert batches.claim(task, now=60, deadline=120) == a_batch(run=1, generation=2, deadline=120)


def test_only_the_latest_claim_completes_and_nothing_is_claimed_after_that(batches, task):
    dead = batches.claim(task, now=0, deadline=60)
    alive = batches.claim(task, now=60, deadline=120)
    assert not batches.complete(task, completed(dead))
    assert only(batches, task) == alive
    assert batches.complete(task, completed(alive))
    assert only(batches, task) == replace(completed(alive), deadline=0)
    assert batches.claim(task, now=500, deadline=560) is None
    assert not batches.complete(task, completed(dead))


def test_completing_twice_is_the_same_as_once(batches, task):
    done = completed(batches.claim(task, now=0, deadline=60))
    done = replace(done, rejects=Pointer("rejects/x", '"e"', 0, 5))
    assert batches.complete(task, done)
    assert batches.complete(task, done)
    assert only(batches, task) == replace(done, deadline=0)


def test_a_released_batch_can_be_claimed_at_once_but_only_its_holder_releases_it(batches, task):
    first = batches.claim(task, now=0, deadline=60)
    batches.release(task, first)
    second = batches.claim(task, now=1, deadline=61)
    assert second.generation == 2
    batches.release(task, first)
    assert only(batches, task) == second


def test_a_failed_batch_is_tried_again_by_a_later_run_only(batches, task):
    claimed = batches.claim(task, now=0, deadline=60)
    batches.complete(task, replace(claimed, status=BatchStatus.FAILED, error="no answer"))
    assert only(batches, task).error == "no answer"
    assert batches.claim(task, now=99, deadline=159) is None
    retried = batches.claim(task.model_copy(update={"run": 2}), now=99, deadline=159)
    assert retried == a_batch(run=2, generation=2, deadline=159)
    assert only(batches, task) == retried


def test_an_earlier_run_has_no_business_after_a_later_one_began(batches, task):
    later = task.model_copy(update={"run": 2})
    batches.release(later, batches.claim(later, now=0, deadline=60))
    assert batches.claim(task, now=99, deadline=159) is None


def test_a_batch_that_was_never_written_is_a_defect(batches, task):
    with pytest.raises(UnexpectedFailure, match="does not exist"):
        batches.claim(task.model_copy(update={"batch": 7}), now=0, deadline=60)
    assert len(batches.all(a_job(task.tenant))) == 1


def test_one_of_eight_workers_gets_a_batch(batches, task):
    def claim(_: int) -> Batch | str | None:
        try:
            return batches.claim(task, now=0, deadline=60)
        except ClaimHeld:
            return "held"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(claim, range(8)))
    assert answers.count("held") == 7
    assert only(batches, task).generation == 1


def test_a_claim_whose_reply_was_lost_is_still_ours(batches, task):
    with losing_the_first_reply(clients.dynamodb(), "UpdateItem"):
        claimed = batches.claim(task, now=0, deadline=60)
    assert claimed == only(batches, task)
    assert batches.complete(task, completed(claimed))


def test_a_completion_whose_reply_was_lost_has_happened(batches, task):
    claimed = batches.claim(task, now=0, deadline=60)
    with losing_the_first_reply(clients.dynamodb(), "UpdateItem"):
        assert batches.complete(task, completed(claimed))


def test_settling_counts_only_what_is_as_it_was_found(batches, task):
    job = a_job(task.tenant)
    found = batches.claim(task, now=0, deadline=60)
    batches.settle(job, replace(found, counts=COUNTS))
    assert only(batches, task) == replace(found, counts=COUNTS)
    batches.claim(task, now=60, deadline=120)
    with pytest.raises(StaleItem):
        batches.settle(job, replace(found, counts=COUNTS))
    assert only(batches, task).counts is None

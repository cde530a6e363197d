"""The life of a job: the allowed changes of status, and no other."""

from itertools import product

import pytest

from longshore.domain.job import moved
from longshore.domain.status import FINAL, RELEASES_CONTENT, RUNNING, TRANSITIONS, JobStatus, reason_for
from longshore.errors import TransitionRefused
from tests.storage.jobs_made import NOW, a_job

S = JobStatus

ALLOWED = {
    S.AWAITING_UPLOAD: {S.VALIDATING, S.CANCELLED, S.FAILED},
    S.VALIDATING: {S.VALIDATING, S.REJECTED, S.VALIDATED, S.SCHEDULED, S.QUEUED, S.CANCELLED, S.FAILED},
    S.REJECTED: set(),
    S.VALIDATED: {S.VALIDATING, S.SCHEDULED, S.QUEUED, S.CANCELLED},
    S.SCHEDULED: {S.QUEUED, S.CANCELLED},
    S.QUEUED: {S.PROCESSING, S.PAUSED, S.CANCELLED, S.FAILED},
    S.PROCESSING: {S.PAUSING, S.CANCELLING, S.COMPLETED, S.COMPLETED_WITH_ERRORS, S.FAILED},
    S.PAUSING: {S.PAUSED, S.CANCELLING, S.COMPLETED, S.COMPLETED_WITH_ERRORS, S.FAILED},
    S.PAUSED: {S.QUEUED, S.CANCELLED},
    S.CANCELLING: {S.CANCELLED, S.COMPLETED, S.COMPLETED_WITH_ERRORS},
    S.CANCELLED: {S.ROLLING_BACK},
    S.COMPLETED: {S.ROLLING_BACK},
    S.COMPLETED_WITH_ERRORS: {S.QUEUED, S.ROLLING_BACK},
    S.FAILED: {S.VALIDATING, S.QUEUED, S.ROLLING_BACK},
    S.ROLLING_BACK: {S.ROLLED_BACK, S.FAILED},
    S.ROLLED_BACK: set(),
}
EDGES = {(old, new) for old, news in ALLOWED.items() for new in news}


def test_the_table_has_the_allowed_edges_and_no_other():
    assert set(TRANSITIONS) == EDGES


@pytest.mark.parametrize(("old", "new"), sorted(EDGES))
def test_an_allowed_change_has_a_reason(old, new):
    assert len(reason_for(old, new)) > 5


@pytest.mark.parametrize(("old", "new"), sorted(set(product(S, S)) - EDGES))
def test_any_other_change_is_refused_and_says_what_is_allowed(old, new):
    with pytest.raises(TransitionRefused, match=f"{old} cannot become {new}") as refusal:
        reason_for(old, new)
    named = str(refusal.value).rsplit(": ", 1)[1]
    assert named == (", ".join(sorted(ALLOWED[old])) or "nothing")


def test_every_status_can_be_reached():
    reached = {S.AWAITING_UPLOAD, S.VALIDATING}
    for _ in S:
        reached |= {new for old, new in EDGES if old in reached}
    assert reached == set(S)


def test_every_status_that_is_not_final_has_a_way_out_to_a_final_one():
    ends = set(FINAL)
    for _ in S:
        ends |= {old for old, new in EDGES if new in ends}
    assert ends == set(S)


def test_a_running_job_neither_is_final_nor_waits():
    assert not RUNNING & FINAL
    assert all(ALLOWED[status] & FINAL or S.PAUSED in ALLOWED[status] for status in RUNNING)


def test_a_job_that_completed_keeps_its_content():
    assert {S.COMPLETED, S.COMPLETED_WITH_ERRORS} == FINAL - RELEASES_CONTENT


def test_a_move_raises_the_version_and_says_who_when_and_why():
    job = a_job("acme", status=S.QUEUED, version=4)
    after, event = moved(job, S.PROCESSING, NOW, "system:dispatch_jobs", run=1)
    assert (after.status, after.version, after.run, after.updated_at) == (S.PROCESSING, 5, 1, NOW)
    assert (event.version, event.at, event.actor, event.old, event.new) == (
        5,
        NOW,
        "system:dispatch_jobs",
        S.QUEUED,
        S.PROCESSING,
    )
    assert event.reason == reason_for(S.QUEUED, S.PROCESSING)


def test_a_move_that_is_not_allowed_makes_nothing():
    with pytest.raises(TransitionRefused):
        moved(a_job("acme", status=S.REJECTED), S.QUEUED, NOW, "anna")

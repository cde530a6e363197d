"""The commands of the HTTP API that move a job on: cancel, start and retry."""

from dataclasses import replace

from longshore.domain.counts import Counts
from longshore.domain.job import Job, JobEvent, Reason, moved
from longshore.domain.status import FINAL, RUNNING, JobStatus
from longshore.errors import StaleItem, TransitionRefused
from longshore.messages import JobQueued
from longshore.steps.api import Document, find_job
from longshore.steps.api_view import job_summary
from longshore.steps.caller import Caller, Role
from longshore.steps.dispatch_jobs import batches_left
from longshore.steps.ports import Services

TRIES = 5
"""How often a change is decided anew after the job changed under it."""

MAY_START = frozenset({JobStatus.VALIDATED, JobStatus.SCHEDULED})
WAITS_OR_RUNS = frozenset({JobStatus.QUEUED, JobStatus.PROCESSING})
MAY_RUN_AGAIN = frozenset({JobStatus.FAILED, JobStatus.COMPLETED_WITH_ERRORS})


def cancel_import(services: Services, caller: Caller, job_id: str) -> Document:
    """Cancel a job: at once where it waits, as soon as no batch is in flight where it runs.

    Raises TransitionRefused for a job that has ended, StaleItem where the job kept changing under the request.
    """
    caller.must_be(Role.IMPORTER, "cancel imports")
    for _ in range(TRIES):
        job = find_job(services, caller, job_id)
        if job.status is JobStatus.CANCELLING:
            return job_summary(job)
        after, event = _cancelled(services, caller, job)
        try:
            services.jobs.change(job, after, event)
        except StaleItem:
            continue
        return job_summary(after)
    raise StaleItem(f"job {job_id} changed at every attempt to cancel it; ask again")


def _cancelled(services: Services, caller: Caller, job: Job) -> tuple[Job, JobEvent]:
    if job.status in FINAL:
        raise TransitionRefused(f"job {job.job_id} is {job.status} already; there is nothing left to cancel")
    now = services.clock()
    if job.status in RUNNING:
        return moved(job, JobStatus.CANCELLING, now, caller.actor)
    return moved(
        job,
        JobStatus.CANCELLED,
        now,
        caller.actor,
        counts=_open_rows_unprocessed(job.counts),
        reason=Reason("CANCELLED", f"cancelled by {caller.actor} while {job.status}"),
        ended_at=now,
    )


def _open_rows_unprocessed(counts: Counts) -> Counts:
    done = counts.loaded + counts.unchanged + counts.rejected + counts.held
    return replace(counts, unprocessed=counts.rows - done)


def start_import(services: Services, caller: Caller, job_id: str) -> Document:
    """Queue a job that waits for a start; one that waits for its turn or runs already stays as it is.

    Raises TransitionRefused for any other job, StaleItem as a cancel does.
    """
    caller.must_be(Role.IMPORTER, "start imports")
    for _ in range(TRIES):
        job = find_job(services, caller, job_id)
        if job.status in WAITS_OR_RUNS:
            return job_summary(job)
        if job.status not in MAY_START:
            which = " or ".join(sorted(MAY_START))
            raise TransitionRefused(f"job {job.job_id} is {job.status}; only a job that is {which} can be started")
        if job.questions:
            raise TransitionRefused(
                f"job {job.job_id} has open questions about its columns ({job.questions}); "
                f"answer them first: longshore answer {job.job_id}"
            )
        if queued := _queued(job, caller, services):
            return queued
    raise StaleItem(f"job {job_id} changed at every attempt to start it; ask again")


def _queued(job: Job, caller: Caller, services: Services) -> Document | None:
    """Move a job to QUEUED for a new run and say so; None where it changed meanwhile."""
    now = services.clock()
    after, event = moved(
        job, JobStatus.QUEUED, now, caller.actor, queued_at=now, started_at=None, ended_at=None, reason=None
    )
    try:
        services.jobs.change(job, after, event)
    except StaleItem:
        return None
    services.bus.publish(JobQueued(tenant=job.tenant, job_id=job.job_id))
    return job_summary(after)


def retry_import(services: Services, caller: Caller, job_id: str) -> Document:
    """Queue a job for a new run over its open and failed batches; nothing that is completed is done again.

    A job that failed before its file was read to the end is read again instead.

    Asked again while that run waits or is on, it changes nothing. Raises TransitionRefused for a job that has nothing
    left to run, AlreadyExists where another job has imported the same content since, StaleItem as a cancel does.
    """
    caller.must_be(Role.IMPORTER, "retry imports")
    for _ in range(TRIES):
        job = find_job(services, caller, job_id)
        if job.status in WAITS_OR_RUNS | {JobStatus.VALIDATING} and _retried_before(job, services):
            return job_summary(job)
        if job.status is JobStatus.FAILED and job.source and not job.attempt:
            moved_on = _read_again(job, caller, services)
        else:
            _must_have_something_left(job, services)
            moved_on = _queued(job, caller, services)
        if moved_on:
            return moved_on
    raise StaleItem(f"job {job_id} changed at every attempt to retry it; ask again")


def _retried_before(job: Job, services: Services) -> bool:
    """Whether it waits or runs because of a retry: the answer to the first request may have been lost."""
    history = services.jobs.events(job.tenant, job.job_id)
    again = (JobStatus.QUEUED, JobStatus.VALIDATING)
    return any(event.old in MAY_RUN_AGAIN and event.new in again for event in history)


def _read_again(job: Job, caller: Caller, services: Services) -> Document | None:
    """Have the file of a job read again; None where the job changed meanwhile.

    Whoever dies between the change and the request is followed by Sweep.
    """
    now = services.clock()
    # Nobody reads the file yet: whoever is asked to may take it at once.
    nobody = int(now.timestamp() * 1000)
    after, event = moved(job, JobStatus.VALIDATING, now, caller.actor, claimed_until=nobody, ended_at=None, reason=None)
    try:
        services.jobs.change(job, after, event)
    except StaleItem:
        return None
    services.validations.again(after)
    return job_summary(after)


def _must_have_something_left(job: Job, services: Services) -> None:
    if job.status not in MAY_RUN_AGAIN:
        which = " or ".join(sorted(MAY_RUN_AGAIN))
        raise TransitionRefused(f"job {job.job_id} is {job.status}; only a job that is {which} can be retried")
    if not job.attempt:
        raise TransitionRefused(f"no file of job {job.job_id} was ever uploaded; import it again")
    if not batches_left(job, services):
        raise TransitionRefused(
            f"every batch of job {job.job_id} is completed; there is nothing left to retry. "
            "Correct the rejected rows and import them as a new file"
        )

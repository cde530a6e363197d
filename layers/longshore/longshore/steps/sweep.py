"""Sweep: every minute, finds jobs that wait for something which will not come by itself, and moves them on."""

from longshore.domain.job import Job, Reason, moved
from longshore.domain.schedule import ACTOR as SCHEDULE_ACTOR
from longshore.domain.status import RUNNING, JobStatus
from longshore.errors import LongshoreError, Retryable
from longshore.messages import Done, FinishRequest, JobQueued
from longshore.observability import logger
from longshore.steps.dispatch_jobs import batches_left, begin_run
from longshore.steps.finish_run import finish_run
from longshore.steps.ports import Services
from longshore.steps.upload_key import job_upload_key

ACTOR = "system:sweep"

AT_MOST = 200
"""Jobs looked at in one sweep, longest waiting first; the next minute goes on."""

ATTEMPTS = 3
"""Validations that may die before the job is given up; each was retried by Lambda already."""

STOPPED = {"Error": "RunStalled", "Cause": "no worker renewed the lease of the run"}


def sweep(services: Services) -> Done:
    """Look once at every job whose time to be looked at has come; another one that moves it first is no error."""
    waiting = {}
    for job in services.jobs.due(services.clock(), AT_MOST):
        try:
            if _moved_on(job, services) is JobStatus.QUEUED:
                waiting[job.tenant] = job.job_id
        except Retryable as error:
            logger.info("left for the next sweep", tenant=job.tenant, job_id=job.job_id, reason=str(error))
        except LongshoreError as error:
            # The jobs behind this one still have to be looked at, in this minute and in every other.
            logger.error("cannot be moved on", tenant=job.tenant, job_id=job.job_id, reason=str(error))
    for tenant, job_id in waiting.items():
        services.bus.publish(JobQueued(tenant=tenant, job_id=job_id))
    return Done()


def _moved_on(job: Job, services: Services) -> JobStatus:
    """Do for one job what a lost event or a dead function would have done; return its status after that."""
    now = services.clock()
    if job.status is JobStatus.SCHEDULED:
        after, event = moved(job, JobStatus.QUEUED, now, ACTOR, queued_at=now)
        services.jobs.change(job, after, event)
        return after.status
    if job.status is JobStatus.AWAITING_UPLOAD:
        _upload_or_expiry(job, services)
    elif job.status is JobStatus.VALIDATING:
        _validated_again(job, services)
    elif job.status in RUNNING:
        _run_ended_or_begun(job, services)
    return job.status


def _upload_or_expiry(job: Job, services: Services) -> None:
    """The link has expired: the file came and its event was lost, or it never will come."""
    source = services.files.find_upload(job_upload_key(job.tenant, job.job_id, job.file_name))
    if source:
        services.validations.arrived(source)
        return
    reason = Reason("UPLOAD_EXPIRED", "no file was uploaded before the link expired; create the import again")
    _fail(job, reason, services)


def _validated_again(job: Job, services: Services) -> None:
    """The attempt is past its end: ask for another one, or give up after the third."""
    deaths = 0
    for event in services.jobs.events(job.tenant, job.job_id):
        if event.old in (JobStatus.VALIDATED, JobStatus.FAILED):
            # Whoever answered the last question, or asked for a retry, was no attempt; earlier ones are told already.
            deaths = 0
        # A schedule's own event made the job, and was no attempt to read its file.
        elif event.new is JobStatus.VALIDATING and not event.actor.startswith(SCHEDULE_ACTOR):
            deaths += 1
    if deaths < ATTEMPTS:
        services.validations.again(job)
        return
    message = f"{deaths} attempts to read the file died; its log group says why"
    _fail(job, Reason("VALIDATION_DIED", message), services)


def _fail(job: Job, reason: Reason, services: Services) -> None:
    now = services.clock()
    after, event = moved(job, JobStatus.FAILED, now, ACTOR, reason=reason, ended_at=now, claimed_until=0)
    services.jobs.change(job, after, event)


def _run_ended_or_begun(job: Job, services: Services) -> None:
    """Start the execution that a dead dispatcher did not; end the run of one that closed or stands still."""
    status = services.executions.status(job.execution_name)
    if not status:
        begin_run(job, services.jobs.parts(job), batches_left(job, services), services)
    elif status != "RUNNING":
        _finish(
            job, {"Error": f"Execution{status.title()}", "Cause": "the execution closed without FinishRun"}, services
        )
    elif services.runs.lapsed(job):
        services.executions.stop(job.execution_name, STOPPED["Cause"])
        _finish(job, STOPPED, services)


def _finish(job: Job, error: dict[str, str], services: Services) -> None:
    finish_run(FinishRequest(tenant=job.tenant, job_id=job.job_id, run=job.run, error=error), services)

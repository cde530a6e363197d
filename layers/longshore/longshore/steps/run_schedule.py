"""RunSchedule: a schedule's instant has come, and becomes one job, however often its firing is delivered."""

from datetime import datetime

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.job import Job, JobEvent, Reason, Source, id_for_schedule
from longshore.domain.schedule import ACTOR, Firing, Schedule
from longshore.domain.status import JobStatus
from longshore.errors import AlreadyExists, JobNotFound
from longshore.messages import Done, ScheduleFired
from longshore.steps.ports import Services
from longshore.steps.upload_key import scheduled_prefix


def run_schedule(fired: ScheduleFired, services: Services) -> Done:
    """Make the job of an instant and have its file validated; do nothing for a schedule that is gone or disabled.

    Whoever dies in here is followed by the next delivery: the job's id comes from the instant. A job whose validation
    was not asked for any more is found by Sweep.
    """
    schedule = services.schedules.find(fired.tenant, fired.schedule)
    if schedule is None or not schedule.runs_at(fired.instant):
        return Done()
    job_id = id_for_schedule(schedule.tenant, schedule.name, fired.instant)
    services.schedules.record(schedule, Firing(fired.instant, job_id))
    job = _job(schedule, job_id, services)
    if job.status is JobStatus.VALIDATING and job.claimed_until <= _milliseconds(services.clock()):
        services.validations.again(job)
    return Done()


def _job(schedule: Schedule, job_id: str, services: Services) -> Job:
    """Return the job of an instant, made now unless an earlier delivery made it."""
    try:
        return services.jobs.get(schedule.tenant, job_id)
    except JobNotFound:
        pass
    source = services.files.newest_upload(scheduled_prefix(schedule.tenant, schedule.prefix))
    now = services.clock()
    job = _with_file(schedule, job_id, source, now) if source else _without_file(schedule, job_id, now)
    try:
        services.jobs.create(job, JobEvent(job.version, now, job.actor, None, job.status, "its scheduled time came"))
    except AlreadyExists:
        # Another delivery of the same firing was faster; the file that it found is the one that counts.
        return services.jobs.get(schedule.tenant, job_id)
    return job


def _with_file(schedule: Schedule, job_id: str, source: Source, now: datetime) -> Job:
    return Job(
        tenant=schedule.tenant,
        job_id=job_id,
        status=JobStatus.VALIDATING,
        template=schedule.template,
        actor=f"{ACTOR}{schedule.name}",
        created_at=now,
        updated_at=now,
        file_name=source.key.rpartition("/")[2],
        mode=schedule.mode,
        priority=schedule.priority,
        force=schedule.force,
        source=source,
        # Nobody reads the file yet: whoever is asked to may take it at once.
        claimed_until=_milliseconds(now),
    )


def _without_file(schedule: Schedule, job_id: str, now: datetime) -> Job:
    """Return the job of an instant at which there was nothing to import, so that the instant is accounted for."""
    refusal = file_rejected("NOTHING_TO_IMPORT", prefix=scheduled_prefix(schedule.tenant, schedule.prefix))
    return Job(
        tenant=schedule.tenant,
        job_id=job_id,
        status=JobStatus.REJECTED,
        template=schedule.template,
        actor=f"{ACTOR}{schedule.name}",
        created_at=now,
        updated_at=now,
        file_name=schedule.prefix,
        mode=schedule.mode,
        priority=schedule.priority,
        force=schedule.force,
        ended_at=now,
        reason=Reason(refusal.code, str(refusal), refusal.detail),
    )


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)

"""ValidateUpload: an object that arrived becomes a job with batches, or a job that says why not."""

from dataclasses import replace
from datetime import datetime

from longshore.domain.catalogue.file_errors import FILE_ERRORS, file_rejected
from longshore.domain.job import Job, JobEvent, Reason, Source, id_for_object, moved
from longshore.domain.status import JobStatus
from longshore.domain.templates.template import Template
from longshore.errors import (
    AlreadyExists,
    ClaimHeld,
    FileRejected,
    JobNotFound,
    RuleFunctionFailed,
    StaleItem,
    TemplateNotFound,
)
from longshore.messages import Done, JobQueued, ObjectCreated, ValidationRequest
from longshore.readers.part_templates import Pinned
from longshore.steps.ports import Services
from longshore.steps.read_parts import Reading, read_parts
from longshore.steps.upload_key import Upload, parse_upload_key

ACTOR = "system:validate_upload"


def validate_upload(event: ObjectCreated | ValidationRequest, services: Services, until: datetime) -> Done:
    """Validate the object of an event, or the pinned one of a job, once, however often the event is delivered.

    `until` is when this attempt is ended by force; only then may another one take over. Raises ClaimHeld where another
    attempt is at work (Lambda delivers the event again a minute later, when it has most likely ended).
    """
    claimed_until = int(until.timestamp() * 1000)
    if isinstance(event, ValidationRequest):
        job = _asked_for(event, services, claimed_until)
    else:
        job = _uploaded(event, services, claimed_until)
    if job is not None:
        _validate(job, services)
    return Done()


def _asked_for(request: ValidationRequest, services: Services, claimed_until: int) -> Job | None:
    """Return the job, ours until `claimed_until`; None where it went on, or never was."""
    try:
        job = services.jobs.get(request.tenant, request.job_id)
    except JobNotFound:
        return None
    if job.status is not JobStatus.VALIDATING:
        return None
    return _taken_over(job, services, claimed_until)


def _uploaded(event: ObjectCreated, services: Services, claimed_until: int) -> Job | None:
    """Return the job of this object, in VALIDATING and ours; None where there is nothing to do."""
    found = event.detail.object
    upload = parse_upload_key(found.key)
    if upload is None:
        return None
    source = Source(event.detail.bucket.name, found.key, found.version_id, found.size)
    job_id = upload.job_id or id_for_object(source.bucket, source.key, source.version_id)
    if upload.template:
        now = services.clock()
        new = _dropped(upload, job_id, source, now, claimed_until)
        try:
            services.jobs.create(new, JobEvent(1, now, new.actor, None, new.status, "a file was dropped"))
            return new
        except AlreadyExists:
            pass
    try:
        job = services.jobs.get(upload.tenant, job_id)
    except JobNotFound:
        return None
    return _taken(job, upload, source, services, claimed_until)


def _dropped(upload: Upload, job_id: str, source: Source, now: datetime, claimed_until: int) -> Job:
    return Job(
        tenant=upload.tenant,
        job_id=job_id,
        status=JobStatus.VALIDATING,
        template=upload.template,
        actor=f"upload:{upload.tenant}",
        created_at=now,
        updated_at=now,
        file_name=upload.file_name,
        source=source,
        claimed_until=claimed_until,
    )


def _taken(job: Job, upload: Upload, source: Source, services: Services, claimed_until: int) -> Job | None:
    """Take an existing job for this attempt: one that awaits this upload, or whose attempt is past its end."""
    if job.status is JobStatus.AWAITING_UPLOAD and upload.file_name == job.file_name:
        now = services.clock()
        after, event = moved(job, JobStatus.VALIDATING, now, ACTOR, source=source, claimed_until=claimed_until)
        services.jobs.change(job, after, event)
        return after
    if job.status is JobStatus.VALIDATING and job.source == source:
        return _taken_over(job, services, claimed_until)
    # A duplicate of an event whose job went on, or a second version of a job's file: the first version wins.
    return None


def _taken_over(job: Job, services: Services, claimed_until: int) -> Job:
    """Take a job for this attempt that nobody reads, or whose attempt is past its end; raise ClaimHeld otherwise."""
    now = services.clock()
    if job.claimed_until > int(now.timestamp() * 1000):
        raise ClaimHeld(f"the validation of job {job.job_id}", job.claimed_until)
    after, event = moved(job, JobStatus.VALIDATING, now, ACTOR, claimed_until=claimed_until)
    services.jobs.change(job, after, event)
    return after


def _validate(job: Job, services: Services) -> None:
    try:
        main = _template(job, services)
        pinned = replace(job, template_version=main.version, record_type=main.template.record_type)
        _keep(read_parts(pinned, main, services), pinned, job, main.template, services)
    except FileRejected as refusal:
        _reject(job, job, Reason(refusal.code, str(refusal), refusal.detail), services)
    except RuleFunctionFailed as failure:
        _fail(job, failure, services)


def _template(job: Job, services: Services) -> Pinned:
    try:
        return Pinned(*services.catalog.get(job.tenant, job.template, job.template_version))
    except TemplateNotFound:
        raise file_rejected("TEMPLATE_NOT_FOUND", template=job.template) from None


def _keep(reading: Reading, pinned: Job, stored: Job, template: Template, services: Services) -> None:
    """Write what was read; its parts and batches count once the job names the attempt."""
    services.jobs.put_parts(pinned, reading.attempt, reading.parts)
    read = replace(
        pinned,
        attempt=reading.attempt,
        sha256=reading.sha256,
        counts=reading.counts,
        questions=reading.questions,
        mode=reading.parts[0].mode if len(reading.parts) == 1 else pinned.mode,
        record_types=reading.record_types,
        refers_to=reading.refers_to,
    )
    refused = reading.refused or _imported_before(read, services)
    if refused:
        _reject(read, stored, refused, services)
        return
    services.batches.put(pinned.tenant, pinned.job_id, reading.attempt, reading.batches)
    _accept(read, stored, template, services)


def _imported_before(job: Job, services: Services) -> Reason | None:
    owner = services.jobs.content_owner(job.tenant, job.template, job.template_version, job.sha256)
    if job.force or owner in ("", job.job_id):
        return None
    refusal = file_rejected("DUPLICATE_FILE", job_id=owner)
    return Reason(refusal.code, str(refusal), refusal.detail)


def _accept(read: Job, stored: Job, template: Template, services: Services) -> None:
    now = services.clock()
    if read.questions or read.preview or not template.auto_start:
        status = JobStatus.VALIDATED
    elif read.not_before and read.not_before > now:
        status = JobStatus.SCHEDULED
    else:
        status = JobStatus.QUEUED
    queued_at = now if status is JobStatus.QUEUED else None
    after, event = moved(read, status, now, ACTOR, claimed_until=0, queued_at=queued_at)
    try:
        services.jobs.change(stored, after, event)
    except AlreadyExists:
        # Two jobs read the same content at the same time; the other one's claim on it came first.
        refused = _imported_before(read, services)
        if refused is None:
            raise StaleItem(f"the claim on the content of job {read.job_id} changed hands twice") from None
        _reject(read, stored, refused, services)
        return
    if status is JobStatus.QUEUED:
        services.bus.publish(JobQueued(tenant=read.tenant, job_id=read.job_id))


def _reject(read: Job, stored: Job, reason: Reason, services: Services) -> None:
    now = services.clock()
    after, event = moved(read, JobStatus.REJECTED, now, ACTOR, claimed_until=0, reason=reason, ended_at=now)
    services.jobs.change(stored, after, event)


def _fail(job: Job, failure: RuleFunctionFailed, services: Services) -> None:
    """End a job whose file nobody has found anything wrong with; a retry reads it again."""
    now = services.clock()
    data: dict[str, object] = {"function": failure.function, "problem": failure.problem}
    reason = Reason("RULE_FUNCTION_FAILED", FILE_ERRORS["RULE_FUNCTION_FAILED"].message.format(**data), data)
    after, event = moved(job, JobStatus.FAILED, now, ACTOR, claimed_until=0, reason=reason, ended_at=now)
    services.jobs.change(job, after, event)

"""The use cases behind the HTTP API: imports and templates of the caller's tenant; nothing here knows of HTTP."""

import re
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from longshore.domain.job import Job, JobEvent, id_for_request
from longshore.domain.status import RUNNING, JobStatus
from longshore.domain.templates.document import Name
from longshore.domain.templates.template import Template, parse_template
from longshore.errors import (
    AlreadyExists,
    IdempotencyMismatch,
    InvalidRequest,
    JobNotFound,
    TemplateNotFound,
)
from longshore.steps.api_view import job_document, job_summary, moment
from longshore.steps.caller import Caller, Role
from longshore.steps.header_questions import open_questions
from longshore.steps.import_request import ImportRequest
from longshore.steps.ports import Services
from longshore.steps.rejected_rows import first_rejected_rows, rejected_rows
from longshore.steps.template_reach import check_reach
from longshore.steps.upload_key import job_upload_key

JOB_ID = re.compile(r"j[0-9a-f]{24}")
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
TEMPLATE_NAME: TypeAdapter[str] = TypeAdapter(Name)

Document = dict[str, object]


def create_import(services: Services, caller: Caller, body: object, idempotency_key: str | None) -> Document:
    """Create a job that waits for its file, and return where to upload it.

    The same key with the same body returns the same job, with a fresh link while its file is still awaited. Raises
    InvalidRequest, IdempotencyMismatch, NotAllowed or TemplateNotFound.
    """
    caller.must_be(Role.IMPORTER, "start imports")
    if idempotency_key is not None and not IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        raise InvalidRequest("Idempotency-Key must be 1 to 255 visible ASCII characters, such as a UUID")
    request = ImportRequest.parse(body)
    job_id = id_for_request(caller.tenant, idempotency_key)
    job = _earlier(services, caller, job_id, request) if idempotency_key else None
    return _upload_answer(services, job or _create(services, caller, job_id, request))


def _earlier(services: Services, caller: Caller, job_id: str, request: ImportRequest) -> Job | None:
    try:
        job = services.jobs.get(caller.tenant, job_id)
    except JobNotFound:
        return None
    if job.request_hash != request.digest:
        raise IdempotencyMismatch(
            f"this Idempotency-Key was used with another body, for job {job_id}; use a new key for a new import"
        )
    return job


def _create(services: Services, caller: Caller, job_id: str, request: ImportRequest) -> Job:
    now = services.clock()
    request.check_start(now)
    find_template(services, caller, request.template)
    job = Job(
        tenant=caller.tenant,
        job_id=job_id,
        status=JobStatus.AWAITING_UPLOAD,
        template=request.template,
        actor=caller.actor,
        created_at=now,
        updated_at=now,
        file_name=request.file_name,
        mode=request.mode,
        priority=request.priority,
        force=request.force,
        preview=request.preview,
        not_before=request.start_at,
        options=request.file.model_dump(exclude_unset=True) if request.file else None,
        request_hash=request.digest,
    )
    try:
        services.jobs.create(job, JobEvent(job.version, now, caller.actor, None, job.status, "asked for by a request"))
    except AlreadyExists:
        # The same request a second time, at the same moment: whoever came first has created the job.
        earlier = _earlier(services, caller, job_id, request)
        if earlier is None:
            raise
        return earlier
    return job


def _upload_answer(services: Services, job: Job) -> Document:
    answer: Document = {"job_id": job.job_id, "status": job.status, "upload": None}
    if job.status is JobStatus.AWAITING_UPLOAD:
        limits = services.settings
        key = job_upload_key(job.tenant, job.job_id, job.file_name)
        link = services.files.upload_link(key, limits.max_upload_bytes, limits.upload_link_seconds)
        expires = services.clock() + timedelta(seconds=limits.upload_link_seconds)
        answer["upload"] = {**link, "expires_at": moment(expires), "max_bytes": limits.max_upload_bytes}
    return answer


def get_import(services: Services, caller: Caller, job_id: str) -> Document:
    """Return a job with its parts; counts are live while a run is on. Raises JobNotFound."""
    job = find_job(services, caller, job_id)
    parts = services.jobs.parts(job) if job.attempt else []
    batches = services.batches.all(job) if job.run else []
    document = job_document(job, parts, batches, open_questions(job, parts, services))
    if job.attempt and job.status not in RUNNING:
        document["report"] = {
            "rejected_sample": first_rejected_rows(services.files, parts, batches),
            "errors": f"/imports/{job_id}/errors",
        }
    return document


def list_imports(services: Services, caller: Caller, limit: int, cursor: str, status: str) -> Document:
    """Return some jobs of the tenant, newest first, and the cursor of the next page ("" on the last)."""
    if status and status not in set(JobStatus):
        raise InvalidRequest(f"status must be one of: {', '.join(JobStatus)}")
    page = services.jobs.page(caller.tenant, limit, cursor, JobStatus(status) if status else None)
    return {"jobs": [job_summary(job) for job in page.jobs], "cursor": page.cursor}


def import_errors(services: Services, caller: Caller, job_id: str, limit: int, cursor: str) -> Document:
    """Return some rejected rows of a job, those of the validation first, and the cursor of the next page."""
    job = find_job(services, caller, job_id)
    parts = services.jobs.parts(job) if job.attempt else []
    batches = services.batches.all(job) if job.run else []
    rows, following = rejected_rows(services.files, parts, batches, limit, cursor)
    return {"job_id": job_id, "errors": rows, "cursor": following}


def import_events(services: Services, caller: Caller, job_id: str) -> Document:
    """Return a job's history, oldest first."""
    job = find_job(services, caller, job_id)
    events = [
        {
            "version": event.version,
            "at": moment(event.at),
            "actor": event.actor,
            "old": event.old,
            "new": event.new,
            "reason": event.reason,
        }
        for event in services.jobs.events(caller.tenant, job.job_id)
    ]
    return {"job_id": job_id, "events": events}


def find_job(services: Services, caller: Caller, job_id: str) -> Job:
    """Read a job of the caller's tenant; raise JobNotFound."""
    # A text that cannot be an id never reaches a key.
    if not JOB_ID.fullmatch(job_id):
        raise JobNotFound(f"there is no job {job_id!r}")
    return services.jobs.get(caller.tenant, job_id)


def list_templates(services: Services, caller: Caller) -> Document:
    """Return name, current version and title of each template of the tenant."""
    names = services.catalog.names(caller.tenant)
    return {"templates": [{"name": name, "version": version, "title": title} for name, version, title in names]}


def get_template(services: Services, caller: Caller, name: str, version: int = 0) -> Document:
    """Return a template's document; version 0 is the current one. Raises TemplateNotFound."""
    template, number = find_template(services, caller, name, version)
    return {"name": name, "version": number, "template": template.as_document()}


def put_template(services: Services, caller: Caller, name: str, body: object) -> Document:
    """Store a new version of a template; the current version again is no new one. Raises InvalidTemplate."""
    caller.must_be(Role.ADMIN, "change templates")
    template = parse_template(body)
    if template.name != name:
        raise InvalidRequest(f"the path names the template {name!r}, but its document is named {template.name!r}")
    check_reach(services, caller.tenant, template)
    try:
        before = services.catalog.get(caller.tenant, name)[1]
    except TemplateNotFound:
        before = 0
    version = services.catalog.put(caller.tenant, template, caller.actor, services.clock())
    return {"name": name, "version": version, "created": version > before}


def find_template(services: Services, caller: Caller, name: str, version: int = 0) -> tuple[Template, int]:
    """Read a template of the caller's tenant and its version; raise TemplateNotFound."""
    try:
        TEMPLATE_NAME.validate_python(name)
    except ValidationError:
        raise TemplateNotFound(f"there is no template {name!r}") from None
    return services.catalog.get(caller.tenant, name, version)

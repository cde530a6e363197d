"""MakeReport: the rejected rows of a job become a file that a person corrects and imports again."""

import heapq
from collections.abc import Iterator, Sequence
from datetime import timedelta
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from longshore.domain.job import Batch, Job, Part, Pointer
from longshore.domain.parse_plan import plan_from_dict
from longshore.domain.report import Report, ReportStatus
from longshore.domain.status import RUNNING
from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.template import Template
from longshore.errors import DataGone, FileRejected, InvalidRequest, JobNotFound
from longshore.messages import Done, ReportRequest
from longshore.readers.reports.reject_report import suffix_of, write_report
from longshore.readers.reports.reject_rows import Error, RejectedPart
from longshore.readers.upload import Upload
from longshore.steps.ports import Files, Services

KEPT = timedelta(days=6)
"""How long a report counts; the bucket deletes it a day later at the earliest."""

FAILURE_KEPT = timedelta(minutes=1)
"""How long it is said that a report could not be made, before another try."""


def make_report(request: ReportRequest, services: Services) -> Done:
    """Make the report of a job at a version, and write where it is, or why it cannot be made.

    Twice is as good as once. A job that went on meanwhile has other reports, and this one is not made.
    """
    try:
        job = services.jobs.get(request.tenant, request.job_id)
    except JobNotFound:
        return Done()
    if job.version != request.version or job.status in RUNNING or not job.attempt or job.source is None:
        return Done()
    until = services.clock()
    try:
        report = _made(job, request, services)
    except (FileRejected, DataGone, InvalidRequest) as refusal:
        deadline = until + FAILURE_KEPT
        report = Report(ReportStatus.FAILED, int(deadline.timestamp() * 1000), message=str(refusal))
    services.reports.put(request, report)
    return Done()


def _made(job: Job, request: ReportRequest, services: Services) -> Report:
    stored = services.jobs.parts(job)
    batches = services.batches.all(job) if job.run else []
    parts = [_rejected_part(job, part, batches, services) for part in stored]
    suffix = suffix_of(request.format, len(parts))
    key = f"reports/{job.tenant}/{job.job_id}/{job.attempt}-{job.version:06d}.{suffix}"
    with TemporaryFile() as out:
        rows = _written(job, parts, request, services, out)
        out.seek(0)
        services.reports.upload(key, out)
    until = services.clock() + KEPT
    name = f"{job.job_id}-rejected.{suffix}"
    return Report(ReportStatus.READY, int(until.timestamp() * 1000), key, name, rows)


def _written(job: Job, parts: Sequence[RejectedPart], request: ReportRequest, services: Services, out: BinaryIO) -> int:
    """Stream the pinned upload once more, for the cells of the rejected rows."""
    assert job.source is not None
    main, _ = services.catalog.get(job.tenant, job.template, job.template_version)
    options = FileOptions.model_validate(job.options).over(main.file) if job.options else main.file
    with services.files.open(job.source) as stream:
        with Upload(stream, options, services.settings.max_upload_bytes) as upload:
            return write_report(upload.parts, parts, job.job_id, request.format, out)


def _rejected_part(job: Job, part: Part, batches: Sequence[Batch], services: Services) -> RejectedPart:
    template: Template = services.catalog.get(job.tenant, part.template, part.template_version)[0]
    errors = rejected_of(part, batches, services.files)
    return RejectedPart(part.number, part.name, plan_from_dict(part.plan), template, errors)


def rejected_of(part: Part, batches: Sequence[Batch], files: Files) -> Iterator[Error]:
    """Yield the errors of a part in the order of its rows, those of the validation and of the load together."""
    loading = [b.rejects for b in sorted(batches, key=lambda b: b.number) if b.part == part.number and b.rejects]
    validation = _errors(files, [part.rejects] if part.rejects else [])
    return heapq.merge(validation, _errors(files, loading), key=lambda error: int(error["row"]))


def _errors(files: Files, objects: Sequence[Pointer]) -> Iterator[Error]:
    for pointer in objects:
        for _, errors in files.members(pointer.key):
            yield from cast(list[Error], errors)

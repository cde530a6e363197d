"""The use case behind GET /imports/{job_id}/report: a link to a job's report, which is made when first asked for."""

from datetime import timedelta

from longshore.domain.job import Job
from longshore.domain.report import Report, ReportStatus
from longshore.domain.status import RUNNING
from longshore.errors import DataGone, InvalidRequest, TransitionRefused
from longshore.messages import ReportRequest
from longshore.steps.api import Document, find_job
from longshore.steps.api_view import moment
from longshore.steps.caller import Caller
from longshore.steps.ports import Services
from longshore.steps.report_port import request_of

FORMATS = ("csv", "xlsx")

LINK_SECONDS = 900

MAKER_SECONDS = 960
"""Longer than MakeReport may run: only then is it asked again."""


def import_report(services: Services, caller: Caller, job_id: str, kind: str) -> Document:
    """Return where the report of a job is, or that it is being made: then ask again.

    Raises InvalidRequest for another format, TransitionRefused for a job that is not read yet or running, DataGone
    where it cannot be made.
    """
    if kind not in FORMATS:
        raise InvalidRequest(f"format must be one of: {', '.join(FORMATS)}")
    job = find_job(services, caller, job_id)
    _must_have_one(job)
    if not job.counts.rejected:
        return _answer(job, kind, ReportStatus.READY)
    request = request_of(job, kind)
    now = services.clock()
    now_ms = int(now.timestamp() * 1000)
    report = services.reports.find(request)
    if report is None or report.until < now_ms:
        report = _asked_for(request, services, now_ms)
    if report.status is ReportStatus.FAILED:
        raise DataGone(f"the report of job {job_id} cannot be made: {report.message}")
    if report.status is ReportStatus.MAKING:
        return _answer(job, kind, report.status)
    expires = moment(now + timedelta(seconds=LINK_SECONDS))
    link = services.reports.link(report, LINK_SECONDS)
    return _answer(job, kind, report.status) | {"url": link, "expires_at": expires, "file_name": report.file_name}


def _must_have_one(job: Job) -> None:
    if job.status in RUNNING:
        raise TransitionRefused(f"job {job.job_id} is {job.status}; its report can be made when the run has ended")
    if not job.attempt or job.questions:
        raise TransitionRefused(f"no row of job {job.job_id} was checked ({job.status}); there is nothing to report")


def _asked_for(request: ReportRequest, services: Services, now_ms: int) -> Report:
    """Have a report made, unless somebody else has asked for it at this moment."""
    until = now_ms + 1000 * MAKER_SECONDS
    if services.reports.claim(request, until, now_ms):
        services.reports.ask(request)
    return Report(ReportStatus.MAKING, until)


def _answer(job: Job, kind: str, status: ReportStatus) -> Document:
    return {
        "job_id": job.job_id,
        "format": kind,
        "status": status,
        "rows": job.counts.rejected,
        "url": None,
        "expires_at": None,
        "file_name": None,
    }

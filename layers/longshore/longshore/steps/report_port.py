"""What the steps need of the world to make reports and to hand them out."""

from typing import BinaryIO, Protocol

from longshore.domain.job import Job
from longshore.domain.report import Report
from longshore.messages import ReportRequest


class Reports(Protocol):
    """Reports of jobs: made once for each version and format, on request."""

    def find(self, request: ReportRequest) -> Report | None:
        """Return the report as it stands, None where nobody has asked for it."""

    def claim(self, request: ReportRequest, until: int, now: int) -> bool:
        """Write that it is being made until then, unless there is one that counts; say whether that was written."""

    def put(self, request: ReportRequest, report: Report) -> None:
        """Write what became of it."""

    def ask(self, request: ReportRequest) -> None:
        """Have it made by MakeReport."""

    def upload(self, key: str, content: BinaryIO) -> None:
        """Write an object of the data bucket from a file, in flat memory."""

    def link(self, report: Report, seconds: int) -> str:
        """Return a presigned URL from which anybody may download it for so long."""


def request_of(job: Job, kind: str) -> ReportRequest:
    """Return what names the report of a job as it is now."""
    return ReportRequest.model_validate(
        {"tenant": job.tenant, "job_id": job.job_id, "version": job.version, "format": kind}
    )

"""How a command ends: its exit status, and the one line that says what went wrong and what to do."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

from longshore.domain.status import JobStatus

Document = Mapping[str, Any]
"""A JSON object as the API answers it."""


class Exit(IntEnum):
    """Exit statuses, worst last (design section 13)."""

    COMPLETED = 0
    WITH_ERRORS = 1
    FAILED = 2
    USAGE = 3
    UNREACHABLE = 4


INTERRUPTED = 130
"""The shell's convention for a command ended by Ctrl-C: 128 + SIGINT."""


class CliError(Exception):
    """Ends a command; `str()` of it is one line that says what is wrong and what to do."""

    status = Exit.FAILED


class UsageProblem(CliError):
    """What was asked for cannot be done as it stands: a missing file, a bad option, no token, an unknown template."""

    status = Exit.USAGE


class Unreachable(CliError):
    """Longshore did not answer."""

    status = Exit.UNREACHABLE


class UploadFailed(CliError):
    """A file did not get into the uploads bucket; its job is cancelled."""


RESTING = frozenset({JobStatus.VALIDATED, JobStatus.SCHEDULED, JobStatus.PAUSED})
"""Nothing more happens until somebody asks, or until a time that may be days away."""

EXIT_OF = {
    JobStatus.COMPLETED_WITH_ERRORS: Exit.WITH_ERRORS,
    JobStatus.REJECTED: Exit.FAILED,
    JobStatus.FAILED: Exit.FAILED,
    JobStatus.CANCELLED: Exit.FAILED,
}


def exit_for(jobs: Iterable[Document]) -> Exit:
    """Return the worst exit status of some jobs; one that is still going on is no failure, one that asks is."""
    return max((_exit_of(job) for job in jobs), default=Exit.COMPLETED)


def _exit_of(job: Document) -> Exit:
    if job["status"] == JobStatus.VALIDATED and job.get("questions"):
        return Exit.FAILED
    return EXIT_OF.get(job["status"], Exit.COMPLETED)

"""The life of a job: every status, and every change of status with its reason."""

from collections.abc import Mapping
from enum import StrEnum

from longshore.errors import TransitionRefused


class JobStatus(StrEnum):
    """Where a job stands; asking (PAUSING, CANCELLING) is separate from done (PAUSED, CANCELLED)."""

    AWAITING_UPLOAD = "AWAITING_UPLOAD"
    VALIDATING = "VALIDATING"
    REJECTED = "REJECTED"
    VALIDATED = "VALIDATED"
    SCHEDULED = "SCHEDULED"
    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    PAUSING = "PAUSING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    COMPLETED = "COMPLETED"
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    FAILED = "FAILED"
    ROLLING_BACK = "ROLLING_BACK"
    ROLLED_BACK = "ROLLED_BACK"


S = JobStatus

TRANSITIONS: Mapping[tuple[JobStatus, JobStatus], str] = {
    (S.AWAITING_UPLOAD, S.VALIDATING): "the file arrived",
    (S.AWAITING_UPLOAD, S.CANCELLED): "cancelled before the file arrived",
    (S.AWAITING_UPLOAD, S.FAILED): "the upload link expired unused",
    (S.VALIDATING, S.VALIDATING): "an attempt to read it began: nobody was at it, or the one before died",
    (S.VALIDATING, S.REJECTED): "the file, or too many of its rows, is unacceptable",
    (S.VALIDATING, S.VALIDATED): "the file is valid and waits for a start",
    (S.VALIDATING, S.SCHEDULED): "the file is valid and starts at its time",
    (S.VALIDATING, S.QUEUED): "the file is valid and starts by itself",
    (S.VALIDATING, S.CANCELLED): "cancelled while it was read; nothing was loaded",
    (S.VALIDATING, S.FAILED): "no attempt could read the file to its end",
    (S.VALIDATED, S.VALIDATING): "the questions about its columns are answered: the file is read again",
    (S.VALIDATED, S.SCHEDULED): "asked to start later",
    (S.VALIDATED, S.QUEUED): "asked to start",
    (S.VALIDATED, S.CANCELLED): "cancelled before it started",
    (S.SCHEDULED, S.QUEUED): "its time has come",
    (S.SCHEDULED, S.CANCELLED): "cancelled before it started",
    (S.QUEUED, S.PROCESSING): "its turn: slot, locks and workers were granted",
    (S.QUEUED, S.PAUSED): "paused before it started",
    (S.QUEUED, S.CANCELLED): "cancelled before it started",
    (S.QUEUED, S.FAILED): "something it depends on cannot complete",
    (S.PROCESSING, S.PAUSING): "pause asked for",
    (S.PROCESSING, S.CANCELLING): "cancel asked for",
    (S.PROCESSING, S.COMPLETED): "every row was loaded or is unchanged",
    (S.PROCESSING, S.COMPLETED_WITH_ERRORS): "finished; some rows were rejected, held or left unprocessed",
    (S.PROCESSING, S.FAILED): "the run could not go on",
    (S.PAUSING, S.PAUSED): "no batch is in flight any more",
    (S.PAUSING, S.CANCELLING): "cancel asked for while pausing",
    (S.PAUSING, S.COMPLETED): "the last batch completed before the pause took hold",
    (S.PAUSING, S.COMPLETED_WITH_ERRORS): "the last batch ended before the pause took hold",
    (S.PAUSING, S.FAILED): "the run could not go on while pausing",
    (S.PAUSED, S.QUEUED): "resumed",
    (S.PAUSED, S.CANCELLED): "cancelled while paused",
    (S.CANCELLING, S.CANCELLED): "no batch is in flight any more",
    (S.CANCELLING, S.COMPLETED): "the last batch completed before the cancel took hold",
    (S.CANCELLING, S.COMPLETED_WITH_ERRORS): "the last batch ended before the cancel took hold",
    (S.COMPLETED, S.ROLLING_BACK): "undo asked for",
    (S.COMPLETED_WITH_ERRORS, S.QUEUED): "retry asked for: open and failed batches run again",
    (S.COMPLETED_WITH_ERRORS, S.ROLLING_BACK): "undo asked for",
    (S.CANCELLED, S.ROLLING_BACK): "undo asked for what was loaded before the cancel",
    (S.FAILED, S.VALIDATING): "retry asked for: its file was never read to the end, and is read again",
    (S.FAILED, S.QUEUED): "retry asked for: open and failed batches run again",
    (S.FAILED, S.ROLLING_BACK): "undo asked for what was loaded before the failure",
    (S.ROLLING_BACK, S.ROLLED_BACK): "every batch was visited",
    (S.ROLLING_BACK, S.FAILED): "the undo could not go on",
}

FINAL = frozenset({S.REJECTED, S.CANCELLED, S.COMPLETED, S.COMPLETED_WITH_ERRORS, S.FAILED, S.ROLLED_BACK})
"""Nothing happens to a job here unless somebody asks."""

RUNNING = frozenset({S.PROCESSING, S.PAUSING, S.CANCELLING})
"""A run holds its lease, locks and slot."""

RELEASES_CONTENT = frozenset({S.REJECTED, S.CANCELLED, S.FAILED, S.ROLLED_BACK})
"""The same file may be imported again once a job that claimed its content has ended like this."""


def reason_for(old: JobStatus, new: JobStatus) -> str:
    """Return why a job may go from `old` to `new`; raise TransitionRefused where it may not."""
    reason = TRANSITIONS.get((old, new))
    if reason is None:
        allowed = ", ".join(sorted(to for (was, to) in TRANSITIONS if was == old)) or "nothing"
        raise TransitionRefused(f"a job that is {old} cannot become {new}; it can become: {allowed}")
    return reason

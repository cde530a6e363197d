"""How a report of rejected rows stands: in the making, ready to be downloaded, or not to be had."""

from dataclasses import dataclass
from enum import StrEnum


class ReportStatus(StrEnum):
    """MAKING until somebody is done with it, or given up; READY as long as it is kept; FAILED for good."""

    MAKING = "MAKING"
    READY = "READY"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Report:
    """A report of one version of a job in one format; after `until` (epoch ms) it counts no more.

    `key` is its object in the data bucket, `rows` how many rows it has; `message` says why a FAILED one is not there.
    """

    status: ReportStatus
    until: int
    key: str = ""
    file_name: str = ""
    rows: int = 0
    message: str = ""

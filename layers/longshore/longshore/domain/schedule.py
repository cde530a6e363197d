"""A schedule: an import that starts by itself at its times, from the newest file under its prefix."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from longshore.domain.job import Mode

CRON = re.compile(r"cron\(\S+( \S+){5}\)")
RATE = re.compile(r"rate\([1-9]\d{0,7} (minute|hour|day)s?\)")
AT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")
EXPRESSIONS = (
    "cron(minutes hours day-of-month month day-of-week year), rate(5 minutes) with minutes, hours or days, "
    "or at(2027-01-31T08:00:00)"
)

ACTOR = "schedule:"
"""What the actor of a scheduled job begins with; the name of its schedule follows."""


@dataclass(frozen=True)
class Schedule:
    """When to import what. Times are UTC; `expression` is read in `zone`, an IANA name.

    `revision` is another one with every change; the store sets it. A firing for an instant before `created_at` was
    meant for an earlier schedule of the same name.
    """

    tenant: str
    name: str
    template: str
    expression: str
    zone: str
    prefix: str
    actor: str
    created_at: datetime
    updated_at: datetime
    mode: Mode | None = None
    priority: int = 5
    force: bool = False
    enabled: bool = True
    revision: str = ""

    def runs_at(self, instant: datetime) -> bool:
        """Whether a firing for this instant is this schedule's, and wanted."""
        return self.enabled and instant >= self.created_at


@dataclass(frozen=True)
class Firing:
    """That a schedule fired for an instant (UTC), and the job made for it."""

    instant: datetime
    job_id: str


def check_expression(text: str) -> str:
    """Return a schedule expression of the right form; raise ValueError that says which forms there are.

    What is inside a form (a 61st minute, a month without an end) is judged by EventBridge Scheduler when the schedule
    is stored. Source: EventBridge Scheduler user guide, "Schedule types".
    """
    if not (CRON.fullmatch(text) or RATE.fullmatch(text) or AT.fullmatch(text)):
        raise ValueError(f"{text!r} is not of the form {EXPRESSIONS}")
    return text


def entry_name(tenant: str, name: str) -> str:
    """Return what a schedule is called in EventBridge Scheduler: at most 64 of `[0-9a-zA-Z-_.]`, one per schedule.

    The digest makes it unique; the beginnings of both names are for the person who looks at the console.
    """
    digest = hashlib.sha256(f"{len(tenant)}:{tenant}{name}".encode()).hexdigest()[:24]
    return f"{tenant[:19]}-{name[:19]}-{digest}"

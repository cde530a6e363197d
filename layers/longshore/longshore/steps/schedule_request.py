"""What a caller may ask of a schedule, checked before anything is stored."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from longshore.domain.job import Mode
from longshore.domain.schedule import Schedule, check_expression
from longshore.steps.caller import Caller
from longshore.steps.request_body import RequestBody

PREFIX_BYTES = 512
UNSAFE_IN_A_PREFIX = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-/]{0,49}")


def _zone(name: str) -> str:
    if not ZONE.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a time zone, such as Europe/Berlin or UTC")
    return name


def _prefix(prefix: str) -> str:
    if not prefix or prefix.startswith("/") or UNSAFE_IN_A_PREFIX.search(prefix):
        raise ValueError("must be the beginning of a key such as sales/daily/: no leading /, no control characters")
    if len(prefix.encode()) > PREFIX_BYTES:
        raise ValueError(f"must not be longer than {PREFIX_BYTES} bytes in UTF-8")
    return prefix


class ScheduleRequest(RequestBody):
    """The body of a request for a schedule; the prefix is that of the schedule's own folder if left out."""

    template: str
    expression: Annotated[str, AfterValidator(check_expression)]
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    prefix: Annotated[str, AfterValidator(_prefix)] | None = None
    mode: Mode | None = None
    priority: Annotated[int, Field(strict=True, ge=1, le=10)] = 5
    force: Annotated[bool, Field(strict=True)] = False
    enabled: Annotated[bool, Field(strict=True)] = True

    def schedule(self, caller: Caller, name: str, now: datetime) -> Schedule:
        """Return the schedule that is asked for."""
        return Schedule(
            tenant=caller.tenant,
            name=name,
            template=self.template,
            expression=self.expression,
            zone=self.zone,
            prefix=self.prefix or f"{name}/",
            actor=caller.actor,
            created_at=now,
            updated_at=now,
            mode=self.mode,
            priority=self.priority,
            force=self.force,
            enabled=self.enabled,
        )

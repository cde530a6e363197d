"""Fires the schedules of EventBridge Scheduler and the scheduled rules of EventBridge, which moto only keeps."""

import datetime
import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.events.models import events_backends
from moto.scheduler.models import scheduler_backends

from local.aws_cron import Expression, InvalidExpression, parse_expression, parse_zone

LOOK_EVERY = 0.5
"""Seconds between looks at what is due: well inside the second of accuracy that is promised."""

log = logging.getLogger(__name__)
Deliver = Callable[[Mapping[str, Any], Mapping[str, Any]], None]


@dataclass(frozen=True)
class Timed:
    """A schedule or a scheduled rule, as it stands now. `once_done` removes it after its last run."""

    arn: str
    expression: str
    zone: str
    source: str
    targets: tuple[Mapping[str, Any], ...]
    begin: datetime.datetime
    end: datetime.datetime | None = None
    once_done: Callable[[], object] | None = None

    @property
    def identity(self) -> tuple[str, str, str, datetime.datetime]:
        """What makes it another schedule, to be planned anew."""
        return self.arn, self.expression, self.zone, self.begin


class Scheduler:
    """Looks twice a second at every schedule in moto and delivers what is due.

    time_scale shortens rates, so that a test need not wait a minute. now() is the clock, aware.
    """

    def __init__(
        self,
        deliver: Deliver,
        account: str,
        region: str,
        time_scale: float = 1.0,
        now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
    ) -> None:
        self.deliver = deliver
        self.account = account
        self.region = region
        self.time_scale = time_scale
        self.now = now
        self.due: dict[tuple[str, str, str, datetime.datetime], datetime.datetime | None] = {}
        self.first_seen: dict[str, datetime.datetime] = {}
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to look; ends with stop()."""
        threading.Thread(target=self._run, name="scheduler", daemon=True).start()

    def stop(self) -> None:
        """Fire nothing more."""
        self._stopped.set()

    def look(self) -> None:
        """Deliver everything that is due now; a run that was missed is made up once, not once per miss."""
        now = self.now()
        planned, self.due = self.due, {}
        for timed in self.known():
            due = planned[timed.identity] if timed.identity in planned else self.next_run(timed, timed.begin)
            if due is not None and due <= now:
                self.fire(timed, due)
                due = self.next_run(timed, now)
                if due is None and timed.once_done is not None:
                    timed.once_done()
            self.due[timed.identity] = due

    def next_run(self, timed: Timed, after: datetime.datetime) -> datetime.datetime | None:
        """When it runs next; None if it does not, or if nobody can tell from its expression."""
        try:
            expression: Expression = parse_expression(timed.expression, self.time_scale)
            run = expression.next_after(after, parse_zone(timed.zone), timed.begin)
        except InvalidExpression as broken:
            log.warning("%s never runs: %s", timed.arn, broken)
            return None
        return None if run is None or (timed.end is not None and run > timed.end) else run

    def fire(self, timed: Timed, due: datetime.datetime) -> None:
        """Deliver one run to every target."""
        moment = due.strftime("%Y-%m-%dT%H:%M:%SZ")
        event: dict[str, Any] = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": timed.source,
            "account": self.account,
            "time": moment,
            "region": self.region,
            "resources": [timed.arn],
            "detail": "{}" if timed.source == "aws.scheduler" else {},
        }
        for target in timed.targets:
            self.deliver(with_attributes(target, timed.arn, moment), event)

    def known(self) -> Iterator[Timed]:
        """Everything that is enabled and runs by time."""
        for group in list(scheduler_backends[self.account][self.region].schedule_groups.values()):
            for schedule in list(group.schedules.values()):
                # An update that does not name a state leaves None behind in moto; AWS takes it for enabled.
                if schedule.state != "DISABLED":
                    yield of_schedule(schedule, partial(group.schedules.pop, schedule.name, None))
        for bus in list(events_backends[self.account][self.region].event_buses.values()):
            for rule in list(bus.rules.values()):
                if rule.scheduled_expression and rule.state == "ENABLED":
                    yield self._of_rule(rule)

    def _of_rule(self, rule: Any) -> Timed:
        # moto does not keep when a rule was made; its rate counts from when it was first seen.
        begin = self.first_seen.setdefault(rule.arn, self.now())
        return Timed(rule.arn, rule.scheduled_expression, "UTC", "aws.events", tuple(rule.targets), begin)

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            try:
                self.look()
            except Exception:  # one broken schedule must not end the clock of all others
                log.exception("the scheduler of the embedded AWS failed")


def of_schedule(schedule: Any, remove: Callable[[], object]) -> Timed:
    """A schedule of EventBridge Scheduler as moto keeps it."""
    created = as_moment(schedule.creation_date)
    assert created is not None
    begin = max(created, as_moment(schedule.start_date) or created)
    return Timed(
        schedule.arn,
        schedule.schedule_expression,
        schedule.schedule_expression_timezone,
        "aws.scheduler",
        (schedule.target,),
        begin,
        as_moment(schedule.end_date),
        remove if schedule.action_after_completion == "DELETE" else None,
    )


def as_moment(value: Any) -> datetime.datetime | None:
    """A date as moto keeps it, a number or text, as an aware one."""
    if not value:
        return None
    if isinstance(value, int | float):
        return datetime.datetime.fromtimestamp(value, datetime.UTC)
    moment = datetime.datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def with_attributes(target: Mapping[str, Any], arn: str, moment: str) -> Mapping[str, Any]:
    """The target with the context attributes in its Input filled in.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    if "Input" not in target:
        return target
    values = {
        "<aws.scheduler.schedule-arn>": arn,
        "<aws.scheduler.scheduled-time>": moment,
        "<aws.scheduler.execution-id>": uuid.uuid4().hex,
        "<aws.scheduler.attempt-number>": "1",
    }
    text = str(target["Input"])
    for name, value in values.items():
        text = text.replace(name, json.dumps(value)[1:-1])
    return {**target, "Input": text}

"""When a schedule expression of EventBridge is due: cron(…), rate(…) and at(…).

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. No cron library follows it: the six
fields know L, W, # and ?, and local times that a change of the clock skips are not run, repeated ones run once.
"""

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LAST_YEAR = 2199
MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class InvalidExpression(ValueError):
    """The schedule expression breaks the rules of EventBridge; the message says which."""


@dataclass(frozen=True)
class Cron:
    """The six fields of a cron expression, as written."""

    minute: str
    hour: str
    day_of_month: str
    month: str
    day_of_week: str
    year: str

    @cached_property
    def minutes(self) -> list[int]:
        """Minutes of the hour, in order."""
        return sorted(numbers(self.minute, 0, 59))

    @cached_property
    def hours(self) -> list[int]:
        """Hours of the day, in order."""
        return sorted(numbers(self.hour, 0, 23))

    @cached_property
    def months(self) -> set[int]:
        """Months of the year."""
        return numbers(self.month, 1, 12, MONTHS)

    @cached_property
    def years(self) -> set[int]:
        """Years."""
        return numbers(self.year, 1970, LAST_YEAR)

    def on(self, day: datetime.date) -> bool:
        """Whether it runs on this day at all."""
        if day.month not in self.months or day.year not in self.years:
            return False
        if self.day_of_month != "?":
            return any(is_day_of_month(part, day) for part in self.day_of_month.split(","))
        return any(is_weekday(part, day) for part in self.day_of_week.split(","))

    def next_local(self, after: datetime.datetime) -> datetime.datetime | None:
        """The first (naive, local) minute after a time, whatever the clock does; None if there is none."""
        day = after.date()
        while day.year <= LAST_YEAR:
            if self.on(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        moment = datetime.datetime.combine(day, datetime.time(hour, minute))
                        if moment > after:
                            return moment
            day += datetime.timedelta(days=1)
        return None

    def next_after(self, moment: datetime.datetime, zone: ZoneInfo) -> datetime.datetime | None:
        """The first run after a moment (aware), as UTC."""
        local = self.next_local(moment.astimezone(zone).replace(tzinfo=None))
        while local is not None:
            run = local.replace(tzinfo=zone).astimezone(datetime.UTC)
            skipped_by_the_clock = run.astimezone(zone).replace(tzinfo=None) != local
            # fold=0: of a time that the clock repeats, only the first is a run.
            if run > moment and not skipped_by_the_clock:
                return run
            local = self.next_local(local)
        return None


def parse_cron(text: str) -> Cron:
    """Parse the inside of `cron(…)`; raises InvalidExpression."""
    fields = text.upper().split()
    if len(fields) != 6:
        raise InvalidExpression(f"cron({text}) must have six fields, the last one the year")
    cron = Cron(*fields)
    if (cron.day_of_month == "?") == (cron.day_of_week == "?"):
        raise InvalidExpression(f"cron({text}) must have ? in either the day-of-month or the day-of-week field")
    try:
        _ = cron.minutes, cron.hours, cron.months, cron.years
        cron.on(datetime.date(min(cron.years), min(cron.months), 1))
    except (ValueError, KeyError) as broken:
        raise InvalidExpression(f"cron({text}): {broken}") from broken
    return cron


def numbers(field: str, lowest: int, highest: int, names: dict[str, int] | None = None) -> set[int]:
    """The values of a field of lists, ranges, steps and names; raises ValueError for one outside of its bounds."""
    values: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = lowest, highest
        else:
            begin, _, end = span.partition("-")
            first = number(begin, names)
            last = number(end, names) if end else (highest if step else first)
        if not (lowest <= first <= last <= highest) or (step and int(step) < 1):
            raise ValueError(f"{part} is outside of {lowest}-{highest}")
        values.update(range(first, last + 1, int(step or 1)))
    return values


def number(text: str, names: dict[str, int] | None) -> int:
    """A number, or the name of one."""
    return names[text] if names and text in names else int(text)


def is_day_of_month(part: str, day: datetime.date) -> bool:
    """Whether a day is meant by one entry of the day-of-month field: `15`, `1-7`, `*/3`, `L`, `L-2`, `15W`, `LW`."""
    last = calendar.monthrange(day.year, day.month)[1]
    if part.startswith("L") and part != "LW":
        return day.day == last - int(part[2:] or 0)
    if part.endswith("W"):
        wanted = last if part == "LW" else int(part[:-1])
        return wanted <= last and day.day == nearest_weekday(day.year, day.month, wanted)
    return day.day in numbers(part, 1, 31)


def nearest_weekday(year: int, month: int, wanted: int) -> int:
    """The working day nearest to a day of the month, inside that month."""
    last = calendar.monthrange(year, month)[1]
    weekday = datetime.date(year, month, wanted).weekday()
    if weekday == calendar.SATURDAY:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == calendar.SUNDAY:
        return wanted + 1 if wanted < last else wanted - 2
    return wanted


def is_weekday(part: str, day: datetime.date) -> bool:
    """Whether a day is meant by one entry of the day-of-week field: `2`, `MON-FRI`, `6L`, `3#2`, `L`, `*`."""
    weekday = day.isoweekday() % 7 + 1
    if part == "L":
        return weekday == WEEKDAYS["SAT"]
    if part.endswith("L"):
        in_last_week = day.day + 7 > calendar.monthrange(day.year, day.month)[1]
        return in_last_week and weekday == number(part[:-1], WEEKDAYS)
    if "#" in part:
        wanted, _, nth = part.partition("#")
        return weekday == number(wanted, WEEKDAYS) and (day.day - 1) // 7 + 1 == int(nth)
    return weekday in numbers(part, 1, 7, WEEKDAYS)


@dataclass(frozen=True)
class Expression:
    """A schedule expression: exactly one of cron, rate (seconds) and at (naive, local) is set."""

    cron: Cron | None = None
    rate: float | None = None
    at: datetime.datetime | None = None

    def next_after(
        self, moment: datetime.datetime, zone: ZoneInfo, begin: datetime.datetime
    ) -> datetime.datetime | None:
        """The first run after a moment, as UTC; None if there is none. A rate counts from `begin`."""
        if self.cron is not None:
            return self.cron.next_after(max(moment, begin), zone)
        if self.rate is not None:
            passed = max(0, int((moment - begin).total_seconds() // self.rate))
            return begin + datetime.timedelta(seconds=self.rate * (passed + 1))
        assert self.at is not None
        run = self.at.replace(tzinfo=zone).astimezone(datetime.UTC)
        return run if run > moment else None


def parse_expression(text: str, time_scale: float = 1.0) -> Expression:
    """Parse `cron(…)`, `rate(5 minutes)` or `at(2026-01-31T08:00:00)`; time_scale shortens a rate.

    Raises InvalidExpression.
    """
    matched = re.fullmatch(r"(cron|rate|at)\((.*)\)", text.strip())
    if matched is None:
        raise InvalidExpression(f"{text!r} is neither cron(…) nor rate(…) nor at(…)")
    kind, inside = matched.groups()
    if kind == "cron":
        return Expression(cron=parse_cron(inside))
    if kind == "at":
        try:
            return Expression(at=datetime.datetime.strptime(inside, "%Y-%m-%dT%H:%M:%S"))
        except ValueError as broken:
            raise InvalidExpression(f"at({inside}) must be at(yyyy-mm-ddThh:mm:ss)") from broken
    rate = re.fullmatch(r"([1-9]\d*) (second|minute|hour|day)s?", inside)
    if rate is None:
        raise InvalidExpression(f"rate({inside}) must be a whole number of minutes, hours or days")
    return Expression(rate=int(rate[1]) * UNITS[rate[2]] * time_scale)


def parse_zone(name: str) -> ZoneInfo:
    """An IANA time zone; raises InvalidExpression for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise InvalidExpression(f"{name!r} is no time zone") from unknown

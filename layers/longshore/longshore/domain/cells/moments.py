"""Dates, times and instants: ISO 8601 always, and what formats a template declares, read to one canonical text."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from longshore.domain.cells.date_formats import DateFormat, Reading, offset
from longshore.domain.cells.value_types import BadValue, FieldType

_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,6}))?)?"
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt ]00:00(?::00(?:\.0{1,6})?)?)?")
_TIME = re.compile(_CLOCK)
_DATETIME = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[Tt ]{_CLOCK}([Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?")

_DAY = ("Yy", "mbB", "d")
_NEEDS = {"M": "HI", "S": "M", "f": "S", "I": "p", "p": "I"}
_ISO_SAMPLES = (
    *("2001-02-03", "2001-02-03T04:05", "2001-02-03 04:05", "2001-02-03T04:05:06", "2001-02-03 04:05:06"),
    *("2001-02-03T04:05:06.5", "2001-02-03T04:05:06Z", "2001-02-03T04:05:06+07:08", "04:05", "04:05:06", "04:05:06.5"),
)


def compile_formats(field_type: FieldType, formats: Sequence[str]) -> list[DateFormat]:
    """Compile the formats of a date, datetime or time; raise ValueError for one that does not fit the type."""
    return [_fitting(field_type, text) for text in formats]


@lru_cache(maxsize=256)
def _fitting(field_type: FieldType, text: str) -> DateFormat:
    found = DateFormat(text)
    has = set(found.directives)
    unfit = {"date": "HIMSfpz", "time": "YymbBdz", "datetime": ""}[field_type]
    wrong = [f"%{letter}" for letter in found.directives if letter in unfit]
    if wrong:
        raise ValueError(f"the format {text!r} has {wrong[0]}, which is no part of a {field_type}")
    needed = [*(_DAY if field_type != "time" else ()), *(("HI", "M") if field_type == "time" else ())]
    needed += [_NEEDS[letter] for letter in found.directives if letter in _NEEDS]
    for letters in needed:
        if not has & set(letters):
            raise ValueError(f"the format {text!r} lacks {' or '.join('%' + letter for letter in letters)}")
    for letters in (*_DAY, "HI"):
        if len(has & set(letters)) > 1:
            raise ValueError(f"the format {text!r} says the same twice: {' and '.join('%' + a for a in letters)}")
    for sample in _ISO_SAMPLES:
        if (said := found.read(sample)) and said != _ISO[field_type](sample):
            raise ValueError(f"the format {text!r} contradicts ISO 8601, which is always accepted: {sample}")
    return found


def load_zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; raise ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no IANA time zone; write it like Europe/Berlin") from None


class MomentReader:
    """What the readers below share; `expected` says to people how values are written."""

    def __init__(self, field_type: FieldType, code: str, formats: Sequence[str], expected: str) -> None:
        self.formats = compile_formats(field_type, formats)
        self.expected = " or ".join([*(form.shown for form in self.formats), expected])
        self._iso = _ISO[field_type]
        self._code = code

    def __call__(self, text: str) -> str:
        """Return the canonical text; raise BadValue."""
        raise NotImplementedError

    def reading(self, text: str) -> Reading:
        """Return what a text says in ISO 8601, else in the first format that fits; raise BadValue."""
        reading = self._iso(text) or next(self._readings(text), None)
        if reading is None:
            raise BadValue(self._code)
        return reading

    def is_ambiguous(self, text: str) -> bool:
        """Whether two of the formats read it differently."""
        return len(self.formats) > 1 and len(set(self._readings(text))) > 1

    def _readings(self, text: str) -> Iterator[Reading]:
        return (reading for form in self.formats if (reading := form.read(text)))


class DateReader(MomentReader):
    """Reads dates as YYYY-MM-DD. An ISO datetime at midnight is its date: spreadsheets save dates so."""

    def __init__(self, formats: Sequence[str] = ()) -> None:
        super().__init__("date", "NOT_A_DATE", formats, "YYYY-MM-DD")

    def __call__(self, text: str) -> str:
        """Return the date; raise BadValue."""
        return self.reading(text).local.date().isoformat()


class TimeReader(MomentReader):
    """Reads times of day as hh:mm:ss, with six fractional digits or none."""

    def __init__(self, formats: Sequence[str] = ()) -> None:
        super().__init__("time", "NOT_A_TIME", formats, "hh:mm:ss")

    def __call__(self, text: str) -> str:
        """Return the time; raise BadValue."""
        return self.reading(text).local.time().isoformat()


class DatetimeReader(MomentReader):
    """Reads instants as UTC, ending in Z, with six fractional digits or none.

    A text without an offset is local time of the zone: refused where clocks skip it or show it twice, because nobody
    can tell which instant is meant.
    """

    def __init__(self, formats: Sequence[str] = (), zone: str | None = None) -> None:
        with_offset = "YYYY-MM-DDThh:mm:ssZ or YYYY-MM-DDThh:mm:ss+hh:mm"
        super().__init__("datetime", "NOT_A_DATETIME", formats, "YYYY-MM-DDThh:mm:ss" if zone else with_offset)
        self.zone = None if zone is None else load_zone(zone)

    def __call__(self, text: str) -> str:
        """Return the instant; raise BadValue."""
        return self.utc(self.reading(text)).isoformat() + "Z"

    def utc(self, reading: Reading) -> datetime:
        """Return the instant of a local time, in UTC; raise BadValue."""
        try:
            return reading.local - self._offset(reading)
        except OverflowError:
            raise BadValue("NOT_A_DATETIME") from None

    def _offset(self, reading: Reading) -> timedelta:
        if reading.offset is not None:
            return reading.offset
        if self.zone is None:
            raise BadValue("NOT_A_DATETIME")
        before = reading.local.replace(tzinfo=self.zone, fold=0).utcoffset() or timedelta()
        after = reading.local.replace(tzinfo=self.zone, fold=1).utcoffset() or timedelta()
        if before != after:  # PEP 495: the offset grows where clocks skip times, and shrinks where they repeat them
            raise BadValue("NONEXISTENT_LOCAL_TIME" if before < after else "AMBIGUOUS_LOCAL_TIME")
        return before


def _iso_date(text: str) -> Reading | None:
    match = _DATE.fullmatch(text)
    return _existing(match[1]) if match else None


def _iso_time(text: str) -> Reading | None:
    match = _TIME.fullmatch(text)
    return _existing("2000-01-01", *match.groups()) if match else None


def _iso_datetime(text: str) -> Reading | None:
    match = _DATETIME.fullmatch(text)
    if not match:
        return None
    day, hour, minute, second, fraction, written = match.groups()
    reading = _existing(day, hour, minute, second, fraction)
    return Reading(reading.local, offset(written)) if reading and written else reading


def _existing(
    day: str, hour: str = "00", minute: str = "00", second: str | None = None, fraction: str | None = None
) -> Reading | None:
    try:
        begin = datetime.fromisoformat(day)
    except ValueError:
        return None
    micro = int((fraction or "").ljust(6, "0"))
    return Reading(begin.replace(hour=int(hour), minute=int(minute), second=int(second or 0), microsecond=micro))


_ISO: dict[FieldType, Callable[[str], Reading | None]] = {
    "date": _iso_date,
    "time": _iso_time,
    "datetime": _iso_datetime,
}

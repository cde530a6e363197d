"""What a cell of a workbook holds, in canonical text: exact numbers, dates of both epochs, and what is no value at all.

A number is the shortest decimal text of the same double, always in plain digits: 12, 0.1, 1000000000000000000000.
Dates count days (ECMA-376 part 1, 18.17.4); of the 1900 epoch day 60 is the 29th of February 1900, which never was.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from operator import sub

from longshore.domain.catalogue.row_errors import shown
from longshore.readers.workbook.formats import Look

SAFE_DIGITS = 15
"""Spreadsheets show and keep no more digits of a number."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?")
_ISO_DATETIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE_PAIR = re.compile(r"[\ud800-\udbff][\udc00-\udfff]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DAY_SECONDS = 86_400
_DAY_MS = 86_400_000
_SURELY_WHOLE = 0.0004
"""So many seconds off, a time to the millisecond is one to the second."""

_LATEST = 10_000_000
_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))
_MINUTES = tuple(f"{hour:02}:{minute}:" for hour in range(24) for minute in _TWO_DIGITS)
"""The beginnings of times, by the minute of the day."""

_FEBRUARY_29 = 60
"""The day number of a day that 1900 did not have."""

_DAY_0 = {False: date(1899, 12, 30).toordinal(), True: date(1904, 1, 1).toordinal()}
"""The ordinal of day 0 of the 1900 epoch (as seen after _FEBRUARY_29) and of the 1904 epoch."""

_YEAR_10000 = {False: 2_958_466, True: 2_957_004}
"""The first day number that no calendar of four-digit years has, of the 1900 and of the 1904 epoch."""


class BadCell(Exception):
    """A cell without a value that can be used: the code of its error and the data of the message."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


def number_text(text: str) -> str:
    """Return the shortest plain text of the double that `text` writes; raise BadCell for no finite number."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise BadCell("UNREADABLE_CELL", problem=f"the workbook gives {shown(text)} as a number")
    number = float(text)
    short = repr(number)
    if "e" in short:
        short = format(Decimal(short), "f")
    if short.endswith(".0"):
        short = short[:-2]
    if "n" in short:  # inf: the text writes more than any double
        raise BadCell("UNREADABLE_CELL", problem=f"the number {shown(text)} is too large")
    return "0" if short == "-0" else short


def has_many_digits(text: str) -> bool:
    """Whether a plain number has more digits than a spreadsheet keeps; zeros at either end do not count."""
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    return len(digits if "." in text else digits.rstrip("0")) > SAFE_DIGITS


def date_text(text: str, look: Look, date1904: bool) -> str:
    """Return the date, time or duration that a day number is shown as, to the millisecond; raise BadCell."""
    if not _NUMBER.fullmatch(text.strip()):
        raise BadCell("UNREADABLE_CELL", problem=f"the workbook gives {shown(text)} as a date")
    return day_number_text(float(text), look, date1904)


def day_number_text(value: float, look: Look, date1904: bool) -> str:
    """Return what `date_text` does of a number that is read already; raise BadCell."""
    milliseconds = round(value * _DAY_MS) if -_LATEST < value < _LATEST else -1
    if look == "duration" and -_LATEST < value < _LATEST:
        return f"-{_time(-milliseconds)}" if milliseconds < 0 else _time(milliseconds)
    if look == "time" and 0 <= value < 1:
        return _time(min(milliseconds, _DAY_MS - 1))
    days, milliseconds = divmod(milliseconds, _DAY_MS)
    if value < 0 or not 0 <= days < _YEAR_10000[date1904]:
        raise BadCell("UNREADABLE_CELL", problem=f"the day number {value!r} is no date before the year 10000")
    day = _day(days, date1904)
    return day if look == "date" and not milliseconds else f"{day}T{_time(milliseconds)}"


def datetime_texts(texts: Sequence[str], date1904: bool) -> list[str] | None:
    """Return what plain day numbers are shown as, all at once; None if any is no date with a time in whole seconds."""
    parts = "\n".join(texts).replace(".", "\n.").split("\n")
    numbers, fractions = parts[::2], parts[1::2]
    if len(parts) != 2 * len(texts) or not _are_digits("".join(numbers)):
        return None  # not each has a fraction
    exact = [fraction * _DAY_SECONDS for fraction in map(float, fractions)]
    seconds = list(map(round, exact))
    off = list(map(sub, exact, seconds))
    if min(off) < -_SURELY_WHOLE or max(off) > _SURELY_WHOLE or max(seconds) == _DAY_SECONDS:
        return None
    days = {number: int(number) for number in set(numbers)}
    if min(days.values()) <= _FEBRUARY_29 or max(days.values()) >= _YEAR_10000[date1904]:
        return None
    first = _DAY_0[date1904]
    dates = {number: date.fromordinal(first + day).isoformat() for number, day in days.items()}
    return [
        f"{dates[number]}T{_MINUTES[second // 60]}{_TWO_DIGITS[second % 60]}"
        for number, second in zip(numbers, seconds, strict=True)
    ]


def date_texts(texts: Sequence[str], date1904: bool) -> list[str] | None:
    """Return what plain day numbers are shown as, all at once; None if any is no date without a time."""
    numbers = "\n".join([*texts, ""]).replace(".0\n", "\n").split("\n")[:-1]
    if not _are_digits("".join(numbers)):
        return None
    days = list(map(int, numbers))
    if min(days) <= _FEBRUARY_29 or max(days) >= _YEAR_10000[date1904]:
        return None
    first = _DAY_0[date1904]
    return [date.fromordinal(first + day).isoformat() for day in days]


def iso_text(text: str, look: Look) -> str:
    """Return a date that the workbook writes in ISO 8601 (cells of type d); raise BadCell."""
    match = _ISO_DATETIME.fullmatch(text.strip())
    if not match:
        raise BadCell("UNREADABLE_CELL", problem=f"the workbook gives {shown(text)} as a date")
    day, time, fraction, zone = match.groups()
    if time is None:
        return day
    time = time if len(time) > 5 else f"{time}:00"
    fraction = (fraction or "").rstrip("0").rstrip(".")
    if look == "date" and time == "00:00:00" and not fraction and not zone:
        return day
    return f"{day}T{time}{fraction}{zone or ''}"


def unescaped(text: str) -> str:
    """Return a text whose characters written as `_xHHHH_` are themselves again (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text and "_X" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    plain = _SURROGATE_PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), plain)
    return text if _LONE_SURROGATE.search(plain) else plain


def _are_digits(text: str) -> bool:
    return text.isdigit() and text.isascii()


def _day(days: int, date1904: bool) -> str:
    if date1904 or days > _FEBRUARY_29:
        return date.fromordinal(days + _DAY_0[date1904]).isoformat()
    if days == _FEBRUARY_29:
        raise BadCell("UNREADABLE_CELL", problem="29 February 1900 is a date for Excel only")
    if days == 0:
        raise BadCell("UNREADABLE_CELL", problem="day number 0 is shown as 1900-01-00, which is no date")
    return date.fromordinal(days + _DAY_0[date1904] + 1).isoformat()


def _time(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{thousandths:03}".rstrip("0") if thousandths else ""
    hours = _MINUTES[minutes] if minutes < len(_MINUTES) else f"{minutes // 60}:{minutes % 60:02}:"
    return hours + _TWO_DIGITS[seconds] + fraction

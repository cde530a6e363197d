"""Fast paths for dates and times: whole columns of one layout are read without a step per cell.

One match says which texts of a column certainly are days and times, and slices bring their characters into ISO order.
Local times and written offsets become UTC by a memo of hours, because a whole hour has one offset nearly always.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple, cast

from longshore.domain.cells.date_formats import Reading, offset
from longshore.domain.cells.fixed_width import rearranged
from longshore.domain.cells.layouts import Layout, layouts
from longshore.domain.cells.moments import DatetimeReader, MomentReader
from longshore.domain.cells.texts import Texts
from longshore.domain.cells.value_types import BadValue, FieldType
from longshore.domain.records import Value

HOURS_REMEMBERED = 16_384
"""How many hours, or sixths of an hour, a column remembers: two years of hours."""

DAYS_REMEMBERED = 8_192
"""How many days a column remembers: 22 years of them."""

TRIED = 8
"""So many texts of a column are looked at to find its layout."""

_UNSURE = b"?"
_UTC = frozenset(
    {"UTC", "Etc/UTC", "Etc/GMT", "GMT", "Zulu", "Etc/Zulu", "UCT", "Etc/UCT", "Universal", "Etc/Universal"}
)
"""Zones that never had another offset than none."""

Read = tuple[list[Value], Collection[int]]
"""The values of some texts, and the positions of those that only the slow function can tell."""


class MomentColumn:
    """Reads columns of dates, times or instants; None where the layout of the first text is not known."""

    def __init__(self, field_type: FieldType, reader: MomentReader, years: tuple[int, int]) -> None:
        self._layouts = layouts(field_type, reader.formats, years)
        self._reader = reader
        self._hours = {}
        self._is_utc = False
        if isinstance(reader, DatetimeReader):
            self._is_utc = reader.zone is not None and reader.zone.key in _UTC
            self._hours = {13: _Hours(reader, 13), 15: _Hours(reader, 15)}

    def __call__(self, column: Texts) -> Read | None:
        """Read a column; blank texts have no value."""
        if not column.is_one_a_line:
            return None
        tried = list(islice(filter(None, column.texts), TRIED))
        if not tried:
            return [None] * len(column.texts), ()
        found = self._layout(tried)
        return found and self._read(column, *found)

    def _layout(self, tried: Sequence[str]) -> tuple[Layout, str] | None:
        """Return the layout of the first text, or else one of most texts, and a text that it fits."""
        for layout in self._layouts:
            if layout.fits(tried[0]):
                return layout, tried[0]
        for layout in self._layouts:
            fitting = [text for text in tried if layout.fits(text)]
            if len(fitting) * 2 > len(tried):
                return layout, fitting[0]
        return None

    def _read(self, column: Texts, layout: Layout, sample: str) -> Read:
        """Read a column of a layout that the sample fits."""
        if layout.is_iso and layout.ending in ("Z", "none"):
            return column.values(), layout.lines.others(column)
        joined, others = layout.lines.mended(column, sample)
        iso = joined if layout.is_iso else rearranged(joined, layout.width, layout.order)
        assert iso is not None
        if layout.ending == "" and self._is_utc:
            iso = iso.replace(b"\n", b"Z\n")
        elif layout.ending not in ("Z", "none"):
            iso = self._hours[self._head(sample)].utc(iso, len(layout.order))
            if _UNSURE in iso:
                others += [at for at, line in enumerate(iso.split(b"\n")) if line[:1] == _UNSURE]
        return column.without_blanks(_lines(iso)), others

    def _head(self, text: str) -> int:
        """Return how many characters of an instant its offset changes: 13 if it is of whole hours, else 15."""
        try:
            return 13 if self._reader(text)[14:16] == f"{self._reader.reading(text).local:%M}" else 15
        except BadValue:
            return 13


class _Day(NamedTuple):
    """How a local day that has one offset lies in UTC: its offset in units of _Hours, and the days around it."""

    shift: int
    around: tuple[bytes, bytes, bytes]


class _Days(dict[bytes, _Day | None]):
    """From a local day, and the offset if written, to how it lies in UTC.

    None where the offset changes on that day or is none of whole units, and for days that do not exist. No zone changes
    its offset and changes it back on one day, so three times tell.
    """

    def __init__(self, reader: DatetimeReader, unit: timedelta) -> None:
        super().__init__()
        self._reader = reader
        self._unit = unit

    def __missing__(self, key: bytes) -> _Day | None:
        if len(self) >= DAYS_REMEMBERED:
            self.clear()
        self[key] = found = self._found(key[:10].decode(), key[10:].decode())
        return found

    def _found(self, day: str, written: str) -> _Day | None:
        try:
            shift = offset(written) if written else None
            local = [datetime.fromisoformat(f"{day}T{clock}") for clock in ("00:00:00", "12:00:00", "23:59:59")]
            first, *others = (moment - self._reader.utc(Reading(moment, shift)) for moment in local)
            before, same, after = ((local[0] + timedelta(days)).date().isoformat().encode() for days in (-1, 0, 1))
        except (ValueError, OverflowError):
            return None
        if any(other != first for other in others) or first % self._unit:
            return None
        return _Day(first // self._unit, (before, same, after))


class _Hours(dict[bytes, bytes]):
    """From the first characters of a local time, and its offset if written, to those of the same time in UTC."""

    def __init__(self, reader: DatetimeReader, head: int) -> None:
        super().__init__()
        self._reader = reader
        self._head = head
        self._unit = timedelta(hours=1 if head == 13 else 1 / 6)
        self._days = _Days(reader, self._unit)

    def __missing__(self, key: bytes) -> bytes:
        if len(self) >= HOURS_REMEMBERED:
            self.clear()
        day = self._days[key[:10] + key[self._head :]]
        self[key] = utc = self._shifted(day, key) if day and key[11:13] < b"24" else self._looked_up(key)
        return utc

    def _shifted(self, day: _Day, key: bytes) -> bytes:
        if self._head == 13:
            days, hour = divmod(int(key[11:13]) - day.shift, 24)
            return b"%sT%02d" % (day.around[days + 1], hour)
        days, tens = divmod(int(key[11:13]) * 6 + int(key[14:15]) - day.shift, 144)
        return b"%sT%02d:%d" % (day.around[days + 1], *divmod(tens, 6))

    def _looked_up(self, key: bytes) -> bytes:
        head = self._head
        begin, written = key[:head].decode(), key[head:].decode()
        tails = (":00:00", ":59:59") if head == 13 else ("0:00", "9:59")
        with suppress(ValueError):
            shift = offset(written) if written else None
            local = [datetime.fromisoformat(begin + tail) for tail in tails]
            instants = [self._reader.utc(Reading(moment, shift)) for moment in local]
            shifts = {moment - instant for moment, instant in zip(local, instants, strict=True)}
            if len(shifts) == 1 and not shifts.pop() % self._unit:
                return instants[0].isoformat()[:head].encode()
        return _UNSURE * head

    def utc(self, iso: bytes, width: int) -> bytes:
        """Return lines of local times (YYYY-MM-DDThh:mm:ss and perhaps an offset) in UTC, ending in Z."""
        head, step = self._head, width + 1
        keys = rearranged(iso, width, [*range(head), *range(19, width)]) or b""
        heads = b"".join(map(self.__getitem__, keys.split(b"\n")[:-1]))
        result = bytearray(b"\n") * (len(iso) // step * 21)
        for at in range(19):
            result[at::21] = heads[at::head] if at < head else iso[at::step]
        result[19::21] = b"Z" * (len(iso) // step)
        return bytes(result)


def _lines(joined: bytes) -> list[Value]:
    lines = joined.decode().split("\n")
    lines.pop()
    return cast(list[Value], lines)  # a copy would touch each of them

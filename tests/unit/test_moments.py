"""Dates, times and instants: formats against datetime, ambiguous and missing local times, formats that are refused."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.cells.fixed_width import rearranged
from longshore.domain.cells.moments import DateReader, DatetimeReader, TimeReader, compile_formats, load_zone
from longshore.domain.cells.value_types import BadValue

FORMATS = [
    "%d/%m/%Y",
    "%m-%d-%Y",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d%m%Y",
    "%d %b %Y",
    "%d. %B %Y",
    "%B %d, %Y",
    "am %d.%m.%Y",
    "%%%Y/%m/%d",
]
CLOCKS = ["%H:%M:%S.%f", "%I:%M:%S.%f %p", "%p%I%M%S%f", "%H%M%S,%f"]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]


def outcome(read, text):
    """What a text becomes, or the code by which it is refused."""
    try:
        return read(text)
    except BadValue as refusal:
        return refusal.code


@given(st.sampled_from(FORMATS), st.dates(min_value=date(1000, 1, 1)))
def test_a_date_written_by_strftime_is_read_back(form, day):
    assert DateReader([form])(day.strftime(form)) == day.isoformat()


@given(st.sampled_from(CLOCKS), st.times())
def test_a_time_written_by_strftime_is_read_back(form, moment):
    assert TimeReader([form])(moment.strftime(form)) == moment.isoformat()


@given(st.sampled_from(FORMATS), st.sampled_from(CLOCKS), st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)))
def test_an_instant_written_by_strftime_with_its_offset_is_read_back(day, clock, moment):
    form = f"{day} {clock} %z"
    text = moment.replace(tzinfo=UTC).strftime(form)
    assert DatetimeReader([form])(text) == f"{moment.isoformat()}Z"


@given(st.sampled_from(ZONES), st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_a_local_time_is_an_instant_only_if_clocks_show_it_once(zone, moment):
    """Every instant shows one local time; the text of that local time leads back to it or is refused."""
    instant = moment.replace(tzinfo=UTC)
    local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    said = outcome(DatetimeReader([], zone), local.isoformat())
    shown_twice = len({local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}) == 2
    assert said == ("AMBIGUOUS_LOCAL_TIME" if shown_twice else f"{moment.isoformat()}Z")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
        ("2026-03-29T02:00:00", "NONEXISTENT_LOCAL_TIME"),
        ("2026-03-29T02:59:59", "NONEXISTENT_LOCAL_TIME"),
        ("2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
        ("2026-10-25T01:59:59", "2026-10-24T23:59:59Z"),
        ("2026-10-25T02:00:00", "AMBIGUOUS_LOCAL_TIME"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"),
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
    ],
)
def test_what_clocks_skip_or_show_twice_is_refused_without_an_offset(text, said):
    assert outcome(DatetimeReader([], "Europe/Berlin"), text) == said


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("%d/%m/%Y", "1/2/2026", "2026-02-01"),
        ("%d/%m/%y", "01/02/68", "2068-02-01"),
        ("%d/%m/%y", "01/02/69", "1969-02-01"),
        ("%d-%b-%Y", "01-MAR-2026", "2026-03-01"),
        ("%d-%b-%Y", "01-march-2026", "2026-03-01"),
        ("%d %B %Y", "5 May 2026", "2026-05-05"),
        ("%d%m%Y", "1122026", None),
        ("%d %B %Y", "5 Mai 2026", None),
        ("%d/%m/%Y", "29/02/2026", None),
        ("%d/%m/%Y", "01/02/0000", None),
        ("%d/%m/%Y", "01-02-2026", None),
        ("%d/%m/%Y", "１/2/2026", None),
        ("%d/%m/%Y", " 01/02/2026", None),
        ("%d/%m/%Y", "01/02/2026\n", None),
    ],
)
def test_how_a_format_reads(form, text, value):
    if value is None:
        with pytest.raises(BadValue, match="NOT_A_DATE"):
            DateReader([form])(text)
    else:
        assert DateReader([form])(text) == value


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("%I:%M %p", "12:00 am", "00:00:00"),
        ("%I:%M %p", "12:00 PM", "12:00:00"),
        ("%I:%M %p", "1:05 PM", "13:05:00"),
        ("%I:%M %p", "0:05 PM", None),
        ("%I:%M %p", "13:05 PM", None),
        ("%H.%M Uhr", "7.30 Uhr", "07:30:00"),
        ("%H.%M Uhr", "7.30 uhr", None),
        ("%H.%M", "24.00", None),
    ],
)
def test_how_a_clock_is_read(form, text, value):
    if value is None:
        with pytest.raises(BadValue, match="NOT_A_TIME"):
            TimeReader([form])(text)
    else:
        assert TimeReader([form])(text) == value


def test_the_first_format_that_fits_is_taken_and_differing_ones_are_told():
    read = DateReader(["%d/%m/%Y", "%m/%d/%Y"])
    assert (read("01/02/2026"), read.is_ambiguous("01/02/2026")) == ("2026-02-01", True)
    assert (read("12/31/2026"), read.is_ambiguous("12/31/2026")) == ("2026-12-31", False)
    assert (read("02/02/2026"), read.is_ambiguous("02/02/2026")) == ("2026-02-02", False)


def test_people_are_told_the_formats_in_their_own_way():
    assert DateReader(["%d/%m/%Y", "%d %b %y"]).expected == "DD/MM/YYYY or DD Mon YY or YYYY-MM-DD"
    assert DatetimeReader().expected == "YYYY-MM-DDThh:mm:ssZ or YYYY-MM-DDThh:mm:ss+hh:mm"


@pytest.mark.parametrize(
    ("kind", "form", "named"),
    [
        ("date", "%d/%m/%Y %H:%M", "%H"),
        ("date", "%d/%m", "lacks %Y or %y"),
        ("date", "%d/%m/%Y/%y", "same twice"),
        ("date", "%d/%m/%Y %d", "twice"),
        ("date", "%j %Y", "%j"),
        ("date", "%d/%m/%Y %", "directives"),
        ("date", "%Y-%d-%m", "contradicts ISO 8601"),
        ("datetime", "%Y-%d-%mT%H:%M", "contradicts ISO 8601"),
        ("datetime", "%d/%m/%Y %I:%M", "lacks %p"),
        ("datetime", "%d/%m/%Y %S", "lacks %M"),
        ("datetime", "%d/%m/%Y %H:%M %I %p", "same twice"),
        ("time", "%d %H:%M", "%d"),
        ("time", "%H", "lacks %M"),
        ("time", "%M:%H", "contradicts ISO 8601"),
        ("date", "", "lacks"),
    ],
)
def test_a_format_that_cannot_be_is_refused_in_one_line(kind, form, named):
    with pytest.raises(ValueError, match=named) as refusal:
        compile_formats(kind, [form])
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["Berlin", "../etc/passwd", "", "Europe/berlin\0", "EST5EDT4"])
def test_a_zone_is_an_iana_name(name):
    with pytest.raises(ValueError, match="IANA"):
        load_zone(name)


def test_instants_beyond_the_calendar_are_refused():
    assert outcome(DatetimeReader([], "Asia/Kathmandu"), "0001-01-01T00:00:00") == "NOT_A_DATETIME"
    assert outcome(DatetimeReader([], "America/New_York"), "9999-12-31T23:59:59") == "NOT_A_DATETIME"
    assert outcome(DatetimeReader(), "9999-12-31T23:59:59-00:01") == "NOT_A_DATETIME"


@given(st.lists(st.dates(min_value=date(1000, 1, 1)), min_size=1), st.integers(0, 9))
def test_columns_are_rearranged_only_if_every_text_has_the_width(days, wrong):
    joined = "".join(f"{day:%d/%m/%Y}\n" for day in days).encode()
    order = [6, 7, 8, 9, "-", 3, 4, "-", 0, 1]
    assert rearranged(joined, 10, order) == "".join(f"{day.isoformat()}\n" for day in days).encode()
    assert rearranged(joined[:wrong] + joined[wrong + 1 :], 10, order) is None


def test_half_hours_of_offset_and_of_daylight_saving_are_exact():
    assert DatetimeReader()("2026-03-01T00:15:00+05:45") == "2026-02-28T18:30:00Z"
    begin = datetime(2026, 4, 5, 1, 0)
    read = DatetimeReader([], "Australia/Lord_Howe")
    codes = [outcome(read, (begin + timedelta(minutes=minute)).isoformat()) for minute in range(0, 90, 15)]
    assert codes == [
        "2026-04-04T14:00:00Z",
        "2026-04-04T14:15:00Z",
        "AMBIGUOUS_LOCAL_TIME",
        "AMBIGUOUS_LOCAL_TIME",
        "2026-04-04T15:30:00Z",
        "2026-04-04T15:45:00Z",
    ]

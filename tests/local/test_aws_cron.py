"""Schedule expressions of EventBridge."""

import datetime
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from local.aws_cron import InvalidExpression, parse_cron, parse_expression, parse_zone

UTC = ZoneInfo("UTC")
VECTORS = Path(__file__).parents[3] / "shared" / "corpora" / "aws_cron_vectors.json"


def utc(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def runs(cron: str, start: str, count: int, zone: str = "UTC") -> list[str]:
    moment, found = utc(start), []
    for _ in range(count):
        following = parse_cron(cron).next_after(moment, ZoneInfo(zone))
        if following is None:
            break
        moment = following
        found.append(moment.strftime("%Y-%m-%dT%H:%M"))
    return found


@pytest.mark.skipif(not VECTORS.exists(), reason="the collected vectors are not beside this checkout")
def test_the_collected_expressions_run_when_they_should() -> None:
    for vector in json.loads(VECTORS.read_text()):
        moment = datetime.datetime.fromisoformat(vector["start"])
        for expected in vector["next"]:
            moment = parse_cron(vector["expr"]).next_after(moment, UTC)
            assert moment.isoformat() == expected, vector["expr"]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 8 * * ? *", ["2026-01-15T08:00", "2026-01-16T08:00"]),
        ("0/30 8 ? * MON-FRI *", ["2026-01-15T08:00", "2026-01-15T08:30"]),
        ("0 0 L * ? *", ["2026-01-31T00:00", "2026-02-28T00:00"]),
        ("0 0 L-1 * ? *", ["2026-01-30T00:00", "2026-02-27T00:00"]),
        ("0 0 LW * ? *", ["2026-01-30T00:00", "2026-02-27T00:00"]),
        ("0 0 1W * ? *", ["2026-02-02T00:00", "2026-03-02T00:00"]),
        ("0 0 ? * L *", ["2026-01-17T00:00", "2026-01-24T00:00"]),
        ("0 0 ? * 6L *", ["2026-01-30T00:00", "2026-02-27T00:00"]),
        ("0 0 ? * TUE#1 *", ["2026-02-03T00:00", "2026-03-03T00:00"]),
        ("0 0 29 2 ? *", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("0 0 1 1 ? 2025", []),
    ],
)
def test_a_cron_expression_runs_when_it_says(cron: str, expected: list[str]) -> None:
    assert runs(cron, "2026-01-15T00:00", 2) == expected


def test_a_local_time_that_the_clock_skips_is_not_run() -> None:
    """Berlin, 29 March 2026: 02:00 to 03:00 does not exist."""
    assert runs("30 2 * * ? *", "2026-03-27T12:00", 2, "Europe/Berlin") == ["2026-03-28T01:30", "2026-03-30T00:30"]


@pytest.mark.parametrize("start", ["2026-10-24T12:00", "2026-10-25T00:10"])
def test_a_local_time_that_the_clock_repeats_is_run_once(start: str) -> None:
    """Berlin, 25 October 2026: 02:00 to 03:00 comes twice."""
    assert runs("30 2 * * ? *", start, 2, "Europe/Berlin") == ["2026-10-25T00:30", "2026-10-26T01:30"]


def test_between_the_two_passes_of_a_repeated_hour_nothing_is_run_again() -> None:
    assert runs("30 2 * * ? *", "2026-10-25T01:10", 1, "Europe/Berlin") == ["2026-10-26T01:30"]


def test_a_rate_counts_from_its_beginning() -> None:
    expression = parse_expression("rate(5 minutes)")
    assert expression.next_after(utc("2026-01-01T00:00"), UTC, utc("2026-01-01T00:00")) == utc("2026-01-01T00:05")
    assert expression.next_after(utc("2026-01-01T00:07"), UTC, utc("2026-01-01T00:00")) == utc("2026-01-01T00:10")


def test_at_runs_once_in_its_zone() -> None:
    expression, zone = parse_expression("at(2026-07-01T09:00:00)"), ZoneInfo("America/New_York")
    assert expression.next_after(utc("2026-06-01T00:00"), zone, utc("2026-06-01T00:00")) == utc("2026-07-01T13:00")
    assert expression.next_after(utc("2026-07-01T13:00"), zone, utc("2026-06-01T00:00")) is None


@pytest.mark.parametrize(
    "text",
    [
        "every day",
        "cron(0 8 * * *)",
        "cron(0 8 * * * *)",
        "cron(0 8 ? * ? *)",
        "cron(60 8 * * ? *)",
        "cron(0 8 * FOO ? *)",
        "cron(0 8 40 * ? *)",
        "rate(0 minutes)",
        "rate(1.5 hours)",
        "at(tomorrow)",
    ],
)
def test_an_expression_that_eventbridge_refuses_is_an_error(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse_expression(text)


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(InvalidExpression, match="'Mars/Olympus' is no time zone"):
        parse_zone("Mars/Olympus")

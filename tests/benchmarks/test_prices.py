"""docs/cost.md is where prices are kept: complete, dated, and its sums are right."""

import re

import pytest

from tests.benchmarks.prices import PAGE, SERVICE, list_prices, priced

CELLS = re.compile(r"^\| (.+?) \|$", re.MULTILINE)


def test_everything_that_is_charged_for_has_a_price() -> None:
    assert all(price > 0 for price in list_prices().values())


def test_a_page_without_one_of_them_is_refused() -> None:
    page = "\n".join(line for line in PAGE.read_text().splitlines() if "`events`" not in line)
    with pytest.raises(ValueError, match="events"):
        list_prices(page)


def test_the_prices_say_where_and_when() -> None:
    assert re.search(r"us-east-1.*\d{4}-\d{2}-\d{2}", PAGE.read_text())


def test_a_usage_is_priced_by_service() -> None:
    usage = dict.fromkeys(SERVICE, 0.0) | {"write_units": 1_000_000, "s3_puts": 1_000, "s3_gets": 1_000}
    dollars = priced(usage, list_prices())
    assert dollars["DynamoDB writes"] == pytest.approx(0.625)
    assert dollars["S3"] == pytest.approx(0.0054)
    assert sum(dollars.values()) == pytest.approx(0.6304)


def test_the_totals_of_the_page_add_up() -> None:
    rows = [[cell.strip(" *") for cell in row.split("|")] for row in CELLS.findall(PAGE.read_text())]
    by_service = [row for row in rows if row[0] in set(SERVICE.values())]
    (total,) = [row for row in rows if row[0] == "total"]
    assert {row[0] for row in by_service} == set(SERVICE.values())
    for column in range(1, len(total)):
        assert sum(float(row[column]) for row in by_service) == pytest.approx(float(total[column]), abs=0.0006)

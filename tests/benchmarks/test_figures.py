"""A figure knows whether its target is met, and the tables and the JSON say so."""

import json
from pathlib import Path

import pytest

from tests.benchmarks.figures import Figure, table, write_json
from tests.benchmarks.growth import exponent


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [(3.0, ">= 3", True), (2.9, ">= 3", False), (60, "<= 60", True), (1, "== 0", False), (1, "", None)],
)
def test_a_target_is_met_or_not(value: float, target: str, met: bool | None) -> None:
    assert Figure("speed", value, "x", target).met is met


def test_the_json_is_flat(tmp_path: Path) -> None:
    write_json(
        [Figure("calls", 54.5, "per 1,000 rows", "<= 60", "new"), Figure("speed", 3.0, "x")], tmp_path / "b/x.json"
    )
    assert json.loads((tmp_path / "b/x.json").read_text()) == [
        {"name": "calls.new", "value": 54.5, "unit": "per 1,000 rows", "target": "<= 60", "met": True},
        {"name": "speed", "value": 3.0, "unit": "x", "target": None, "met": None},
    ]


def test_columns_stand_side_by_side_and_one_miss_is_a_miss() -> None:
    figures = [Figure("calls", 54.5, "n", "<= 60", "new"), Figure("calls", 64.5, "n", "<= 60", "changed")]
    grid, plain = table([*figures, Figure("speed", 4.0, "x", ">= 3")]).split("\n\n")
    assert grid.splitlines()[1].split() == ["calls", "54.50", "64.50", "n", "<=", "60", "MISSED"]
    assert plain.splitlines()[1].split() == ["speed", "4.00", "x", ">=", "3", "met"]


@pytest.mark.parametrize("power", [0.5, 1.0, 1.2])
def test_the_exponent_of_a_power_law_is_its_power(power: float) -> None:
    sizes = (2_000, 20_000, 200_000)
    assert exponent(sizes, [7 * size**power for size in sizes]) == pytest.approx(power)

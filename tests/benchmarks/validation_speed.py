"""Reading and checking files of twelve columns, beside frictionless, two pydantic builds and the physical floor.

Every way runs in a process of its own and is timed by its CPU time (see contest); the ways take turns, and the best of
their rounds counts. Before that all of them have to find the same: the same canonical records, the same faulty cells.
frictionless and the naive way are slow: they read only the small file, and what the large one is compared with is
their rate there.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import contest, peer_frictionless
from tests.benchmarks.contest import Run
from tests.benchmarks.engines import NotAvailable
from tests.benchmarks.figures import Figure
from tests.benchmarks.peer_frictionless import Verdict
from tests.benchmarks.students import FIELDS, HEADER, write_csv

FOLDER = Path("build/bench")
SIZES = {"10_MB": 10_000_000, "100_MB": 100_000_000}
SMALL, LARGE = SIZES
ROUNDS = {SMALL: 16, LARGE: 12}
"""Where another program has the other half of a core, the fastest ways lose most: many rounds find it free once."""

WAYS = ("floor", "errors", "everything", "best_pydantic", "naive")
SLOW = ("naive", "frictionless")
TARGETS = {"frictionless": ">= 7", "naive": ">= 7", "best_pydantic": ">= 1.7"}
OPPONENTS = {"frictionless": "errors", "naive": "everything", "best_pydantic": "everything"}
"""Who is measured against which way of ours: to the errors, or to errors, batches, hash and compression."""


def measure() -> list[Figure]:
    """Return rows a second of CPU time of each way at both sizes, and how many times faster ours are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = {name: FOLDER / f"students-{name}.csv" for name in SIZES}
    rows = {name: write_csv(path, SIZES[name]) for name, path in files.items()}
    with_frictionless = prove(files[SMALL])
    ways: dict[str, Callable[[Path], float]] = {way: lambda path, way=way: seconds(way, path) for way in WAYS}
    if with_frictionless:
        ways["frictionless"] = lambda path: frictionless(path).cpu
    rates = {(way, size): 0.0 for way in ways for size in SIZES}
    for size, rounds in ROUNDS.items():
        for _ in range(rounds):
            for way, run in ways.items():
                if size == SMALL or way not in SLOW:
                    rates[way, size] = max(rates[way, size], rows[size] / run(files[size]))
    for way in ways.keys() & set(SLOW):
        rates[way, LARGE] = rates[way, SMALL]
    return [figure for size in SIZES for figure in figures_of(size, {way: rates[way, size] for way in ways})]


def figures_of(size: str, rate: dict[str, float]) -> list[Figure]:
    """Return the figures of one size."""
    title = "validation_speed.{}".format
    figures = [Figure(title(way), value, "rows/s", column=size) for way, value in rate.items()]
    for opponent, ours in OPPONENTS.items():
        if opponent in rate:
            ratio = rate[ours] / rate[opponent]
            figures.append(Figure(title(f"{ours}.speed"), ratio, f"x {opponent}", TARGETS[opponent], column=size))
    floor = rate["floor"] / rate["everything"]
    return [*figures, Figure(title("everything.above_floor"), floor, "x floor's time", column=size)]


def seconds(way: str, path: Path) -> float:
    """Return the CPU time that a way takes."""
    return contest.run(way, path).cpu


def frictionless(path: Path) -> Verdict:
    """Let frictionless check a file."""
    return peer_frictionless.check(path, FOLDER / "frictionless.json")


def prove(path: Path) -> bool:
    """Raise AssertionError unless all ways find the same; return whether frictionless is there and does so too."""
    found = {way: contest.run(way, path, "prove") for way in WAYS if way != "floor"}
    ours = found["everything"]
    for way, run in found.items():
        if run.cells != ours.cells or (way != "errors" and run.records != ours.records):
            raise AssertionError(f"{way} finds other records or errors than everything: {run} is not {ours}")
    try:
        verdict = frictionless(path)
    except NotAvailable as e:
        print(f"validation_speed: frictionless left out: {e}", file=sys.stderr)
        return False
    return same_cells(verdict, ours)


def same_cells(verdict: Verdict, ours: Run) -> bool:
    """Return True where frictionless found the cells that ours did, rules between fields aside; raise otherwise."""
    field_of = dict(zip(HEADER, FIELDS, strict=True))
    if contest.digest({(row, field_of[header]) for row, header in verdict.faulty}) != ours.cells_alone:
        raise AssertionError(f"frictionless finds other cells: {len(verdict.faulty)} of them, not {ours.faulty}")
    return True

"""A workbook of 100,000 rows from the file to errors and batches, beside openpyxl and a pydantic model per row.

Both have to find the same first; see validation_speed for how they are timed.
"""

from pathlib import Path

from tests.benchmarks import contest
from tests.benchmarks.figures import Figure
from tests.benchmarks.students_workbook import write_workbook

PATH = Path("build/bench/students.xlsx")
ROWS = 100_000
ROUNDS = 5


def measure() -> list[Figure]:
    """Return rows a second of CPU time of both, and the ratio."""
    PATH.parent.mkdir(parents=True, exist_ok=True)
    write_workbook(PATH, ROWS)
    ours, other = (contest.run(way, PATH, "prove") for way in ("workbook", "openpyxl"))
    if (ours.records, ours.cells, ours.rows) != (other.records, other.cells, ROWS):
        raise AssertionError(f"openpyxl finds other records or errors: {other} is not {ours}")
    rounds = [[contest.run(way, PATH).cpu for way in ("workbook", "openpyxl")] for _ in range(ROUNDS)]
    fastest, slow = map(min, zip(*rounds, strict=True))
    return [
        Figure("validation_workbook.workbook", ROWS / fastest, "rows/s"),
        Figure("validation_workbook.openpyxl", ROWS / slow, "rows/s"),
        Figure("validation_workbook.workbook.speed", slow / fastest, "x openpyxl", ">= 6"),
        Figure("validation_workbook.workbook.memory", (ours.peak - ours.before) / 2**20, "MB above the bare process"),
    ]

"""How cost grows with the file: imports of new rows, and the exponents of calls, write units and handlers' CPU in rows.

1 is linear. What a job costs once (its own items, its locks, its dispatch) makes the exponent of small files less than
1; so the last step, from the largest file but one to the largest, is shown too.

Lambda charges for the time in handlers: their own CPU time, and the calls that they wait for. Both are counted on their
own, for three quarters of the time that handlers take here is the embedded AWS's, one Python process on the same cores:
a small import is over before it is busy. That time and the wall time are shown, without a target.
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence

from tests.benchmarks.figures import Figure
from tests.benchmarks.imports import Import, Importer, importer
from tests.benchmarks.sample_records import contact

SIZES = {2_000: 3, 20_000: 2, 200_000: 1}
"""Rows to the number of imports of so many; what is shown is their median."""

COSTS: Mapping[str, tuple[str, Callable[[Import], float]]] = {
    "calls": ("calls", lambda done: len(done.calls)),
    "write_units": ("units", lambda done: done.write_units.total()),
    "handler_cpu": ("CPU s", lambda done: done.cpu_seconds),
    "handler_time": ("s", lambda done: done.handler_seconds),
    "wall_time": ("s", lambda done: done.seconds),
}
OF_THE_MACHINE = {"handler_time", "wall_time"}
"""What says more of the embedded AWS, and of what else runs beside it, than of an import."""


def exponent(rows: Sequence[int], costs: Sequence[float]) -> float:
    """Return the k of cost = c * rows ** k, by least squares of the logarithms."""
    return statistics.linear_regression([math.log(n) for n in rows], [math.log(cost) for cost in costs]).slope


def measure() -> list[Figure]:
    """Return each cost at each size, and the exponents."""
    with importer() as on:
        done = {size: [imported(on, size, number) for number in range(SIZES[size])] for size in SIZES}
    sizes, figures = list(SIZES), []
    for name, (unit, cost) in COSTS.items():
        values = [statistics.median(map(cost, done[size])) for size in sizes]
        figures += [Figure(f"growth.{name}.{n}", value, unit) for n, value in zip(sizes, values, strict=True)]
        target = "" if name in OF_THE_MACHINE else "<= 1.05"
        figures.append(Figure(f"growth.{name}.exponent", exponent(sizes, values), "exponent", target))
        figures.append(Figure(f"growth.{name}.last_step", exponent(sizes[-2:], values[-2:]), "exponent"))
    return figures


def imported(on: Importer, size: int, number: int) -> Import:
    """Import so many new rows."""
    tenant = f"rows-{size}-{number}"
    on.new_tenant(tenant)
    return on.load(tenant, [contact(n) for n in range(size)])

"""`make bench`: runs every benchmark, prints a table and writes build/bench.json.

Values are for comparison within one run: a ratio says something on any machine, a throughput only beside the others.
"""

import sys
import time
from pathlib import Path

from tests.benchmarks import client_cost, write_path
from tests.benchmarks.figures import Figure, table, write_json

BENCHMARKS = (client_cost, write_path)
RESULT = Path("build/bench.json")


def main() -> int:
    """Return 1 where a target was missed."""
    figures: list[Figure] = []
    for benchmark in BENCHMARKS:
        started = time.monotonic()
        figures += benchmark.measure()
        print(f"{benchmark.__name__}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    write_json(figures, RESULT)
    print(table(figures))
    return int(any(f.met is False for f in figures))


if __name__ == "__main__":
    sys.exit(main())

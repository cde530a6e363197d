"""`make bench`: runs the benchmarks, prints a table and writes build/bench.json.

Values are for comparison within one run: a ratio says something on any machine, a throughput only beside the others.
With names of benchmarks as arguments it runs only those.
"""

import importlib
import os
import sys
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, table, write_json

BENCHMARKS = (
    "validation_speed",
    "validation_workbook",
    "validation_memory",
    "validation_lambda",
    "cold_start",
    "client_cost",
    "load_batch_cost",
    "import_cost",
    "end_to_end",
    "growth",
)
"""Those of `make bench`: under 15 minutes on 2 cores. `write_path` runs by its name only, for decision 0002."""

RESULT = Path("build/bench.json")


def main(names: list[str]) -> int:
    """Return 1 where a target was missed."""
    # botocore signs with awscrt where that happens to be installed (the SAM CLI brings it); in Lambda it is not there.
    os.environ["BOTO_DISABLE_CRT"] = "true"
    figures: list[Figure] = []
    for name in names or BENCHMARKS:
        benchmark = importlib.import_module(f"tests.benchmarks.{name}")
        started = time.monotonic()
        figures += benchmark.measure()
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    write_json(figures, RESULT)
    print(table(figures))
    return int(any(f.met is False for f in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Students checked by frictionless; this file runs in an environment of its own, beside nothing of Longshore.

`python students_frictionless.py FILE PLACES` reads the schema (JSON) from standard input, validates, and prints a line
of JSON: rows, CPU seconds, and how many errors. It writes the (row, field) of each to PLACES, as JSON.
"""

import json
import sys
import time
from pathlib import Path

import frictionless


def main(file: str, places: str) -> None:
    schema = frictionless.Schema.from_descriptor(json.load(sys.stdin))
    started = time.process_time()
    source = Path(file)
    resource = frictionless.Resource(
        path=source.name, basepath=str(source.parent), schema=schema, format="csv", encoding="utf-8"
    )
    report = resource.validate(limit_errors=10**9)
    took = time.process_time() - started
    (task,) = report.tasks
    others = [error for error in task.errors if not hasattr(error, "field_name")]
    if others:
        raise SystemExit(f"frictionless found what is not in the file: {others[0]}")
    found = sorted({(error.row_number - 1, error.field_name) for error in task.errors})
    Path(places).write_text(json.dumps(found))
    print(json.dumps({"rows": task.stats["rows"], "cpu": took, "faulty": len(found)}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What a new execution environment costs before the first event: ValidateUpload and LoadBatch beside bare boto3.

Bare means: boto3 is imported and makes the same clients. Each start is a fresh process, and the modules are compiled on
both sides, as `make build` compiles the layers (layers/compile_layer.py). What is counted is CPU time from the first
import of ours to the last adapter that the first event needs, with the first parse of an event and a template; beside
that stands a whole first event: nothing is put off unseen.
"""

import os
import statistics
import subprocess
import sys

from tests.benchmarks.figures import Figure

STARTS = 11
ENVIRONMENT = {  # as template.yaml has it; awscrt and pyOpenSSL come with the SAM CLI and are not in Lambda
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "BOTO_DISABLE_CRT": "true",
    "PYTHONDONTWRITEBYTECODE": "",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "POWERTOOLS_SERVICE_NAME": "longshore",
    **{
        f"LONGSHORE_{name}": name.lower().replace("_", "-")
        for name in (
            "JOBS_TABLE",
            "LOCKS_TABLE",
            "CATALOG_TABLE",
            "RECORDS_TABLE",
            "UPLOADS_BUCKET",
            "DATA_BUCKET",
            "BUS_NAME",
        )
    },
}
FUNCTIONS = {"validate_upload": ("boto3", "adapters", "event"), "load_batch": ("boto3", "adapters")}


def measure() -> list[Figure]:
    """Return the medians of starts that take turns, and their ratios."""
    figures = []
    for name, kinds in FUNCTIONS.items():
        for kind in kinds:
            start(name, kind)  # compiles what has changed
        starts = [[start(name, kind) for kind in kinds] for _ in range(STARTS)]
        bare, ours, *event = (statistics.median(seconds) for seconds in zip(*starts, strict=True))
        figures += [
            Figure(f"cold_start.{name}.boto3", bare, "CPU s"),
            Figure(f"cold_start.{name}", ours, "CPU s"),
            Figure(f"cold_start.{name}.ratio", ours / bare, "x boto3", "<= 1.5"),
            *(Figure(f"cold_start.{name}.first_event", seconds, "CPU s") for seconds in event),
        ]
    return figures


def start(name: str, kind: str) -> float:
    """Return the CPU time of one start of a kind that one_cold_start knows."""
    command = [sys.executable, "-m", "tests.benchmarks.one_cold_start", name, kind]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ | ENVIRONMENT)
    return float(done.stdout)

"""A 10 MB file through the real ValidateUpload on the embedded AWS, from a cold start, beside the same work offline.

The function's process and S3 share the machine. Its parts: init is the start of the process up to the handler; download
and writes are what S3 takes for the same bytes from a client in this process; the rest of the handler's time is reading,
checking and the items of the job.
"""

import time
from pathlib import Path
from typing import Any

import boto3
import requests

from local.embedded_aws import EmbeddedAws
from longshore.domain.job import id_for_object
from tests.benchmarks import contest
from tests.benchmarks.figures import Figure
from tests.benchmarks.imports import IN_LAMBDA, LONGEST_IMPORT, PARAMETERS, REPORT, ROOT
from tests.benchmarks.students import TEMPLATE, write_csv

PATH = Path("build/bench/students-10_MB.csv")
TENANT = "demo"
INIT_OF = "ValidateUploadFunction"


def measure() -> list[Figure]:
    """Return the seconds of the first event, its parts, and the ratio to the same work offline."""
    PATH.parent.mkdir(parents=True, exist_ok=True)
    rows = write_csv(PATH, 10_000_000)
    offline = min(contest.run("everything", PATH).wall for _ in range(3))
    with EmbeddedAws(ROOT, PARAMETERS, function_variables=IN_LAMBDA) as aws:
        took = validated(aws, rows)
    title = "validation_lambda.{}".format
    return [
        *(Figure(title(part), seconds, "s") for part, seconds in took.items()),
        Figure(title("offline"), offline, "s"),
        Figure(title("total.of_offline"), took["total"] / offline, "x offline"),
        Figure(title("total.goal"), took["total"], "s", "<= 5"),
    ]


def validated(aws: EmbeddedAws, rows: int) -> dict[str, float]:
    """Upload the file, wait for its validation and return what that took."""
    headers = {"Authorization": f"Bearer {aws.token('admin', TENANT)}"}
    template = {**TEMPLATE, "auto_start": False}
    requests.put(f"{aws.api_url}/templates/student", json=template, headers=headers, timeout=30).raise_for_status()
    s3 = boto3.client(
        "s3", endpoint_url=aws.url, region_name=aws.region, aws_access_key_id="local", aws_secret_access_key="local"
    )
    bucket, key = aws.outputs["UploadsBucket"], f"{TENANT}/student/students.csv"
    aws.idle(LONGEST_IMPORT)
    version = s3.put_object(Bucket=bucket, Key=key, Body=PATH.read_bytes())["VersionId"]
    aws.idle(LONGEST_IMPORT)
    url = f"{aws.api_url}/imports/{id_for_object(bucket, key, version)}"
    job: dict[str, Any] = requests.get(url, headers=headers, timeout=30).json()
    if (job["status"], job["counts"]["rows"]) != ("VALIDATED", rows):
        raise AssertionError(f"the validation ended as {job['status']}: {job.get('reason')}")
    log = (aws.logs / f"{aws.function_name(INIT_OF)}.log").read_text()
    handler, init = (float(found.group(1)) / 1000 for found in (REPORT.search(log), INIT.search(log)))
    return {"total": init + handler, "init": init, "handler": handler, **transfers(aws, s3, bucket, key)}

"""A 10 MB file through the real ValidateUpload on the embedded AWS, from a cold start, beside the same work offline.

The function's process and S3 share the machine. Its parts: init is what the first event takes longer than a second one
of another tenant; download and writes are what S3 takes for the same bytes from a client in this process; the rest is
reading, checking, and the items of the job.
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
FUNCTION = "ValidateUploadFunction"

Client = Any


def measure() -> list[Figure]:
    """Return the seconds of the first event, its parts, and the ratio to the same work offline."""
    PATH.parent.mkdir(parents=True, exist_ok=True)
    rows = write_csv(PATH, 10_000_000)
    offline = min(contest.run("everything", PATH).wall for _ in range(3))
    with EmbeddedAws(ROOT, PARAMETERS, function_variables=IN_LAMBDA) as aws:
        took = parts(aws, rows)
    title = "validation_lambda.{}".format
    return [
        *(Figure(title(part), seconds, "s") for part, seconds in took.items()),
        Figure(title("offline"), offline, "s"),
        Figure(title("total.of_offline"), took["total"] / offline, "x offline"),
        Figure(title("total.goal"), took["total"], "s", "<= 5"),
    ]


def parts(aws: EmbeddedAws, rows: int) -> dict[str, float]:
    """Validate the file for two tenants and return what the first time took, and its parts."""
    s3 = boto3.client(
        "s3", endpoint_url=aws.url, region_name=aws.region, aws_access_key_id="local", aws_secret_access_key="local"
    )
    for tenant in ("first", "second"):
        validate(aws, s3, tenant, rows)
    log = (aws.logs / f"{aws.function_name(FUNCTION)}.log").read_text()
    cold, warm = (float(milliseconds) / 1000 for milliseconds in REPORT.findall(log))
    download, writes = transfers(aws, s3)
    rest = warm - download - writes
    return {"total": cold, "init": cold - warm, "download": download, "writes": writes, "validate": rest}


def validate(aws: EmbeddedAws, s3: Client, tenant: str, rows: int) -> None:
    """Upload the file for a tenant and wait for the end of its validation."""
    headers = {"Authorization": f"Bearer {aws.token('admin', tenant)}"}
    template = {**TEMPLATE, "auto_start": False}
    requests.put(f"{aws.api_url}/templates/student", json=template, headers=headers, timeout=30).raise_for_status()
    bucket, key = aws.outputs["UploadsBucket"], f"{tenant}/student/students.csv"
    version = s3.put_object(Bucket=bucket, Key=key, Body=PATH.read_bytes())["VersionId"]
    aws.idle(LONGEST_IMPORT)
    url = f"{aws.api_url}/imports/{id_for_object(bucket, key, version)}"
    job: dict[str, Any] = requests.get(url, headers=headers, timeout=30).json()
    if (job["status"], job["counts"]["rows"]) != ("VALIDATED", rows):
        raise AssertionError(f"the validation ended as {job['status']}: {job.get('reason')}")


def transfers(aws: EmbeddedAws, s3: Client) -> tuple[float, float]:
    """Return the seconds that S3 takes to give the file, and to take what was made of it."""
    data = aws.outputs["DataBucket"]
    made = [item["Key"] for item in s3.list_objects_v2(Bucket=data)["Contents"] if "/first/" in f"/{item['Key']}"]
    bodies = [s3.get_object(Bucket=data, Key=key)["Body"].read() for key in made]
    started = time.perf_counter()
    s3.get_object(Bucket=aws.outputs["UploadsBucket"], Key="first/student/students.csv")["Body"].read()
    read = time.perf_counter()
    for number, body in enumerate(bodies):
        s3.put_object(Bucket=data, Key=f"bench/{number}", Body=body)
    return read - started, time.perf_counter() - read

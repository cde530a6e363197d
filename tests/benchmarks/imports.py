"""Imports through the real pipeline on the embedded AWS, each with what it took: calls, units, transitions, time."""

import csv
import io
import os
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import psutil
import requests
from botocore.config import Config

from local.embedded_aws import EmbeddedAws
from local.moto_server import CREDENTIALS
from longshore.domain.job import id_for_object
from tests.benchmarks.meter import BENCHMARK, STATE_MACHINE, Call, Meter
from tests.benchmarks.sample_records import contact

ROOT = Path(__file__).parents[2]
PARAMETERS = {"WorkerConcurrency": "2", "DeletionProtection": "false"}
IN_LAMBDA = {"BOTO_DISABLE_CRT": "true"}
"""botocore signs faster where awscrt happens to be installed, as it is by the SAM CLI; in Lambda it is not."""
FUNCTIONS = ("ValidateUpload", "DispatchJobs", "LoadBatch", "FinishRun", "Sweep")
OTHER_DYNAMODB = "AWS_ENDPOINT_URL_DYNAMODB"
ONE_CALLER = {"AWS_ACCESS_KEY_ID": CREDENTIALS["AWS_ACCESS_KEY_ID"]}
"""DynamoDB Local keeps the tables of each access key apart, and refuses the keys of the embedded AWS's functions."""
LONGEST_IMPORT = 600
"""Seconds."""
REPORT = re.compile(r"^REPORT .*\tDuration: ([0-9.]+) ms", re.MULTILINE)
S3_PUTS = {"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "ListObjectVersions"}
S3_GETS = {"GetObject", "HeadObject"}
NOT_OF_THE_IMPORT = {BENCHMARK, "Api", "Sweep"}
"""Whose calls an import does not cause: Sweep runs every minute whether there is an import or not."""

TEMPLATE: dict[str, Any] = {
    "name": "contact",
    "record_type": "contact",
    "key": ["contact_id"],
    "fields": [
        {"name": "contact_id", "required": True},
        {"name": "first_name"},
        {"name": "last_name", "required": True},
        {"name": "email", "pattern": "[^@ ]+@[^@ ]+"},
        *({"name": name} for name in ("phone", "street", "city", "postal_code", "country")),
        {"name": "born", "type": "date"},
        {"name": "visits", "type": "integer"},
        {"name": "newsletter", "type": "boolean"},
    ],
}

Contact = dict[str, Any]


@dataclass(frozen=True)
class Import:
    """A finished import. `seconds` from the upload to the end of everything; durations by function, in seconds.

    `cpu_seconds` are those of the functions' processes, Sweep's among them, and not those of the embedded AWS.
    """

    counts: dict[str, int]
    seconds: float
    calls: Sequence[Call]
    transitions: int
    durations: dict[str, list[float]]
    memory_gb: dict[str, float]
    uploads: int = 0
    cpu_seconds: float = 0

    @property
    def rows(self) -> int:
        """Rows in the file."""
        return self.counts["rows"]

    def count(self, service: str) -> int:
        """Return the calls to a service."""
        return sum(call.service == service for call in self.calls)

    @cached_property
    def write_units(self) -> Counter[str]:
        """Write units by table and index."""
        return sum((call.write_units for call in self.calls), Counter())

    @property
    def handler_seconds(self) -> float:
        """Time in handlers, of all functions together."""
        return sum(sum(durations) for durations in self.durations.values())

    def usage(self) -> dict[str, float]:
        """Return the amounts that AWS charges for, by the names that prices.SERVICE has."""
        operations = Counter(call.operation for call in self.calls if call.service == "s3")
        return {
            "write_units": self.write_units.total(),
            "read_units": sum(call.read_units.total() for call in self.calls),
            "s3_puts": self.uploads + sum(operations[name] for name in S3_PUTS),
            "s3_gets": sum(operations[name] for name in S3_GETS),
            "state_transitions": self.transitions,
            "lambda_gb_seconds": sum(self.memory_gb[name] * sum(times) for name, times in self.durations.items()),
            "lambda_requests": sum(map(len, self.durations.values())),
            "events": self.uploads + sum(call.events for call in self.calls),
        }


class Importer:
    """Tenants that import files; one at a time, so that what is counted is one import's."""

    def __init__(self, aws: EmbeddedAws, meter: Meter) -> None:
        self.aws, self._meter = aws, meter
        self._s3 = boto3.client(
            "s3",
            endpoint_url=aws.url,
            region_name=aws.region,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(user_agent_appid=BENCHMARK),
        )

    def new_tenant(self, name: str) -> None:
        """Give a tenant the template."""
        headers = {"Authorization": f"Bearer {self.aws.token('admin', name)}"}
        url = f"{self.aws.api_url}/templates/{TEMPLATE['name']}"
        requests.put(url, json=TEMPLATE, headers=headers, timeout=30).raise_for_status()

    def load(self, tenant: str, contacts: Sequence[Contact]) -> Import:
        """Upload the contacts as a CSV file and wait for the end; raises AssertionError if a row was rejected."""
        bucket, key = self.aws.outputs["UploadsBucket"], f"{tenant}/{TEMPLATE['name']}/file.csv"
        content = as_csv(contacts)
        self.aws.idle(LONGEST_IMPORT)
        before = self._log_sizes()
        self._meter.taken()
        started, cpu = time.perf_counter(), cpu_of_functions()
        version = self._s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
        self.aws.idle(LONGEST_IMPORT)
        seconds, cpu = time.perf_counter() - started, cpu_of_functions() - cpu
        done = self._done(seconds, before, NOT_OF_THE_IMPORT)
        job = self._job(tenant, id_for_object(bucket, key, version))
        if job["status"] != "COMPLETED":
            raise AssertionError(f"the import ended as {job['status']}: {job.get('reason')}")
        return replace(done, counts=job["counts"], uploads=1, cpu_seconds=cpu)

    def sweep(self, event: dict[str, Any]) -> Import:
        """Let Sweep look once, and return what that took."""
        before = self._log_sizes()
        self._meter.taken()
        started = time.perf_counter()
        self.aws.invoke("SweepFunction", event)
        return self._done(time.perf_counter() - started, before, {BENCHMARK, STATE_MACHINE})

    def _done(self, seconds: float, before: dict[str, int], left_out: set[str]) -> Import:
        calls, transitions = self._meter.taken()
        logs = {name: path for name, path in self._logs().items() if path.exists()}
        logged = {name: path.read_bytes()[before[name] :].decode() for name, path in logs.items()}
        durations = {name: [float(ms) / 1000 for ms in REPORT.findall(text)] for name, text in logged.items()}
        kept = {name: times for name, times in durations.items() if name not in left_out}
        memory = {name: self.aws.function(f"{name}Function").memory / 1024 for name in kept}
        of_it = [call for call in calls if call.caller not in left_out]
        return Import({}, seconds, of_it, transitions, kept, memory)

    def _job(self, tenant: str, job_id: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.aws.token('viewer', tenant)}"}
        job: dict[str, Any] = requests.get(f"{self.aws.api_url}/imports/{job_id}", headers=headers, timeout=30).json()
        return job

    def _logs(self) -> dict[str, Path]:
        return {name: self.aws.logs / f"{self.aws.function_name(f'{name}Function')}.log" for name in FUNCTIONS}

    def _log_sizes(self) -> dict[str, int]:
        return {name: path.stat().st_size if path.exists() else 0 for name, path in self._logs().items()}


@contextmanager
def importer() -> Iterator[Importer]:
    """Start the embedded AWS with a meter in front of it, warm."""
    variables = {**IN_LAMBDA, **(ONE_CALLER if OTHER_DYNAMODB in os.environ else {})}
    with Meter() as meter, EmbeddedAws(ROOT, PARAMETERS, function_variables=variables) as aws:
        meter.connect(aws)
        aws.warm_up()
        made = Importer(aws, meter)
        made.new_tenant("warm")
        made.load("warm", [contact(number) for number in range(3_000)])
        yield made


def cpu_of_functions() -> float:
    """Return the CPU seconds of all processes that this one ever began: the functions'; the embedded AWS is in it."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = ended.ru_utime + ended.ru_stime
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


def as_csv(contacts: Sequence[Contact]) -> bytes:
    """Write contacts as a CSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(contacts[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(contacts)
    return out.getvalue().encode()

"""A tenant at work: what a program, a person with an S3 client and an administrator do, and what they see."""

import csv
import io
import uuid
from typing import Any

import requests

from local.embedded_aws import EmbeddedAws
from longshore.domain.job import id_for_object

PERSON = {
    "name": "person",
    "record_type": "person",
    "key": ["id"],
    "fields": [
        {"name": "id", "required": True, "max_length": 12},
        {"name": "name", "type": "string", "required": True},
        {"name": "age", "type": "integer"},
        {"name": "email", "pattern": "[^@ ]+@[^@ ]+"},
    ],
}


class Tenant:
    """One tenant, alone in its world, so that no test sees another's records."""

    def __init__(self, aws: EmbeddedAws, name: str) -> None:
        self.aws, self.name = aws, name
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {aws.token(role='admin', tenant=name)}"

    def call(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """Call the API as the tenant's administrator."""
        return self.http.request(method, self.aws.api_url + path, timeout=30, **kwargs)

    def push(self, template: dict[str, Any]) -> None:
        """Store a template."""
        answer = self.call("PUT", f"/templates/{template['name']}", json=template)
        assert answer.ok, answer.text

    def drop(self, template: str, content: bytes, file_name: str = "file.csv") -> str:
        """Copy a file to the uploads bucket with an S3 client; return the id its job will have."""
        bucket, key = self.aws.outputs["UploadsBucket"], f"{self.name}/{template}/{file_name}"
        put = self.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return id_for_object(bucket, key, put["VersionId"])

    def create(self, template: str, file_name: str = "file.csv", **options: Any) -> dict[str, Any]:
        """Create an import through the API; return its answer with the link to upload to."""
        answer = self.call("POST", "/imports", json={"template": template, "file_name": file_name, **options})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def upload(self, created: dict[str, Any], content: bytes) -> requests.Response:
        """Post a file to the link of a created import."""
        return requests.post(
            created["upload"]["url"], data=created["upload"]["fields"], files={"file": content}, timeout=60
        )

    def job(self, job_id: str) -> dict[str, Any]:
        """Return the job as the API shows it."""
        answer = self.call("GET", f"/imports/{job_id}")
        assert answer.ok, answer.text
        return answer.json()

    def ended(self, job_id: str, timeout: float = 120) -> dict[str, Any]:
        """Wait until nothing is under way any more, and return the job."""
        self.aws.idle(timeout)
        job = self.job(job_id)
        counts = job["counts"]
        buckets = ("loaded", "unchanged", "rejected", "held", "unprocessed")
        assert sum(counts[name] for name in buckets) == counts["rows"]
        return job

    def errors(self, job_id: str) -> list[dict[str, Any]]:
        """Return every error of the job's rows."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.call("GET", f"/imports/{job_id}/errors", params={"cursor": cursor} if cursor else {}).json()
            found += page["errors"]
            cursor = page.get("cursor") or ""
            if not cursor:
                return found

    def items(self) -> dict[str, dict[str, Any]]:
        """Return every record item of the tenant as it is stored, by key without the tenant."""
        pages = self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=self.aws.outputs["RecordsTable"])
        items = [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith(f"{self.name}#")]
        return {item["pk"]["S"].removeprefix(f"{self.name}#"): item for item in items}

    def executions(self, job_id: str) -> list[str]:
        """Return the names of the executions that were started for a job."""
        pages = self.aws.client("stepfunctions").list_executions(stateMachineArn=self.aws.outputs["RunImportArn"])
        return [e["name"] for e in pages["executions"] if e["name"].startswith(job_id)]


def data_of(item: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a record item as plain values."""
    return {
        name: int(value["N"]) if "N" in value else next(iter(value.values()))
        for name, value in item["data"]["M"].items()
    }


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    """Write rows as a CSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def people(count: int, first: int = 1) -> list[dict[str, Any]]:
    """Make valid rows for the template PERSON."""
    return [
        {"id": f"p{n}", "name": f"Person Ñ{n}", "age": n % 90, "email": f"p{n}@example.com"}
        for n in range(first, first + count)
    ]


def object_created(aws: EmbeddedAws, key: str, version_id: str, size: int) -> dict[str, Any]:
    """Build the event that S3 sends for an object, as events/validate_upload.object-created.json shows it."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2026-11-21T12:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {
            "version": "0",
            "bucket": {"name": aws.outputs["UploadsBucket"]},
            "object": {"key": key, "size": size, "etag": "e", "version-id": version_id, "sequencer": "1"},
            "reason": "PutObject",
        },
    }

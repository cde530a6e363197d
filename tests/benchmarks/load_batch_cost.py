"""The worker's CPU ceiling: LoadBatch's whole step with the network taken away, beside boto3's batch_writer.

From the claim to the completed batch, everything is as in production: the member of rows is decompressed and decoded,
every row becomes a signed statement, every answer is parsed. Only the wire is missing: a handler of botocore's public
`before-send` event answers each request at once. batch_writer has the same rows in memory, writes them without a
condition, and learns of no outcome.
"""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from unittest import mock

import orjson
from botocore.awsrequest import AWSRequest, AWSResponse

from longshore.bootstrap import AwsServices
from longshore.domain.job import Batch, Job, Mode, Pointer
from longshore.domain.locks import Lease
from longshore.domain.records import Record
from longshore.domain.rows.row_batch import RowQueue
from longshore.domain.rows.row_columns import RowColumns
from longshore.domain.status import JobStatus
from longshore.messages import BatchTask
from longshore.settings import Settings
from longshore.steps.load_batch import load_batch
from longshore.storage import clients
from longshore.storage.items import Item, encode_fields
from longshore.storage.rows_writer import member
from tests.benchmarks.client_cost import ENVIRONMENT, StubbedBody, batch_writer, cpu_seconds
from tests.benchmarks.figures import Figure
from tests.benchmarks.sample_records import records

ROWS = 1_000
ROUNDS = 8
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
FAR = 4_102_444_800_000
"""The year 2100 in epoch ms: a lease and a claim that do not end while this runs."""
SETTINGS = Settings("jobs", "locks", "catalog", "records", "uploads", "data", "bus")
TASK = BatchTask(tenant="demo", job_id="j0123456789abcdef01234567", attempt="a1", part=0, batch=0, run=1)


def rows_member(rows: Sequence[Record]) -> bytes:
    """Return the rows as ValidateUpload writes them."""
    fields = list(rows[0].data)
    columns = [list(column) for column in zip(*(row.data.values() for row in rows), strict=True)]
    numbers = list(range(1, len(rows) + 1))
    (batch,) = RowQueue(fields, len(rows)).add(RowColumns(numbers, [n + 1 for n in numbers], columns))
    return member({**batch.document(), "key": ["contact_id"], "record_type": "contact", "mode": "upsert"})


class StubbedAws:
    """Answers what LoadBatch asks of DynamoDB and S3 for one open batch of new rows."""

    def __init__(self, rows: Sequence[Record]) -> None:
        self._rows = rows_member(rows)
        pointer = Pointer("rows/demo/j/a1/part-00", '"e"', 0, len(self._rows))
        batch = Batch(0, 0, 1, len(rows), pointer, pointer, run=1, generation=1, deadline=FAR)
        self._claimed = orjson.dumps({"Attributes": encode_fields(batch)})
        found = {"jobs": [job_item()], "locks": [lease_item()]}
        self._job_and_lease = orjson.dumps({"Responses": found, "UnprocessedKeys": {}})
        self._no_records = orjson.dumps({"Responses": {"records": []}, "UnprocessedKeys": {}})
        self.written = 0

    def dynamodb(self, request: AWSRequest, **_: object) -> AWSResponse:
        """Answer a request as DynamoDB would."""
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        if operation == "BatchExecuteStatement":
            statements = request.body.count(b"INSERT INTO")
            self.written += statements
            return answer(request, orjson.dumps({"Responses": [{"TableName": "records"}] * statements}))
        if operation == "UpdateItem":
            return answer(request, self._claimed)
        asks_for_records = b'"records"' in request.body
        return answer(request, self._no_records if asks_for_records else self._job_and_lease)

    def s3(self, request: AWSRequest, **_: object) -> AWSResponse:
        """Answer the ranged read of the rows."""
        return answer(request, self._rows)


def answer(request: AWSRequest, body: bytes) -> AWSResponse:
    """Return a successful response."""
    headers = {"Content-Type": "application/x-amz-json-1.0", "Content-Length": str(len(body))}
    return AWSResponse(request.url, 200, headers, StubbedBody(body))


def job_item() -> Item:
    """Return a job that is being processed, as it is stored."""
    job = Job(
        tenant=TASK.tenant,
        job_id=TASK.job_id,
        status=JobStatus.PROCESSING,
        version=5,
        template="contact",
        template_version=1,
        record_type="contact",
        actor="ada",
        file_name="file.csv",
        created_at=AT,
        updated_at=AT,
        mode=Mode.UPSERT,
        attempt=TASK.attempt,
        run=TASK.run,
    )
    return encode_fields(job)


def lease_item() -> Item:
    """Return the lease of the job's run, as it is stored."""
    lease = Lease(key="lease", expires_at=FAR, tokens={"contact": 7})
    return {**encode_fields(lease), "pk": {"S": lease.key}}


def whole_step(rows: Sequence[Record]) -> Callable[[], None]:
    """Return LoadBatch as bootstrap wires it, with its clients answered at once."""
    aws = StubbedAws(rows)
    with mock.patch.dict(os.environ, ENVIRONMENT):
        dynamodb, s3 = clients.dynamodb.__wrapped__(), clients.s3.__wrapped__()
    dynamodb.meta.events.register("before-send.dynamodb", aws.dynamodb)
    s3.meta.events.register("before-send.s3", aws.s3)
    with mock.patch.multiple(clients, dynamodb=lambda: dynamodb, s3=lambda: s3):
        services = AwsServices(SETTINGS)
        for name in ("leases", "batches", "records", "files"):
            getattr(services, name)

    def load() -> None:
        before = aws.written
        load_batch(TASK, services)
        if aws.written - before != len(rows):
            raise AssertionError(f"{aws.written - before} of {len(rows)} rows were written")

    return load


def measure() -> list[Figure]:
    """Return rows per CPU second of both, the best of rounds in which they take turns, and their ratio."""
    rows = list(records(ROWS))
    ways = {"whole_step": whole_step(rows), "batch_writer": batch_writer(rows)}
    rounds = [{name: cpu_seconds(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    rate = {name: ROWS / min(one[name] for one in rounds) for name in ways}
    return [
        *(Figure(f"load_batch_cost.{name}", value, "rows/CPU s") for name, value in rate.items()),
        Figure("load_batch_cost.speed", rate["whole_step"] / rate["batch_writer"], "x batch_writer", ">= 3"),
    ]

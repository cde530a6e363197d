"""One corrected moto per test process, with the tables and buckets of the key layout in template.yaml.

Where AWS_ENDPOINT_URL_DYNAMODB is set, the tables are made there: the same tests then prove a second engine. Tests
share the tables and are kept apart by a tenant of their own.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto.server import ThreadedMotoServer

from local import moto_corrections
from longshore.storage import clients

ALL = {"ProjectionType": "ALL"}
KEYS_ONLY = {"ProjectionType": "KEYS_ONLY"}
INDEXES = {
    "queue": ("queue_tenant", "queue_order", KEYS_ONLY),
    "by_tenant": ("list_tenant", "listed_at", ALL),
    "watch": ("watch_shard", "watch_at", KEYS_ONLY),
}
CLIENTS = (clients.dynamodb, clients.s3, clients.events, clients.stepfunctions, clients.lambda_)


@dataclass(frozen=True)
class Stores:
    """Names of what the fixture made."""

    jobs: str
    catalog: str
    locks: str
    records: str
    uploads: str
    data: str


class SteppingClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    @property
    def ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def aws() -> Iterator[None]:
    """Serve AWS to this process."""
    moto_corrections.apply()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        for client in CLIENTS:
            client.cache_clear()
        yield
    for client in CLIENTS:
        client.cache_clear()
    server.stop()


@pytest.fixture(scope="session")
def stores(aws: None) -> Stores:
    """Make the tables and buckets once."""
    suffix = uuid.uuid4().hex[:8]
    names = [f"{name}-{suffix}" for name in ("jobs", "catalog", "locks", "records", "uploads", "data")]
    made = Stores(*names)
    _create_table(made.jobs, sort_key=True, indexes=INDEXES)
    _create_table(made.catalog, sort_key=True)
    _create_table(made.locks)
    _create_table(made.records)
    s3 = clients.s3()
    for bucket in (made.uploads, made.data):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=made.uploads, VersioningConfiguration={"Status": "Enabled"})
    return made


def _create_table(name: str, *, sort_key: bool = False, indexes: dict | None = None) -> None:
    keys = ["pk", "sk"] if sort_key else ["pk"]
    attributes = keys + [key for index in (indexes or {}).values() for key in index[:2]]
    request = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": a, "AttributeType": "S"} for a in attributes],
        "KeySchema": _schema(*keys),
    }
    if indexes:
        request["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": _schema(hash_key, range_key), "Projection": projection}
            for index, (hash_key, range_key, projection) in indexes.items()
        ]
    boto3.client("dynamodb").create_table(**request)


def _schema(*keys: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


@pytest.fixture
def tenant() -> str:
    """Return a tenant that no other test knows."""
    return f"t{uuid.uuid4().hex[:8]}"


@pytest.fixture
def clock() -> SteppingClock:
    """Return a clock that the test moves."""
    return SteppingClock()

"""One corrected moto, with the tables and buckets of template.yaml in a stack of its own, and no function.

Where AWS_ENDPOINT_URL_DYNAMODB is set, the tables are made there: the same tests then prove a second engine. Tests
share the tables and are kept apart by a tenant of their own.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from local import moto_corrections
from local.resources.creator import Environment
from local.sam_template import load_template
from local.stack import Stack
from longshore.storage import clients

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
REGION = "eu-west-1"
PARAMETERS = {"JwtIssuer": "http://127.0.0.1:9"}
CLIENTS = (
    clients.dynamodb,
    clients.s3,
    clients.events,
    clients.stepfunctions,
    clients.lambda_,
    clients.scheduler,
)


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


@pytest.fixture(scope="package")
def aws() -> Iterator[None]:
    """Serve AWS to this process."""
    moto_corrections.apply()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        for client in CLIENTS:
            client.cache_clear()
        yield
    for client in CLIENTS:
        client.cache_clear()
    server.stop()


@pytest.fixture(scope="package")
def stores(aws: None) -> Stores:
    """Make the tables and buckets once."""
    template = load_template(TEMPLATE, PARAMETERS, REGION)
    environment = Environment(
        client=boto3.client,
        stack_name=f"storage-{uuid.uuid4().hex[:8]}",
        region=REGION,
        account="123456789012",
        api_url="",
        local_paths=template.local_paths,
        register_function=lambda function: pytest.fail(f"{function} is no store"),
    )
    types = {"AWS::DynamoDB::Table", "AWS::S3::Bucket"}
    made = Stack(template, environment, PARAMETERS, types).create()
    names = ("JobsTable", "CatalogTable", "LocksTable", "RecordsTable", "UploadsBucket", "DataBucket")
    return Stores(*(made[name] for name in names))


@pytest.fixture
def tenant() -> str:
    """Return a tenant that no other test knows."""
    return f"t{uuid.uuid4().hex[:8]}"


@pytest.fixture
def clock() -> SteppingClock:
    """Return a clock that the test moves."""
    return SteppingClock()

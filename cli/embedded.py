"""An embedded AWS for one command or for `longshore up`, with the sample templates in it for the tenant `demo`."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.client import Client
from local.embedded_aws import EmbeddedAws
from local.moto_server import CREDENTIALS
from longshore.steps.caller import Role

TENANT = "demo"
TOKEN_SECONDS = 30 * 24 * 3600
"""A token is worth nothing once its embedded AWS has ended, so it may as well last as long as that could run."""

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: template.yaml, functions/ and events/ are there."""


@dataclass(frozen=True)
class Place:
    """Where to reach an embedded AWS, as `.longshore/local.json` says it to other commands."""

    endpoint: str
    s3_endpoint: str
    uploads_bucket: str
    data_bucket: str
    region: str
    access_key: str
    secret_key: str
    tenant: str
    tokens: dict[str, str]


@contextmanager
def running_embedded_aws(
    log_dir: Path | None = None, rule_functions: Mapping[str, Path] | None = None
) -> Iterator[Place]:
    """Start an embedded AWS with the sample templates, and end it with every process of it when the block ends.

    `rule_functions` are folders of code by the name of the function that it becomes.
    """
    with EmbeddedAws(ROOT, {"WorkerConcurrency": str(workers())}, log_dir=log_dir) as aws:
        for name, folder in (rule_functions or {}).items():
            aws.add_function(name, folder)
        aws.warm_up()
        place = Place(
            endpoint=aws.api_url,
            s3_endpoint=aws.url,
            uploads_bucket=aws.outputs["UploadsBucket"],
            data_bucket=aws.outputs["DataBucket"],
            region=aws.region,
            access_key=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            secret_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            tenant=TENANT,
            tokens={role.value: aws.token(role.value, TENANT, expires_in=TOKEN_SECONDS) for role in Role},
        )
        push_samples(place)
        yield place


def workers() -> int:
    """Return how many workers this machine can feed: more would only fight for its processors."""
    return max(2, os.cpu_count() or 1)


def push_samples(place: Place) -> None:
    """Store events/templates/*.json for the tenant `demo`."""
    client = Client(place.endpoint, place.tokens[Role.ADMIN], local=True)
    for path in sorted((ROOT / "events" / "templates").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        client.put_template(document["name"], document)

"""A tenant's callers, one per role, who ask through the real HTTP front."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from local.embedded_aws import EmbeddedAws

Ask = Callable[..., requests.Response]

CITY: dict[str, Any] = {
    "name": "city",
    "title": "Cities",
    "record_type": "city",
    "key": ["code"],
    "fields": [{"name": "code", "required": True, "max_length": 3}, {"name": "population", "type": "integer"}],
}


@pytest.fixture
def new_tenant(aws: EmbeddedAws) -> Callable[[], Ask]:
    """Make a tenant that nobody else uses: ask(method, path, role="admin", **what requests takes)."""

    def make() -> Ask:
        tenant = f"t-{uuid.uuid4().hex[:10]}"

        def ask(method: str, path: str, role: str = "admin", **request: Any) -> requests.Response:
            headers = {"Authorization": f"Bearer {aws.token(role, tenant)}", **request.pop("headers", {})}
            return requests.request(method, aws.api_url + path, headers=headers, timeout=30, **request)

        return ask

    return make


@pytest.fixture
def ask(new_tenant: Callable[[], Ask]) -> Ask:
    """A tenant with the template `city`."""
    made = new_tenant()
    assert made("PUT", "/templates/city", json=CITY).status_code == 200
    return made


@pytest.fixture
def job_id(ask: Ask) -> str:
    """A job that waits for its file."""
    return str(ask("POST", "/imports", json={"template": "city", "file_name": "c.csv"}).json()["job_id"])

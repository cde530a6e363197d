"""Fixtures of the pipeline tests."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from tenants import PERSON, Tenant

from local.embedded_aws import EmbeddedAws


@pytest.fixture
def new_tenant(aws: EmbeddedAws) -> Callable[[], Tenant]:
    """Make tenants that nobody else uses."""
    return lambda: Tenant(aws, f"t{uuid.uuid4().hex[:10]}")


@pytest.fixture
def tenant(new_tenant: Callable[[], Tenant]) -> Iterator[Tenant]:
    """A tenant with the template PERSON."""
    made = new_tenant()
    made.push(PERSON)
    yield made
    made.http.close()

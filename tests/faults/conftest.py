"""Fixtures of the fault tests."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from still_aws import StillAws
from tenants import Tenant


@pytest.fixture(scope="session")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillAws]:
    """An embedded AWS in which nothing happens by itself; small batches, and time for a lost reply to be made good."""
    small = {"BatchRows": "5", "LoadBatchTimeout": "20", "LoadBatchTaskTimeout": "25", "BatchTimeout": "30"}
    with StillAws(small, tmp_path_factory.mktemp("logs")) as still:
        yield still


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind(still: StillAws) -> None:
    """No job of an earlier module waits for DispatchJobs or Sweep, which look at all there are."""
    still.forget_jobs()


@pytest.fixture
def new_tenant(still: StillAws) -> Iterator[Callable[..., Tenant]]:
    """new_tenant(template, ...) -> a tenant that nobody else uses, with these templates."""
    made = []

    def make(*templates: dict) -> Tenant:
        made.append(tenant := Tenant(still.aws, f"t{uuid.uuid4().hex[:10]}"))
        for template in templates:
            tenant.push(template)
        return tenant

    yield make
    for tenant in made:
        tenant.http.close()

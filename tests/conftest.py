"""What all tests share: the embedded AWS of the real template, one per test process; the fast tests run first."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from local.embedded_aws import EmbeddedAws
from longshore.settings import Settings, read_settings

ROOT = Path(__file__).parents[1]

# A deadline per example is a timing assertion: on a busy machine it fails for no reason of ours.
hypothesis.settings.register_profile(
    "longshore", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("longshore")

SMALL = {"WorkerConcurrency": "2", "DeletionProtection": "false"}
"""Parameters for a machine of two cores."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """template.yaml deployed: every table, function and state machine, and the API. Tests keep apart by tenant."""
    with EmbeddedAws(ROOT, SMALL, tmp_path_factory.mktemp("logs"), time_scale=0.1) as aws:
        yield aws


@pytest.fixture(scope="session")
def settings(aws: EmbeddedAws) -> Settings:
    """The settings that template.yaml gives to ValidateUpload."""
    return read_settings(aws.function("ValidateUploadFunction").environment)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name binary contents by their argument: archives hold the time they were made, and xdist compares names."""
    return argname if isinstance(val, bytes) and (len(val) > 40 or not val.isascii()) else None

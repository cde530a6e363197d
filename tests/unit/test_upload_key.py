"""What the key of an upload says."""

import pytest

from longshore.domain.templates.template import RESERVED_NAMES
from longshore.steps.upload_key import Upload, job_upload_key, parse_upload_key, scheduled_prefix


def test_a_dropped_file_names_tenant_and_template() -> None:
    assert parse_upload_key("acme/country/2026/11/a b+ü.csv") == Upload("acme", "country", "", "2026/11/a b+ü.csv")


def test_the_file_of_a_job_names_the_job() -> None:
    key = job_upload_key("acme", "j123", "x.csv")
    assert parse_upload_key(key) == Upload("acme", "", "j123", "x.csv")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a",
        "acme/x.csv",
        "acme/country/",
        "acme//x.csv",
        "/country/x.csv",
        "acme/jobs/j1",
        "acme/jobs/j1/",
        "acme/jobs//x",
        "acme/scheduled/nightly/x.csv",
        "acme/scheduled/x.csv",
    ],
)
def test_any_other_key_is_nobodys(key: str) -> None:
    assert parse_upload_key(key) is None


def test_the_files_of_a_schedule_lie_below_a_name_that_no_template_can_have() -> None:
    assert scheduled_prefix("acme", "nightly/") == "acme/scheduled/nightly/"
    assert "scheduled" in RESERVED_NAMES

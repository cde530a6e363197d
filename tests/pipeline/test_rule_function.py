"""A tenant's rule function judges the rows; where it fails, nothing is lost and nothing is loaded."""

from pathlib import Path
from typing import Any

import pytest
from tenants import PERSON, Tenant, as_csv, people

from local.embedded_aws import EmbeddedAws

JUDGING = """
def lambda_handler(event, context):
    assert event["version"] == 1
    return {"errors": [
        {"row": row["row"], "field": "age", "message": f"{row['data']['name']} is too young for {event['tenant']}"}
        for row in event["rows"] if row["data"]["age"] < 18
    ]}
"""
CRASHING = """
import os

def lambda_handler(event, context):
    os._exit(3)
"""
RAISING = """
def lambda_handler(event, context):
    return {}["no such thing"]
"""
HANGING = """
import threading

def lambda_handler(event, context):
    threading.Event().wait()
"""


class Ruled:
    """A tenant whose template has a rule function, and the code of that function."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self.tenant = tenant
        self.folder = folder
        self.function = f"longshore-rule-{tenant.name}-age"
        self.rule: dict[str, Any] = {"function": self.function, "timeout_seconds": 5}

    def deploy(self, code: str, timeout: float = 60) -> None:
        """Make the function, or give it other code."""
        (self.folder / "app.py").write_text(code)
        try:
            self.tenant.aws.reconfigure(self.function, timeout=timeout)
        except StopIteration:
            self.tenant.aws.add_function(self.function, self.folder, timeout)

    def imported(self, count: int = 30) -> dict[str, Any]:
        """Store the template, import some people, and return the job at its end."""
        self.tenant.push({**PERSON, "max_rejected_percent": 100, "rule_function": self.rule})
        return self.tenant.ended(self.tenant.drop("person", as_csv(people(count))))


@pytest.fixture
def ruled(tenant: Tenant, tmp_path: Path) -> Ruled:
    return Ruled(tenant, tmp_path)


def failure(job: dict[str, Any]) -> str:
    """Return why the job failed, without loading or losing anything."""
    assert (job["status"], job["reason"]["code"]) == ("FAILED", "RULE_FUNCTION_FAILED"), job["reason"]
    assert job["counts"]["loaded"] == 0
    message = job["reason"]["message"]
    assert "\n" not in message
    assert message.endswith("; nothing was loaded: correct it, then run longshore retry JOB")
    return str(message)


def test_its_rows_are_rejected_with_its_words(ruled: Ruled) -> None:
    ruled.deploy(JUDGING)
    job = ruled.imported(1200)
    young = [n for n in range(1, 1201) if n % 90 < 18]
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED_WITH_ERRORS", 1200 - len(young)), job["reason"]
    errors = ruled.tenant.errors(job["job_id"])
    assert [error["row"] for error in errors] == young
    first = errors[0]
    assert (first["code"], first["field"], first["column"]) == ("RULE_FUNCTION", "age", 3)
    assert first["message"] == f"{ruled.function}: Person Ñ1 is too young for {ruled.tenant.name}"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (CRASHING, "failed with Runtime.ExitError"),
        (RAISING, "failed with KeyError: 'no such thing'"),
        ("def lambda_handler(event, context):\n    return 'fine'\n", "did not answer {"),
    ],
)
def test_its_failure_is_told_and_a_retry_reads_the_file_again(ruled: Ruled, code: str, told: str) -> None:
    ruled.deploy(code)
    failed = ruled.imported()
    assert f"the rule function {ruled.function} {told}" in failure(failed)
    ruled.deploy(JUDGING)
    assert ruled.tenant.call("POST", f"/imports/{failed['job_id']}/retry").ok
    job = ruled.tenant.ended(failed["job_id"])
    assert (job["status"], job["counts"]["created"], job["counts"]["rejected"]) == ("COMPLETED_WITH_ERRORS", 13, 17)


def test_one_that_does_not_answer_in_time_is_not_waited_for(ruled: Ruled) -> None:
    ruled.deploy(HANGING, timeout=3)
    ruled.rule["timeout_seconds"] = 1
    assert "did not answer within 1 s" in failure(ruled.imported())


def test_one_that_is_not_there_is_named(ruled: Ruled) -> None:
    assert f"the rule function {ruled.function} does not exist" in failure(ruled.imported())


def test_another_tenants_function_is_not_even_stored(ruled: Ruled) -> None:
    ruled.deploy(JUDGING)
    other = f"longshore-rule-{ruled.tenant.name}-eu-age"
    answer = ruled.tenant.call("PUT", "/templates/person", json={**PERSON, "rule_function": {"function": other}})
    assert answer.status_code == 400
    assert f"must be called longshore-rule-{ruled.tenant.name}-NAME" in answer.text


def test_another_tenants_function_is_not_called_however_its_name_got_there(
    ruled: Ruled, aws: EmbeddedAws, new_tenant: Any
) -> None:
    ruled.deploy(CRASHING)
    ruled.imported(1)
    catalog, thief = aws.outputs["CatalogTable"], new_tenant()
    items = aws.client("dynamodb").scan(TableName=catalog)["Items"]
    for item in items:
        if item["pk"]["S"].startswith(f"{ruled.tenant.name}#template"):
            stolen = {**item, "pk": {"S": item["pk"]["S"].replace(ruled.tenant.name, thief.name, 1)}}
            aws.client("dynamodb").put_item(TableName=catalog, Item=stolen)
    job = thief.ended(thief.drop("person", as_csv(people(1))))
    assert (job["status"], job["reason"]["code"]) == ("REJECTED", "RULE_FUNCTION_NOT_YOURS"), job["reason"]
    thief.http.close()

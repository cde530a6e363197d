"""EventBridge Scheduler: what AWS would not take is refused."""

import boto3
import pytest
from botocore.exceptions import ClientError

TARGET = {"Arn": "arn:aws:lambda:us-east-2:123456789012:function:f", "RoleArn": "arn:aws:iam::123456789012:role/r"}

NAME = "refused-or-not"
"""No name of template.yaml's: an embedded AWS of this process may have schedules in the same region."""


@pytest.fixture
def scheduler(url):
    return boto3.client(
        "scheduler",
        endpoint_url=url,
        region_name="us-east-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def entry(expression: str, zone: str) -> dict:
    window = {"Mode": "OFF"}
    return {
        "Name": NAME,
        "ScheduleExpression": expression,
        "ScheduleExpressionTimezone": zone,
        "FlexibleTimeWindow": window,
        "Target": TARGET,
    }


@pytest.mark.parametrize(
    ("expression", "zone", "told"),
    [
        ("cron(61 * * * ? *)", "UTC", "Invalid Schedule Expression"),
        ("daily", "UTC", "Invalid Schedule Expression"),
        ("rate(1 hour)", "Mars/Olympus", "ScheduleExpressionTimezone"),
    ],
)
def test_an_expression_or_zone_that_is_none_is_refused(scheduler, expression: str, zone: str, told: str) -> None:
    with pytest.raises(ClientError, match=told) as refused:
        scheduler.create_schedule(**entry(expression, zone))
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert scheduler.list_schedules(NamePrefix=NAME)["Schedules"] == []
    scheduler.create_schedule(**entry("rate(1 hour)", "Europe/Berlin"))
    with pytest.raises(ClientError, match=told):
        scheduler.update_schedule(**entry(expression, zone))
    assert scheduler.get_schedule(Name=NAME)["ScheduleExpression"] == "rate(1 hour)"
    scheduler.delete_schedule(Name=NAME)

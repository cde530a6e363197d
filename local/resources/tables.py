"""AWS::DynamoDB: tables."""

from typing import Any

from botocore.exceptions import ClientError

from local.resources.creator import NO_TAGS, Creator, Environment, Properties

SENT_AS_WRITTEN = (
    "AttributeDefinitions",
    "KeySchema",
    "LocalSecondaryIndexes",
    "BillingMode",
    "ProvisionedThroughput",
    "OnDemandThroughput",
    "WarmThroughput",
    "DeletionProtectionEnabled",
    "TableClass",
)


def table(environment: Environment, properties: Properties) -> dict[str, str]:
    """A table with its indexes, expiry, backups and protection."""
    name = environment.name(properties, "TableName", 255)
    request: dict[str, Any] = properties.given(*SENT_AS_WRITTEN)
    if indexes := properties.get("GlobalSecondaryIndexes"):
        request["GlobalSecondaryIndexes"] = [
            {key: value for key, value in index.items() if key != "ContributorInsightsSpecification"}
            for index in indexes
        ]
    if encryption := properties.get("SSESpecification"):
        request["SSESpecification"] = {
            "Enabled": encryption["SSEEnabled"],
            **{key: value for key, value in encryption.items() if key != "SSEEnabled"},
        }
    if stream := properties.get("StreamSpecification"):
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream["StreamViewType"]}
    made = environment.call("dynamodb", "create_table", TableName=name, **request)["TableDescription"]
    if expiry := properties.get("TimeToLiveSpecification"):
        environment.call("dynamodb", "update_time_to_live", TableName=name, TimeToLiveSpecification=expiry)
    if backups := properties.get("PointInTimeRecoverySpecification"):
        keep_backups(environment, name, backups)
    return {"Ref": name, "Arn": made["TableArn"], "StreamArn": made.get("LatestStreamArn", "")}


def keep_backups(environment: Environment, name: str, backups: dict[str, Any]) -> None:
    """Switch point-in-time recovery on; DynamoDB Local, a possible second engine, does not have it."""
    try:
        environment.call(
            "dynamodb", "update_continuous_backups", TableName=name, PointInTimeRecoverySpecification=backups
        )
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "UnknownOperationException":
            raise


CREATORS = {
    "AWS::DynamoDB::Table": Creator(
        table, {**NO_TAGS, "ContributorInsightsSpecification": "a view of an account's metrics; there are none here"}
    ),
}

"""AWS::S3: buckets and their policies. CloudFormation spells many settings otherwise than the S3 API."""

from typing import Any

from local.resources.creator import NO_TAGS, Creator, Environment, Properties


def bucket(environment: Environment, properties: Properties) -> dict[str, str]:
    """A bucket with versions, encryption, lifecycle, access settings and notifications."""
    name = environment.name(properties, "BucketName", 63).lower()
    region = {"LocationConstraint": environment.region}
    environment.call("s3", "create_bucket", Bucket=name, CreateBucketConfiguration=region)
    for property_name, (operation, argument) in SENT_AS_WRITTEN.items():
        if value := properties.get(property_name):
            environment.call("s3", operation, Bucket=name, **{argument: value})
    if encryption := properties.get("BucketEncryption"):
        rules = [encryption_rule(rule) for rule in encryption["ServerSideEncryptionConfiguration"]]
        configuration: dict[str, Any] = {"Rules": rules}
        environment.call("s3", "put_bucket_encryption", Bucket=name, ServerSideEncryptionConfiguration=configuration)
    if lifecycle := properties.get("LifecycleConfiguration"):
        configuration = {"Rules": [lifecycle_rule(rule) for rule in lifecycle["Rules"]]}
        environment.call("s3", "put_bucket_lifecycle_configuration", Bucket=name, LifecycleConfiguration=configuration)
    if cors := properties.get("CorsConfiguration"):
        configuration = {"CORSRules": [renamed(rule, CORS_NAMES) for rule in cors["CorsRules"]]}
        environment.call("s3", "put_bucket_cors", Bucket=name, CORSConfiguration=configuration)
    if notifications := properties.get("NotificationConfiguration"):
        # Once the functions and queues exist: S3 refuses targets that do not.
        environment.when_all_exist.append(lambda: notify(environment, name, notifications))
    return {
        "Ref": name,
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{environment.region}.amazonaws.com",
    }


def encryption_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """One rule of BucketEncryption as the API spells it."""
    return renamed(rule, {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"})


def lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """One lifecycle rule as the API spells it."""
    sent = dict(rule)
    made: dict[str, Any] = {"ID": sent.pop("Id", "rule"), "Status": sent.pop("Status")}
    made["Filter"] = lifecycle_filter(sent.pop("Prefix", ""), sent.pop("TagFilters", []))
    expiration = {
        api_name: sent.pop(name)
        for name, api_name in (
            ("ExpirationInDays", "Days"),
            ("ExpirationDate", "Date"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if name in sent
    }
    if expiration:
        made["Expiration"] = expiration
    if days := sent.pop("NoncurrentVersionExpirationInDays", None):
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
    if transitions := sent.pop("Transitions", None):
        made["Transitions"] = [renamed(t, {"TransitionInDays": "Days", "TransitionDate": "Date"}) for t in transitions]
    # The rest is spelt alike; boto3 refuses what is not.
    return made | sent


def lifecycle_filter(prefix: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    """The objects that a lifecycle rule is about."""
    if not tags:
        return {"Prefix": prefix}
    return {"And": {"Prefix": prefix, "Tags": tags}}


CORS_NAMES = {"Id": "ID", "ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}

SENT_AS_WRITTEN = {
    "VersioningConfiguration": ("put_bucket_versioning", "VersioningConfiguration"),
    "PublicAccessBlockConfiguration": ("put_public_access_block", "PublicAccessBlockConfiguration"),
    "OwnershipControls": ("put_bucket_ownership_controls", "OwnershipControls"),
}

NOTIFICATIONS = (
    ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
    ("QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"),
    ("TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"),
)


def renamed(value: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The same mapping with some of its keys renamed."""
    return {names.get(key, key): item for key, item in value.items()}


def notify(environment: Environment, name: str, notifications: dict[str, Any]) -> None:
    """Connect a bucket to EventBridge, functions, queues and topics."""
    configuration: dict[str, Any] = {}
    if notifications.get("EventBridgeConfiguration"):
        configuration["EventBridgeConfiguration"] = {}
    for section, api_section, target, api_target in NOTIFICATIONS:
        for entry in notifications.get(section, []):
            made = {api_target: entry[target], "Events": [entry["Event"]]}
            if "Filter" in entry:
                made["Filter"] = {"Key": {"FilterRules": entry["Filter"]["S3Key"]["Rules"]}}
            configuration.setdefault(api_section, []).append(made)
    environment.call(
        "s3", "put_bucket_notification_configuration", Bucket=name, NotificationConfiguration=configuration
    )


def bucket_policy(environment: Environment, properties: Properties) -> dict[str, str]:
    """The policy of a bucket, but for its statements under a condition.

    moto takes a statement for unconditional: with "deny whatever did not come over TLS" it would deny everything.
    """
    name, document = properties.require("Bucket"), properties.require("PolicyDocument")
    unconditional = [statement for statement in document["Statement"] if "Condition" not in statement]
    if unconditional:
        environment.call("s3", "put_bucket_policy", Bucket=name, Policy={**document, "Statement": unconditional})
    return {"Ref": name}


CREATORS = {
    "AWS::S3::Bucket": Creator(
        bucket,
        {
            **NO_TAGS,
            "LoggingConfiguration": "access logs are written by S3 itself, hours later",
            "MetricsConfigurations": "metrics of an account",
            "AccessControl": "superseded by OwnershipControls",
        },
    ),
    "AWS::S3::BucketPolicy": Creator(bucket_policy),
}

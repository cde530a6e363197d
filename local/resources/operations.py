"""What an operator works with: logs, alarms, keys, parameters and secrets."""

import secrets
import string

from local.resources.creator import NO_TAGS, Creator, Environment, Properties


def log_group(environment: Environment, properties: Properties) -> dict[str, str]:
    """A log group with its retention; functions log to files here, see LambdaService."""
    name = environment.name(properties, "LogGroupName", 512)
    environment.call("logs", "create_log_group", logGroupName=name)
    if days := properties.get("RetentionInDays"):
        environment.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=days)
    return {"Ref": name, "Arn": environment.arn("logs", f"log-group:{name}:*")}


def alarm(environment: Environment, properties: Properties) -> dict[str, str]:
    """An alarm; it never rings, as no service here measures itself."""
    name = environment.name(properties, "AlarmName", 255)
    given = {key: properties.get(key) for key in list(properties.values) if key not in ("AlarmName", "Tags")}
    environment.call("cloudwatch", "put_metric_alarm", AlarmName=name, **given)
    return {"Ref": name, "Arn": environment.arn("cloudwatch", f"alarm:{name}")}


def dashboard(environment: Environment, properties: Properties) -> dict[str, str]:
    """A dashboard, kept as written."""
    name = environment.name(properties, "DashboardName", 255)
    body = properties.require("DashboardBody")
    environment.call("cloudwatch", "put_dashboard", DashboardName=name, DashboardBody=body)
    return {"Ref": name}


def key(environment: Environment, properties: Properties) -> dict[str, str]:
    """A key."""
    optional = properties.given("Description", "KeyUsage", "KeySpec", "MultiRegion")
    if policy := properties.get("KeyPolicy"):
        optional["Policy"] = policy
    made = environment.call("kms", "create_key", **optional)["KeyMetadata"]
    if properties.get("EnableKeyRotation"):
        environment.call("kms", "enable_key_rotation", KeyId=made["KeyId"])
    return {"Ref": made["KeyId"], "KeyId": made["KeyId"], "Arn": made["Arn"]}


def key_alias(environment: Environment, properties: Properties) -> dict[str, str]:
    """A name for a key."""
    name = properties.require("AliasName")
    environment.call("kms", "create_alias", AliasName=name, TargetKeyId=properties.require("TargetKeyId"))
    return {"Ref": name}


def parameter(environment: Environment, properties: Properties) -> dict[str, str]:
    """A parameter of Systems Manager."""
    name = environment.name(properties, "Name", 1000)
    value = properties.require("Value")
    given = properties.given("Type", "Description", "Tier", "AllowedPattern")
    environment.call("ssm", "put_parameter", Name=name, Value=value, **given)
    return {"Ref": name, "Value": value, "Type": given.get("Type", "String")}


def secret(environment: Environment, properties: Properties) -> dict[str, str]:
    """A secret: as written, or a random one of 32 letters and digits where the template asks for a generated one."""
    name = environment.name(properties, "Name", 512)
    generated = properties.get("GenerateSecretString")
    value = properties.get("SecretString")
    if value is None and generated is not None:
        length = int(generated.get("PasswordLength", 32))
        value = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))
    optional = properties.given("Description", "KmsKeyId") | ({} if value is None else {"SecretString": value})
    arn = environment.call("secretsmanager", "create_secret", Name=name, **optional)["ARN"]
    return {"Ref": arn, "Id": arn}


CREATORS = {
    "AWS::Logs::LogGroup": Creator(
        log_group, {**NO_TAGS, "KmsKeyId": "nothing is written to it here", "LogGroupClass": "a price, not a behaviour"}
    ),
    "AWS::CloudWatch::Alarm": Creator(alarm, NO_TAGS),
    "AWS::CloudWatch::Dashboard": Creator(dashboard),
    "AWS::KMS::Key": Creator(key, {**NO_TAGS, "PendingWindowInDays": "only counts when the stack is removed"}),
    "AWS::KMS::Alias": Creator(key_alias),
    "AWS::SSM::Parameter": Creator(parameter, NO_TAGS),
    "AWS::SecretsManager::Secret": Creator(secret, NO_TAGS),
}

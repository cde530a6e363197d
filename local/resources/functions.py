"""AWS::Lambda: functions, layers, versions and aliases, and who may call them."""

import dataclasses
import io
import zipfile
from typing import Any

from local.function_configuration import FunctionConfiguration
from local.resources.creator import NO_TAGS, Creator, Environment, Properties


def stand_in() -> dict[str, bytes]:
    """A tiny archive for moto, which wants one; the code that runs is the folder that CodeUri names."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("app.py", "")
    return {"ZipFile": archive.getvalue()}


def function(environment: Environment, properties: Properties) -> dict[str, str]:
    """A function: made known to moto (whose API answers for it) and to the local Lambda service (which runs it)."""
    name = environment.name(properties, "FunctionName")
    layers = properties.get("Layers", [])
    variables = {key: str(value) for key, value in properties.get("Environment", {}).get("Variables", {}).items()}
    request: dict[str, Any] = {
        "FunctionName": name,
        "Role": properties.require("Role"),
        "Handler": properties.require("Handler"),
        "Runtime": properties.require("Runtime"),
        "Timeout": int(properties.get("Timeout", 3)),
        "MemorySize": int(properties.get("MemorySize", 128)),
        "Environment": {"Variables": variables},
        "Layers": layers,
        **properties.given("Description", "TracingConfig", "Architectures", "EphemeralStorage", "LoggingConfig"),
        **properties.given("KmsKeyArn", "DeadLetterConfig"),
    }
    arn = environment.call("lambda", "create_function", Code=stand_in(), **request)["FunctionArn"]
    reserved = properties.get("ReservedConcurrentExecutions")
    if reserved is not None:
        environment.call("lambda", "put_function_concurrency", FunctionName=name, ReservedConcurrentExecutions=reserved)
    configuration = FunctionConfiguration(
        name=name,
        logical_id=properties.logical_id,
        arn=arn,
        role=request["Role"],
        handler=request["Handler"],
        code=environment.local_path(properties.require("Code"), "S3Key"),
        layers=tuple(environment.layers[layer] for layer in layers),
        environment=variables,
        timeout=request["Timeout"],
        memory=request["MemorySize"],
        runtime=request["Runtime"],
        log_group=request.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}",
        reserved=None if reserved is None else int(reserved),
        dead_letter=request.get("DeadLetterConfig", {}).get("TargetArn", ""),
    )
    known(environment, configuration)
    return {"Ref": name, "Arn": arn}


def known(environment: Environment, configuration: FunctionConfiguration) -> None:
    """Make the function, or what changed about it, known to the local Lambda service."""
    environment.functions[configuration.name] = configuration
    environment.register_function(configuration)


def layer_version(environment: Environment, properties: Properties) -> dict[str, str]:
    """A layer: the folder that ContentUri names."""
    arn = environment.call(
        "lambda",
        "publish_layer_version",
        LayerName=environment.name(properties, "LayerName", 140),
        Content=stand_in(),
        **properties.given("Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"),
    )["LayerVersionArn"]
    environment.layers[arn] = environment.local_path(properties.require("Content"), "S3Key")
    return {"Ref": arn, "LayerVersionArn": arn}


def version(environment: Environment, properties: Properties) -> dict[str, str]:
    """A published version; here it runs the same folder as $LATEST."""
    name = properties.require("FunctionName")
    optional = properties.given("Description")
    made = environment.call("lambda", "publish_version", FunctionName=name, **optional)
    return {"Ref": made["FunctionArn"], "Version": made["Version"], "FunctionArn": made["FunctionArn"]}


def alias(environment: Environment, properties: Properties) -> dict[str, str]:
    """A name for a version."""
    made = environment.call(
        "lambda", "create_alias", **properties.given("FunctionName", "FunctionVersion", "Name", "Description")
    )
    return {"Ref": made["AliasArn"], "AliasArn": made["AliasArn"]}


def permission(environment: Environment, properties: Properties) -> dict[str, str]:
    """Who may call a function; kept as written, not enforced."""
    environment.call(
        "lambda",
        "add_permission",
        StatementId=properties.logical_id,
        **properties.given("FunctionName", "Action", "Principal", "SourceArn", "SourceAccount"),
    )
    return {"Ref": properties.logical_id, "Id": properties.logical_id}


def event_invoke_config(environment: Environment, properties: Properties) -> dict[str, str]:
    """Retries, age and destination of asynchronous invocations."""
    name = properties.require("FunctionName").split(":")[-1]
    properties.require("Qualifier")
    limits = properties.given("MaximumRetryAttempts", "MaximumEventAgeInSeconds")
    destinations = properties.get("DestinationConfig", {})
    configured = environment.functions[name]
    known(
        environment,
        dataclasses.replace(
            configured,
            retries=int(limits.get("MaximumRetryAttempts", configured.retries)),
            maximum_event_age=float(limits.get("MaximumEventAgeInSeconds", configured.maximum_event_age)),
            on_failure=destinations.get("OnFailure", {}).get("Destination", ""),
        ),
    )
    return {"Ref": f"{name}-event-invoke-config"}


CREATORS = {
    "AWS::Lambda::Function": Creator(
        function,
        {
            **NO_TAGS,
            "RuntimeManagementConfig": "the runtime is this interpreter",
            "VpcConfig": "there is no network to isolate",
            "SnapStart": "environments start here in a second, without snapshots",
        },
    ),
    "AWS::Lambda::LayerVersion": Creator(layer_version),
    "AWS::Lambda::Version": Creator(version, {"CodeSha256": "the code is a folder that may change while it runs"}),
    "AWS::Lambda::Alias": Creator(alias),
    "AWS::Lambda::Permission": Creator(permission),
    "AWS::Lambda::EventInvokeConfig": Creator(event_invoke_config),
}

"""What every creator of a resource type is given, and how it must account for each property."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.function_configuration import FunctionConfiguration
from local.http_routes import HttpApiDefinition
from local.sam_template import TemplateError

NO_TAGS = {"Tags": "tags serve billing and search in an account; nothing reads them here"}


class Properties:
    """The resolved properties of one resource; remembers which were read, so that none is ignored in silence."""

    def __init__(self, logical_id: str, type_name: str, values: Mapping[str, Any]) -> None:
        self.logical_id = logical_id
        self.type_name = type_name
        self.values = dict(values)
        self.read: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        """The property, or the default."""
        self.read.add(name)
        return self.values.get(name, default)

    def require(self, name: str) -> Any:
        """The property; raises TemplateError if the template does not give it."""
        if name not in self.values:
            raise TemplateError(f"{self.logical_id} ({self.type_name}): the property {name} is missing")
        return self.get(name)

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the named properties that the template gives."""
        return {name: self.get(name) for name in names if name in self.values}

    def refuse_unread(self, without_meaning: Mapping[str, str]) -> None:
        """Raise TemplateError for a property that nobody read and that has a meaning here."""
        for name in self.values:
            if name not in self.read and name not in without_meaning:
                raise TemplateError(
                    f"{self.logical_id} ({self.type_name}): the embedded AWS does not know the property {name}"
                )


@dataclass
class Environment:
    """The embedded AWS as the creators see it.

    client(service): a boto3 client of the embedded AWS. local_paths: see Template. register_function: makes a function
    invocable. apis: HTTP APIs by their id. when_all_exist: calls to make once every resource exists.
    """

    client: Callable[[str], Any]
    stack_name: str
    region: str
    account: str
    api_url: str
    local_paths: Mapping[str, str]
    register_function: Callable[[FunctionConfiguration], None]
    functions: dict[str, FunctionConfiguration] = field(default_factory=dict)
    layers: dict[str, Path] = field(default_factory=dict)
    apis: dict[str, HttpApiDefinition] = field(default_factory=dict)
    when_all_exist: list[Callable[[], None]] = field(default_factory=list)

    def pseudo_parameters(self) -> dict[str, str]:
        """AWS::Region and its like."""
        stack_id = f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.stack_name}/local"
        return {
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::StackName": self.stack_name,
            "AWS::StackId": stack_id,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
        }

    def name(self, properties: Properties, property_name: str, length: int = 64) -> str:
        """The physical name: as the template says, else of stack, logical id and a hash, as in CloudFormation."""
        given = properties.get(property_name)
        if given:
            return str(given)
        logical_id = properties.logical_id
        suffix = hashlib.sha256(f"{self.stack_name}/{logical_id}".encode()).hexdigest()[:8]
        return f"{self.stack_name}-{logical_id}"[: length - 9] + f"-{suffix}"

    def arn(self, service: str, resource: str) -> str:
        """An ARN of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def local_path(self, location: Mapping[str, str], key: str) -> Path:
        """Where the stand-in S3 location of a local path leads."""
        name = location.get(key, "")
        if name not in self.local_paths:
            raise TemplateError(f"{dict(location)}: only local paths can be deployed here")
        return Path(self.local_paths[name])

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation of the embedded AWS, e.g. call("sqs", "create_queue", QueueName=...).

        Values are brought to the types of the API: template parameters are text even where a number is meant, and
        policy documents are objects where the API wants JSON text.
        """
        client = self.client(service)
        api_name = client.meta.method_to_api_mapping[operation]
        shape = client.meta.service_model.operation_model(api_name).input_shape
        typed = conform(parameters, shape) if shape is not None else parameters
        answer: dict[str, Any] = getattr(client, operation)(**typed)
        return answer


@dataclass(frozen=True)
class Creator:
    """How a resource type is created: create(environment, properties) returns its Ref and its attributes.

    without_meaning: properties that have no effect here, each with its reason.
    """

    create: Callable[[Environment, Properties], dict[str, str]]
    without_meaning: Mapping[str, str] = field(default_factory=dict)


def conform(value: Any, shape: Shape) -> Any:
    """The value in the types that the API's model asks for; names that the model lacks stay for boto3 to refuse."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = shape.members
        return {k: conform(v, members[k]) if k in members else v for k, v in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [conform(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {k: conform(v, shape.value) for k, v in value.items()}
    if shape.type_name in ("integer", "long") and isinstance(value, str | float):
        return int(value)
    if shape.type_name in ("float", "double") and isinstance(value, str | int):
        return float(value)
    if shape.type_name == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    if shape.type_name == "string" and not isinstance(value, str):
        return json.dumps(value)
    return value


def camel(value: Any) -> Any:
    """The same structure with keys as APIs in lowerCamelCase spell them."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value

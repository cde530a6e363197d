"""AWS::StepFunctions: state machines."""

import json
import re
from collections.abc import Mapping
from typing import Any

from local.resources.creator import NO_TAGS, Creator, Environment, Properties, camel
from local.sam_template import TemplateError


def state_machine(environment: Environment, properties: Properties) -> dict[str, str]:
    """A state machine; its text is substituted before it is parsed, so a number may come from a parameter."""
    name = environment.name(properties, "StateMachineName", 80)
    optional = {
        "type": properties.get("StateMachineType"),
        "loggingConfiguration": camel(properties.get("LoggingConfiguration")),
        "tracingConfiguration": camel(properties.get("TracingConfiguration")),
    }
    arn = environment.call(
        "stepfunctions",
        "create_state_machine",
        name=name,
        definition=definition(environment, properties),
        roleArn=properties.require("RoleArn"),
        **{key: value for key, value in optional.items() if value is not None},
    )["stateMachineArn"]
    return {"Ref": arn, "Arn": arn, "Name": name}


def definition(environment: Environment, properties: Properties) -> str:
    """The text of the state machine with its substitutions made."""
    location, inline = properties.get("DefinitionS3Location"), properties.get("Definition")
    if location:
        text = environment.local_path(location, "Key").read_text(encoding="utf-8")
    else:
        text = json.dumps(inline) if inline else properties.require("DefinitionString")
    return substituted(text, properties.get("DefinitionSubstitutions", {}), properties.logical_id)


def substituted(text: str, substitutions: Mapping[str, Any], logical_id: str) -> str:
    """Replace every `${name}`; raises TemplateError for a name without a value and for text that is then not JSON."""

    def replacement(match: re.Match[str]) -> str:
        if match[1] not in substitutions:
            raise TemplateError(f"{logical_id}: DefinitionSubstitutions has no value for ${{{match[1]}}}")
        return str(substitutions[match[1]])

    made = re.sub(r"\$\{([A-Za-z0-9_]+)\}", replacement, text)
    try:
        json.loads(made)
    except ValueError as broken:
        raise TemplateError(f"{logical_id}: its definition is not JSON: {broken}") from broken
    return made


CREATORS = {"AWS::StepFunctions::StateMachine": Creator(state_machine, NO_TAGS)}

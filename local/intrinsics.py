"""Resolves CloudFormation's intrinsic functions, each when its value is needed.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from local.sam_template import Template, TemplateError

NO_VALUE = object()
"""What `AWS::NoValue` resolves to: the property or list entry that holds it is left out."""

Attributes = Callable[[str], Mapping[str, str]]
"""attributes(logical_id) -> {"Ref": ..., "Arn": ..., ...}, creating the resource first if need be."""


class Resolver:
    """Values of a template under given parameters; resources are created as soon as something refers to them."""

    def __init__(
        self, template: Template, parameters: Mapping[str, Any], pseudo: Mapping[str, str], attributes: Attributes
    ) -> None:
        self.template = template
        self.names: dict[str, Any] = {**pseudo, **parameters, "AWS::NoValue": NO_VALUE}
        self.attributes = attributes

    def resolve(self, value: Any) -> Any:
        """The value with every intrinsic function in it replaced; raises TemplateError for what cannot be resolved."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            # An IAM statement may consist of a Condition alone; there it is an object and no function.
            if name in FUNCTIONS and not (name == "Condition" and isinstance(argument, dict)):
                return FUNCTIONS[name](self, argument)
            if name.startswith("Fn::"):
                raise TemplateError(f"{name} is not known to the embedded AWS")
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def condition(self, name: str) -> bool:
        """Whether the named condition holds; raises TemplateError for a name that the template does not define."""
        if name not in self.template.conditions:
            raise TemplateError(f"the condition {name} is not defined")
        return bool(self.resolve(self.template.conditions[name]))

    def applies(self, element: Mapping[str, Any]) -> bool:
        """Whether a resource or an output exists: it has no condition, or its condition holds."""
        return "Condition" not in element or self.condition(element["Condition"])

    def ref(self, name: str) -> Any:
        """Ref: a parameter, a pseudo parameter or a resource."""
        return self.names[name] if name in self.names else self.attributes(name)["Ref"]

    def attribute(self, argument: str | list[Any]) -> str:
        """Fn::GetAtt in both its notations."""
        logical_id, name = argument.split(".", 1) if isinstance(argument, str) else argument
        known = self.attributes(logical_id)
        name = self.resolve(name)
        if name not in known:
            raise TemplateError(f"{logical_id} has no attribute {name} here, only {', '.join(sorted(known))}")
        return known[name]

    def substitute(self, argument: str | list[Any]) -> str:
        """Fn::Sub, with or without a map of its own names; `${!x}` stands for a literal `${x}`."""
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def replacement(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                return str(own[name])
            return str(self.attribute(name) if "." in name else self.ref(name))

        return re.sub(r"\$\{([^}]*)\}", replacement, text)

    def choose(self, argument: list[Any]) -> Any:
        """Fn::If: only the branch that is taken is resolved."""
        name, when_true, when_false = argument
        return self.resolve(when_true if self.condition(name) else when_false)

    def find_in_map(self, argument: list[Any]) -> Any:
        """Fn::FindInMap."""
        name, first, second = self.resolve(argument)
        try:
            return self.template.mappings[name][first][second]
        except KeyError as missing:
            raise TemplateError(f"Fn::FindInMap: {name}.{first}.{second} is not in Mappings") from missing


def equals(resolver: Resolver, argument: list[Any]) -> bool:
    """Fn::Equals; parameters are text, so numbers and text are compared as text."""
    left, right = resolver.resolve(argument)
    return str(left) == str(right)


FUNCTIONS: dict[str, Callable[[Resolver, Any], Any]] = {
    "Ref": Resolver.ref,
    "Condition": Resolver.condition,
    "Fn::GetAtt": Resolver.attribute,
    "Fn::Sub": Resolver.substitute,
    "Fn::If": Resolver.choose,
    "Fn::FindInMap": Resolver.find_in_map,
    "Fn::Equals": equals,
    "Fn::Not": lambda r, a: not r.resolve(a[0]),
    "Fn::And": lambda r, a: all(r.resolve(item) for item in a),
    "Fn::Or": lambda r, a: any(r.resolve(item) for item in a),
    "Fn::Join": lambda r, a: r.resolve(a[0]).join(str(item) for item in r.resolve(a[1])),
    "Fn::Split": lambda r, a: r.resolve(a[1]).split(r.resolve(a[0])),
    "Fn::Select": lambda r, a: r.resolve(a[1])[int(r.resolve(a[0]))],
    "Fn::Base64": lambda r, a: base64.b64encode(r.resolve(a).encode()).decode(),
    "Fn::ToJsonString": lambda r, a: json.dumps(r.resolve(a)),
}

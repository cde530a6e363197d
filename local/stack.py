"""Creates the resources of a template, each before the first that refers to it."""

from collections.abc import Collection, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.intrinsics import Resolver
from local.parameters import parameter_values
from local.resources import CREATORS
from local.resources.creator import Environment, Properties
from local.sam_template import Template, TemplateError


class NotCreated(Exception):
    """The resource is not among the types that this stack was asked to create."""


class Stack:
    """A template deployed into the embedded AWS.

    types: the CloudFormation types to create; None for all. Outputs that refer to others are left out.
    """

    def __init__(
        self,
        template: Template,
        environment: Environment,
        overrides: Mapping[str, str],
        types: Collection[str] | None = None,
    ) -> None:
        self.template = template
        self.environment = environment
        self.types = types
        self.attributes: dict[str, dict[str, str]] = {}
        self.being_created: list[str] = []
        self.parameters = parameter_values(template.parameters, overrides)
        self.resolver = Resolver(template, self.parameters, environment.pseudo_parameters(), self.ensure)

    def create(self) -> dict[str, str]:
        """Create every resource whose condition holds, and return the outputs.

        Raises TemplateError, naming the logical id, for a type or a property that the embedded AWS does not know, for a
        circular reference, and for what the service itself refuses.
        """
        for logical_id, resource in self.template.resources.items():
            if self.in_scope(resource) and self.resolver.applies(resource):
                self.ensure(logical_id)
        for finish in self.environment.when_all_exist:
            finish()
        return self.outputs()

    def outputs(self) -> dict[str, str]:
        """The outputs whose condition holds and whose resources exist."""
        values = {}
        for name, output in self.template.outputs.items():
            if self.resolver.applies(output):
                try:
                    values[name] = str(self.resolver.resolve(output["Value"]))
                except NotCreated:
                    continue
        return values

    def in_scope(self, resource: Mapping[str, Any]) -> bool:
        """Whether resources of this type are to be created."""
        return self.types is None or resource["Type"] in self.types

    def ensure(self, logical_id: str) -> dict[str, str]:
        """Create the resource unless it exists; return its Ref and attributes."""
        if logical_id in self.attributes:
            return self.attributes[logical_id]
        resource = self.template.resources.get(logical_id)
        if resource is None:
            raise TemplateError(f"{logical_id} is neither a parameter nor a resource of the template")
        if not self.in_scope(resource):
            raise NotCreated(logical_id)
        if logical_id in self.being_created:
            chain = " -> ".join([*self.being_created, logical_id])
            raise TemplateError(f"the resources refer to each other in a circle: {chain}")
        self.being_created.append(logical_id)
        try:
            self.attributes[logical_id] = self.created(logical_id, resource)
        finally:
            self.being_created.pop()
        return self.attributes[logical_id]

    def created(self, logical_id: str, resource: Mapping[str, Any]) -> dict[str, str]:
        """Create one resource, what it depends on first."""
        depends_on = resource.get("DependsOn", [])
        for other in [depends_on] if isinstance(depends_on, str) else depends_on:
            self.ensure(other)
        type_name = resource["Type"]
        if type_name not in CREATORS:
            raise TemplateError(f"{logical_id}: the embedded AWS does not know the type {type_name}")
        creator = CREATORS[type_name]
        properties = Properties(logical_id, type_name, self.resolver.resolve(resource.get("Properties", {})))
        try:
            attributes = creator.create(self.environment, properties)
        except (BotoCoreError, ClientError) as refused:
            raise TemplateError(f"{logical_id} ({type_name}): {' '.join(str(refused).split())}") from refused
        properties.refuse_unread(creator.without_meaning)
        return attributes

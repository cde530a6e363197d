"""What an HTTP API routes where: read from the OpenAPI document that the SAM translator makes of the template."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.sam_template import TemplateError

METHODS = ("get", "post", "put", "delete", "patch", "head", "options", "x-amazon-apigateway-any-method")


@dataclass(frozen=True)
class JwtAuthorizer:
    """Whose tokens a route accepts: one issuer, any of the audiences."""

    issuer: str
    audiences: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """`METHOD /path/{parameter}` to a function; `method` ANY and the path `$default` match whatever else does not."""

    method: str
    path: str
    function_name: str
    authorizer: JwtAuthorizer | None = None
    scopes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The route key of the event, e.g. `GET /imports/{job_id}`."""
        return self.path if self.path == "$default" else f"{self.method} {self.path}"

    def path_parameters(self, path: str) -> dict[str, str] | None:
        """The parameters in a (percent-decoded) path, or None if the path is not this route's."""
        if self.path == "$default":
            return {}
        matched = re.fullmatch(path_pattern(self.path), path)
        return matched.groupdict() if matched else None


@dataclass
class HttpApiDefinition:
    """The routes of one HTTP API and its CORS settings (allowOrigins, allowMethods, …), None without any."""

    routes: list[Route] = field(default_factory=list)
    cors: Mapping[str, Any] | None = None

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The most specific route of a request, and its path parameters.

        Order as API Gateway has it: a full match before a greedy `{name+}`, an exact method before ANY, $default last.
        Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
        """
        matches = []
        for route in self.routes:
            parameters = route.path_parameters(path)
            if parameters is not None and route.method in (method, "ANY"):
                rank = (route.path == "$default", "+}" in route.path, route.path.count("{"), route.method == "ANY")
                matches.append((rank, route, parameters))
        if not matches:
            return None
        _, route, parameters = min(matches, key=lambda found: found[0])
        return route, parameters


def path_pattern(path: str) -> str:
    """A regular expression for a route's path; `{name}` is one segment, `{name+}` the rest."""
    parts = re.split(r"\{(\w+)(\+?)\}", path)
    pattern = re.escape(parts[0])
    for name, greedy, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>{'.+' if greedy else '[^/]+'})" + re.escape(literal)
    return pattern


def read_definition(body: Mapping[str, Any], cors: Mapping[str, Any] | None) -> HttpApiDefinition:
    """The API of a (resolved) OpenAPI document; raises TemplateError for what is no Lambda proxy or JWT authorizer."""
    schemes = body.get("components", {}).get("securitySchemes", {})
    authorizers = {name: read_authorizer(name, scheme) for name, scheme in schemes.items()}
    definition = HttpApiDefinition(cors=body.get("x-amazon-apigateway-cors", cors))
    for path, operations in body.get("paths", {}).items():
        for method, operation in operations.items():
            if method in METHODS and "x-amazon-apigateway-integration" in operation:
                definition.routes.append(read_route(method, path, operation, authorizers))
    return definition


def read_authorizer(name: str, scheme: Mapping[str, Any]) -> JwtAuthorizer:
    """A security scheme of the OpenAPI document."""
    settings = scheme.get("x-amazon-apigateway-authorizer", {})
    if "jwtConfiguration" not in settings:
        raise TemplateError(f"the authorizer {name} is no JWT authorizer; the embedded AWS knows no other kind")
    configuration = settings["jwtConfiguration"]
    return JwtAuthorizer(configuration["issuer"], tuple(configuration.get("audience", [])))


def read_route(method: str, path: str, operation: Mapping[str, Any], authorizers: Mapping[str, JwtAuthorizer]) -> Route:
    """One operation of the OpenAPI document."""
    integration = operation["x-amazon-apigateway-integration"]
    function = re.search(r"function:([^/:]+)", str(integration.get("uri", "")))
    if function is None or integration.get("payloadFormatVersion") != "2.0":
        raise TemplateError(f"{method.upper()} {path}: only Lambda integrations of payload format 2.0 are known here")
    security: Sequence[Mapping[str, Sequence[str]]] = operation.get("security") or []
    name, scopes = next(iter(security[0].items())) if security and security[0] else ("", ())
    verb = "ANY" if method.startswith("x-") else method.upper()
    authorizer = authorizers[name] if name and name != "NONE" else None
    return Route(verb, path, function[1], authorizer, tuple(scopes))

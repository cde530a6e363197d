"""AWS::ApiGatewayV2: HTTP APIs, served by http_api.py."""

from local.http_routes import read_definition
from local.resources.creator import NO_TAGS, Creator, Environment, Properties


def api(environment: Environment, properties: Properties) -> dict[str, str]:
    """An HTTP API; its endpoint is the address of the local front."""
    cors = properties.get("CorsConfiguration")
    spelt = None if cors is None else {name[:1].lower() + name[1:]: value for name, value in cors.items()}
    environment.apis[properties.logical_id] = read_definition(properties.require("Body"), spelt)
    return {"Ref": properties.logical_id, "ApiId": properties.logical_id, "ApiEndpoint": environment.api_url}


def stage(_: Environment, properties: Properties) -> dict[str, str]:
    """The stage of an API; there is one, at the root of the endpoint."""
    properties.given("ApiId")
    return {"Ref": properties.require("StageName")}


CREATORS = {
    "AWS::ApiGatewayV2::Api": Creator(
        api,
        {
            **NO_TAGS,
            "Name": "shown in a console only",
            "Description": "shown in a console only",
            "FailOnWarnings": "there is no import with warnings",
            "ProtocolType": "HTTP is the only one known",
        },
    ),
    "AWS::ApiGatewayV2::Stage": Creator(
        stage,
        {
            **NO_TAGS,
            "AutoDeploy": "the routes are read when the stack starts",
            "AccessLogSettings": "the functions' own logs stand beside it",
            "DefaultRouteSettings": "throttling protects an account that many share",
            "RouteSettings": "throttling protects an account that many share",
        },
    ),
}

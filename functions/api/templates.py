"""Routes of templates."""

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

import incoming
from longshore.bootstrap import services
from longshore.steps import api

router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

Answer = dict[str, object]


@router.get("/templates")
def list_all() -> Answer:
    """List the tenant's templates."""
    return api.list_templates(services(), incoming.caller(router.current_event))


@router.get("/templates/<name>")
def get(name: str) -> Answer:
    """Show a template, the current version or another."""
    event = router.current_event
    return api.get_template(services(), incoming.caller(event), name, incoming.version_asked(event))


@router.put("/templates/<name>")
def put(name: str) -> Answer:
    """Store a version of a template."""
    event = router.current_event
    return api.put_template(services(), incoming.caller(event), name, incoming.json_body(event))

"""Routes of templates."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

import incoming
from longshore.bootstrap import services
from longshore.steps import api, mapping_commands, template_sample

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


@router.get("/templates/<name>/sample")
def sample(name: str) -> Response[bytes]:
    """Give a workbook to be filled in."""
    event = router.current_event
    content = template_sample.sample_workbook(services(), incoming.caller(event), name, incoming.version_asked(event))
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(HTTPStatus.OK, template_sample.CONTENT_TYPE, content, headers)


@router.get("/templates/<name>/mapping")
def get_mapping(name: str) -> Answer:
    """Show what headers of a template's files were confirmed to mean."""
    return mapping_commands.get_mapping(services(), incoming.caller(router.current_event), name)


@router.put("/templates/<name>/mapping")
def put_mapping(name: str) -> Answer:
    """Confirm what some headers mean."""
    event = router.current_event
    return mapping_commands.put_mapping(services(), incoming.caller(event), name, incoming.json_body(event))


@router.delete("/templates/<name>/mapping")
def delete_mapping(name: str) -> Answer:
    """Forget what was confirmed of a header, or of all."""
    event = router.current_event
    return mapping_commands.delete_mapping(services(), incoming.caller(event), name, incoming.query(event, "header"))

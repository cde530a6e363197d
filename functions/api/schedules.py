"""Routes of schedules."""

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

import incoming
from longshore.bootstrap import services
from longshore.steps import schedule_commands

router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

Answer = dict[str, object]


@router.get("/schedules")
def list_all() -> Answer:
    """List the tenant's schedules."""
    return schedule_commands.list_schedules(services(), incoming.caller(router.current_event))


@router.get("/schedules/<name>")
def get(name: str) -> Answer:
    """Show a schedule and its last firings."""
    return schedule_commands.get_schedule(services(), incoming.caller(router.current_event), name)


@router.put("/schedules/<name>")
def put(name: str) -> Answer:
    """Store a schedule."""
    event = router.current_event
    return schedule_commands.put_schedule(services(), incoming.caller(event), name, incoming.json_body(event))


@router.delete("/schedules/<name>")
def delete(name: str) -> Answer:
    """Delete a schedule."""
    return schedule_commands.delete_schedule(services(), incoming.caller(router.current_event), name)

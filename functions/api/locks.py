"""Routes of locks and slots."""

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

import incoming
from longshore.bootstrap import services
from longshore.steps import locks_view

router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

Answer = dict[str, object]


@router.get("/locks")
def list_all() -> Answer:
    """List the locks that runs hold."""
    return locks_view.list_locks(services(), incoming.caller(router.current_event))


@router.get("/locks/conflicts")
def conflicts() -> Answer:
    """Say who waits for whom."""
    event = router.current_event
    return locks_view.list_conflicts(services(), incoming.caller(event), incoming.page_size(event))


@router.get("/slots")
def slots() -> Answer:
    """Show the tenant's slots and who waits for one."""
    event = router.current_event
    return locks_view.list_slots(services(), incoming.caller(event), incoming.page_size(event))

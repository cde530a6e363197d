"""Routes of imports."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

import incoming
from longshore.bootstrap import services
from longshore.steps import api, api_commands, header_answers, report_view

router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

Answer = dict[str, object]


@router.post("/imports")
def create() -> tuple[Answer, int]:
    """Create a job and its upload link."""
    event = router.current_event
    body, key = incoming.json_body(event), event.headers.get("idempotency-key")
    return api.create_import(services(), incoming.caller(event), body, key), HTTPStatus.CREATED


@router.get("/imports")
def list_all() -> Answer:
    """List jobs, newest first."""
    event = router.current_event
    limit, cursor, status = incoming.page_size(event), incoming.query(event, "cursor"), incoming.query(event, "status")
    return api.list_imports(services(), incoming.caller(event), limit, cursor, status)


@router.get("/imports/<job_id>")
def get(job_id: str) -> Answer:
    """Show a job."""
    return api.get_import(services(), incoming.caller(router.current_event), job_id)


@router.get("/imports/<job_id>/errors")
def errors(job_id: str) -> Answer:
    """List the rows that were rejected."""
    event = router.current_event
    limit, cursor = incoming.page_size(event), incoming.query(event, "cursor")
    return api.import_errors(services(), incoming.caller(event), job_id, limit, cursor)


@router.get("/imports/<job_id>/report")
def report(job_id: str) -> tuple[Answer, int]:
    """Say where a job's rejected rows are to be had as a file; 202 while it is being made."""
    event = router.current_event
    kind = incoming.query(event, "format") or "csv"
    answer = report_view.import_report(services(), incoming.caller(event), job_id, kind)
    return answer, HTTPStatus.OK if answer["status"] == "READY" else HTTPStatus.ACCEPTED


@router.get("/imports/<job_id>/events")
def events(job_id: str) -> Answer:
    """Show a job's history."""
    return api.import_events(services(), incoming.caller(router.current_event), job_id)


@router.post("/imports/<job_id>/cancel")
def cancel(job_id: str) -> Answer:
    """Cancel a job."""
    return api_commands.cancel_import(services(), incoming.caller(router.current_event), job_id)


@router.post("/imports/<job_id>/start")
def start(job_id: str) -> Answer:
    """Start a job that waits for it."""
    return api_commands.start_import(services(), incoming.caller(router.current_event), job_id)


@router.post("/imports/<job_id>/answers")
def answer(job_id: str) -> Answer:
    """Answer questions about a job's columns."""
    event = router.current_event
    return header_answers.answer_questions(services(), incoming.caller(event), job_id, incoming.json_body(event))


@router.post("/imports/<job_id>/retry")
def retry(job_id: str) -> Answer:
    """Run what is left of a job again."""
    return api_commands.retry_import(services(), incoming.caller(router.current_event), job_id)

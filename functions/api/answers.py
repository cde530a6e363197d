"""What goes back: JSON, and for every exception one HTTP status, decided here and nowhere else."""

import json
from http import HTTPStatus

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from longshore.errors import (
    AlreadyExists,
    DataGone,
    IdempotencyMismatch,
    InvalidRequest,
    LongshoreError,
    NotAllowed,
    NotFound,
    Retryable,
    StaleItem,
    TransitionRefused,
)
from longshore.observability import logger


class BodyTooLarge(InvalidRequest):
    """The body of a request is larger than any request of this API can be."""


class UnsupportedMediaType(InvalidRequest):
    """The body of a request is not declared as JSON."""


STATUS_OF: dict[type[Exception], HTTPStatus] = {
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    AlreadyExists: HTTPStatus.CONFLICT,
    TransitionRefused: HTTPStatus.CONFLICT,
    StaleItem: HTTPStatus.CONFLICT,
    DataGone: HTTPStatus.GONE,
    Retryable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The nearest class of an exception counts; one that has none is a defect: 500, without its text."""

RETRY_AFTER_SECONDS = "1"


def as_json(document: object) -> str:
    """Serialise an answer; non-ASCII text stays as it is."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def register(app: APIGatewayHttpResolver) -> None:
    """Make `app` answer every exception of a route with a status and one clear line."""

    @app.not_found
    def no_route(_: NotFoundError) -> Response[str]:
        method, path = app.current_event.http_method, app.current_event.path
        return _problem(HTTPStatus.NOT_FOUND, "NoSuchRoute", f"there is no {method} {path}; docs/http-api.md lists all")

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def failed(error: Exception) -> Response[str]:
        status = next((STATUS_OF[c] for c in type(error).__mro__ if c in STATUS_OF), HTTPStatus.INTERNAL_SERVER_ERROR)
        if isinstance(error, LongshoreError) and status is not HTTPStatus.INTERNAL_SERVER_ERROR:
            return _problem(status, type(error).__name__, str(error))
        request_id = app.current_event.request_context.request_id
        logger.exception("a request failed unexpectedly", extra={"api_request_id": request_id})
        return _problem(
            status, "InternalError", f"an unexpected error; the log has it under the request id {request_id}"
        )


def _problem(status: HTTPStatus, code: str, message: str) -> Response[str]:
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    body = as_json({"code": code, "message": message})
    return Response(status_code=status, content_type=content_types.APPLICATION_JSON, body=body, headers=headers)

"""What comes in: the caller, the JSON body and the query of a request, each checked before a step sees it."""

import json
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from answers import BodyTooLarge, UnsupportedMediaType
from longshore.bootstrap import services
from longshore.errors import InvalidRequest
from longshore.steps.caller import Caller, caller_from

MAX_BODY_BYTES = 300 * 1024
"""A template is stored as one DynamoDB item of at most 400 KB; no other request comes near."""

PAGE_ROWS, MAX_PAGE_ROWS = 50, 500


def caller(event: APIGatewayProxyEventV2) -> Caller:
    """Return who asks, from the claims that the JWT authorizer verified; raise NotAllowed."""
    authorizer = event.raw_event.get("requestContext", {}).get("authorizer") or {}
    claims: dict[str, Any] = (authorizer.get("jwt") or {}).get("claims") or {}
    settings = services().settings
    return caller_from(claims, settings.tenant_claim, settings.role_claim)


def json_body(event: APIGatewayProxyEventV2) -> object:
    """Return the body's document; raise UnsupportedMediaType, BodyTooLarge, or InvalidRequest with line and column."""
    media_type = event.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {"", "application/json"}:
        raise UnsupportedMediaType(f"the body is declared as {media_type}; send Content-Type: application/json")
    try:
        text = event.decoded_body or ""
    except ValueError:
        raise InvalidRequest("the body is not UTF-8 text; send JSON in UTF-8") from None
    if len(text.encode(errors="surrogatepass")) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"the body is larger than {MAX_BODY_BYTES} bytes; files go to the upload link, not in here")
    return _parsed(text)


def _parsed(text: str) -> object:
    if not text.strip():
        raise InvalidRequest("the body is empty; send a JSON object")
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as fault:
        raise InvalidRequest(
            f"the body is not JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}"
        ) from None
    except RecursionError:
        raise InvalidRequest("the body is nested too deeply") from None


def _refuse_constant(name: str) -> None:
    raise InvalidRequest(f"the body is not JSON: {name} is no JSON value")


def query(event: APIGatewayProxyEventV2, name: str) -> str:
    """Return a parameter of the query string, "" where it is not given."""
    return (event.query_string_parameters or {}).get(name, "")


def page_size(event: APIGatewayProxyEventV2) -> int:
    """Return the query's `limit`; raise InvalidRequest where it is no number from 1 to 500."""
    given = query(event, "limit")
    if not given:
        return PAGE_ROWS
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MAX_PAGE_ROWS):
        raise InvalidRequest(f"limit must be a whole number from 1 to {MAX_PAGE_ROWS}")
    return int(given)


def version_asked(event: APIGatewayProxyEventV2) -> int:
    """Return the query's `version`, 0 (the current one) where it is not given; raise InvalidRequest."""
    given = query(event, "version")
    if not given:
        return 0
    if not (given.isascii() and given.isdigit() and int(given[:9]) >= 1):
        raise InvalidRequest("version must be a whole number from 1 on")
    return int(given[:9])

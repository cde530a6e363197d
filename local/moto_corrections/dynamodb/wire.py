"""The data plane of DynamoDB without moto's generic request parser and response serialiser, and under one lock.

moto walks the botocore model of every request and answer, value by value: 218 ms for a BatchGetItem of 100 records. For
DynamoDB that changes nothing, the JSON on the wire is already the form that its methods take and give. moto also locks
nothing, so concurrent clients lose updates.
"""

import base64
import binascii
import datetime
import threading
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from moto.core.request import Request
from moto.core.responses import ActionContext, ActionResult
from moto.dynamodb import responses
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.utilities import dynamo_to_dict
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from local.moto_corrections.patching import replace

LOCK = threading.RLock()
"""Held during every DynamoDB action, data plane and control plane alike."""

DATA_PLANE: dict[str, Callable[[DynamoHandler], ActionResult]] = {
    "BatchExecuteStatement": DynamoHandler.batch_execute_statement,
    "BatchGetItem": DynamoHandler.batch_get_item,
    "BatchWriteItem": DynamoHandler.batch_write_item,
    "DeleteItem": DynamoHandler.delete_item,
    "ExecuteStatement": DynamoHandler.execute_statement,
    "ExecuteTransaction": DynamoHandler.execute_transaction,
    "GetItem": DynamoHandler.get_item,
    "PutItem": DynamoHandler.put_item,
    "Query": DynamoHandler.query,
    "Scan": DynamoHandler.scan,
    "TransactGetItems": DynamoHandler.transact_get_items,
    "TransactWriteItems": DynamoHandler.transact_write_items,
    "UpdateItem": DynamoHandler.update_item,
}
"""Operation name to the method that answers it; the other modules of this package put their own methods here."""

Response = tuple[int, dict[str, str], str | bytes]


class StoredResult(ActionResult):
    """A result that may hold stored DynamoType values; moto's own copies every value as soon as it is made."""

    def execute_result(self, context: ActionContext) -> Any:
        return ActionResult(dynamo_to_dict(self.result)).execute_result(context)


def on_the_wire(value: object) -> object:
    """What orjson cannot write by itself: stored attributes, binary values and times."""
    if isinstance(value, DynamoType):
        return {value.type: value.value}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no form in DynamoDB's JSON")


def apply() -> None:
    """Answer the data plane directly and everything else through moto, always under LOCK."""
    moto_dispatch, moto_call_action = DynamoHandler._dispatch, DynamoHandler.call_action

    def dispatch(
        handler: DynamoHandler, request: Request, full_url: str | None = None, headers: Any = None
    ) -> Response:
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if operation not in DATA_PLANE:
            response: Response = moto_dispatch(handler, request, full_url, headers)
            return response
        _prepare(handler, request, full_url or request.raw_url)
        with LOCK:
            # The answer is written under the lock too: it refers to the stored items.
            return _answer(handler, DATA_PLANE[operation])

    def call_action(handler: DynamoHandler) -> Any:
        with LOCK:
            return moto_call_action(handler)

    replace(DynamoHandler, "_dispatch", dispatch)
    replace(DynamoHandler, "call_action", call_action)
    replace(responses, "DynamoResult", StoredResult)


def _prepare(handler: DynamoHandler, request: Request, url: str) -> None:
    handler.decompress_request_body(request)
    handler.normalized_request = request
    handler.headers = request.headers
    handler.querystring = {}
    handler.body = handler.params = orjson.loads(request.data or b"{}")
    handler.region = handler.get_region_from_url(request, url)
    handler.current_account = handler.get_current_account()


def _answer(handler: DynamoHandler, method: Callable[[DynamoHandler], ActionResult]) -> Response:
    status = 200
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-requestid": uuid.uuid4().hex.upper()}
    try:
        body = orjson.dumps(method(handler).result, default=on_the_wire, option=orjson.OPT_NON_STR_KEYS)
    except HTTPException as refusal:
        status = refusal.code or 400
        headers |= {name: str(value) for name, value in refusal.get_headers()}
        body = (refusal.description or "").encode()
    headers["x-amz-crc32"] = str(binascii.crc32(body))
    return status, headers, body

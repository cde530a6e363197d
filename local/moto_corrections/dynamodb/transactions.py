"""TransactWriteItems: all conditions first, then all writes, and the same answer for the same request token.

Source: Amazon DynamoDB API Reference, TransactWriteItems. moto copies each table once per item and ignores tokens.
"""

import hashlib
import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from moto.core.responses import ActionResult
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    ERROR_TYPE_PREFIX,
    DynamodbException,
    MockValidationException,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from local.moto_corrections.dynamodb import wire
from local.moto_corrections.dynamodb.undo import Undo
from local.moto_corrections.patching import replace

TOKEN_SECONDS = 600.0
"""How long a request token is remembered: 10 minutes after the request that used it finished."""
ACTIONS = {"ConditionCheck", "Put", "Delete", "Update"}

Reason = tuple[str | None, str | None, dict[str, Any] | None]
"""Code, message and old item of one item of a cancelled transaction; (None, None, None) where nothing is wrong."""
NOTHING_WRONG: Reason = (None, None, None)


class IdempotentParameterMismatch(DynamodbException):
    """The same request token with another transaction."""

    def __init__(self) -> None:
        super().__init__(
            ERROR_TYPE_PREFIX + "IdempotentParameterMismatchException",
            "Request rejected because it was retried with a request token that was used with other parameters.",
        )


@dataclass(frozen=True)
class _Write:
    """One action of a transaction on one key."""

    action: str
    request: dict[str, Any]
    table: Table
    hash_key: DynamoType
    range_key: DynamoType | None


@dataclass(frozen=True)
class _Finished:
    """A transaction that went through under a request token."""

    digest: str
    result: ActionResult
    forgotten_at: float


_finished: WeakKeyDictionary[DynamoDBBackend, dict[str, _Finished]] = WeakKeyDictionary()


def apply() -> None:
    """Correct TransactWriteItems."""
    moto_handler = wire.DATA_PLANE["TransactWriteItems"]

    def transact_write_items(handler: DynamoHandler) -> ActionResult:
        token = handler.body.pop("ClientRequestToken", None)
        if token is None:
            return moto_handler(handler)
        tokens = _finished.setdefault(handler.dynamodb_backend, {})
        for known in [name for name, done in tokens.items() if done.forgotten_at < time.monotonic()]:
            del tokens[known]
        digest = hashlib.sha256(orjson.dumps(handler.body, option=orjson.OPT_SORT_KEYS)).hexdigest()
        if token in tokens and tokens[token].digest != digest:
            raise IdempotentParameterMismatch
        if token not in tokens:
            # A cancelled transaction raises here and is not remembered: it did nothing, so it may be tried again.
            tokens[token] = _Finished(digest, moto_handler(handler), time.monotonic() + TOKEN_SECONDS)
        return tokens[token].result

    wire.DATA_PLANE["TransactWriteItems"] = transact_write_items
    replace(DynamoDBBackend, "transact_write_items", write_all_or_nothing)


def write_all_or_nothing(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """Check every condition against the items as they are, then write everything.

    Raises TransactionCanceledException with one reason per item (code None, ConditionalCheckFailed or ValidationError),
    and MockValidationException where the request itself is wrong; in both cases nothing was written.
    """
    if len(transact_items) > 100:
        raise TooManyTransactionsException
    writes = [_write_of(backend, entry) for entry in transact_items]
    if len({(write.table.name, write.hash_key, write.range_key) for write in writes}) < len(writes):
        raise MultipleTransactionsException
    _cancel_if_wrong([_condition_failure(write) for write in writes])
    undo = Undo()
    for write in writes:
        undo.remember(write.table, write.hash_key, write.range_key)
    reasons: list[Reason] = []
    try:
        for write in writes:
            reasons.append(_failure_of(backend, write))
        _cancel_if_wrong(reasons)
    except Exception:
        undo.roll_back()
        raise


def _write_of(backend: DynamoDBBackend, entry: dict[str, Any]) -> _Write:
    if len(entry) != 1 or not ACTIONS.issuperset(entry):
        raise TransactWriteSingleOpException
    [(action, request)] = entry.items()
    table = backend.get_table(request["TableName"])
    key = backend.get_keys_value(table, request["Item" if action == "Put" else "Key"])
    return _Write(action, request, table, *key)


def _condition_failure(write: _Write) -> Reason:
    request = write.request
    condition = get_filter_expression(
        request.get("ConditionExpression"),
        request.get("ExpressionAttributeNames"),
        request.get("ExpressionAttributeValues"),
    )
    current = write.table.get_item(write.hash_key, write.range_key)
    if condition.expr(current):
        return NOTHING_WRONG
    wanted = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    old = current.to_json()["Attributes"] if wanted and current else None
    return "ConditionalCheckFailed", "The conditional request failed", old


def _failure_of(backend: DynamoDBBackend, write: _Write) -> Reason:
    """Do one write; what its own values make impossible (a sum with text, an item too large) is its reason."""
    try:
        if write.action == "Put":
            write.table.put_item(write.request["Item"])
        elif write.action == "Delete":
            write.table.delete_item(write.hash_key, write.range_key)
        elif write.action == "Update":
            backend.update_item(
                write.table.name,
                write.request["Key"],
                update_expression=write.request["UpdateExpression"],
                expression_attribute_names=write.request.get("ExpressionAttributeNames") or {},
                expression_attribute_values=write.request.get("ExpressionAttributeValues") or {},
            )
    except MockValidationException as problem:
        return "ValidationError", problem.message, None
    return NOTHING_WRONG


def _cancel_if_wrong(reasons: list[Reason]) -> None:
    if any(code for code, _, _ in reasons):
        raise TransactionCanceledException(reasons)

"""PartiQL statements, one at a time, in batches with an outcome each, and in transactions.

Source: Amazon DynamoDB API Reference, ExecuteStatement, BatchExecuteStatement, ExecuteTransaction; Developer Guide,
"PartiQL - a SQL-compatible query language for Amazon DynamoDB".

moto answers 500 to a map as a parameter, lets an UPDATE create an item, ignores most
conditions, and reads every item of every table for each statement.
"""

from collections.abc import Sequence
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import MockValidationException, TransactionCanceledException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler

from local.moto_corrections.dynamodb import wire
from local.moto_corrections.dynamodb.partiql.execution import ConditionFailed, key_of, parsed, run, table_of
from local.moto_corrections.dynamodb.partiql.statements import Select
from local.moto_corrections.dynamodb.undo import Undo

BATCH_LIMIT = 25
TRANSACTION_LIMIT = 100


def apply() -> None:
    """Replace moto's PartiQL."""
    wire.DATA_PLANE["ExecuteStatement"] = execute_statement
    wire.DATA_PLANE["BatchExecuteStatement"] = batch_execute_statement
    wire.DATA_PLANE["ExecuteTransaction"] = execute_transaction


def execute_statement(handler: DynamoHandler) -> wire.StoredResult:
    """One statement; refusals are exceptions of the operation."""
    if {"Limit", "NextToken"} & handler.body.keys():
        raise MockValidationException("Limit and NextToken of ExecuteStatement are not part of the embedded AWS")
    statement = parsed(handler.body)
    return wire.StoredResult({"Items": run(handler.dynamodb_backend, statement, handler.body)})


def batch_execute_statement(handler: DynamoHandler) -> wire.StoredResult:
    """Up to 25 statements, all reads or all writes, no key twice; each has its own outcome."""
    requests = handler.body["Statements"]
    if not 1 <= len(requests) <= BATCH_LIMIT:
        raise MockValidationException(
            "1 validation error detected: Value at 'statements' failed to satisfy constraint: "
            f"Member must have length between 1 and {BATCH_LIMIT}"
        )
    backend = handler.dynamodb_backend
    _check_batch(backend, requests)
    return wire.StoredResult({"Responses": [_outcome(backend, request) for request in requests]})


def execute_transaction(handler: DynamoHandler) -> wire.StoredResult:
    """Up to 100 statements, all or nothing."""
    requests = handler.body["TransactStatements"]
    if not 1 <= len(requests) <= TRANSACTION_LIMIT:
        raise MockValidationException(f"Member must have length between 1 and {TRANSACTION_LIMIT}: transactStatements")
    backend, undo = handler.dynamodb_backend, Undo()
    _check_batch(backend, requests)
    for request in requests:
        statement = parsed(request)
        if not isinstance(statement, Select):
            undo.remember(table_of(backend, statement), *key_of(backend, statement, request))
    outcomes = [_outcome(backend, request) for request in requests]
    errors = [outcome.get("Error", {}) for outcome in outcomes]
    if any(errors):
        undo.roll_back()
        reasons = [(error.get("Code"), error.get("Message"), error.get("Item")) for error in errors]
        raise TransactionCanceledException(reasons)
    return wire.StoredResult({"Responses": [{k: v for k, v in o.items() if k == "Item"} for o in outcomes]})


def _check_batch(backend: DynamoDBBackend, requests: Sequence[dict[str, Any]]) -> None:
    """Refuse the whole batch when it mixes reads and writes or names a key twice."""
    kinds, keys = set(), set()
    for request in requests:
        try:
            statement = parsed(request)
            kinds.add(isinstance(statement, Select))
            key = (statement.table, *key_of(backend, statement, request))
        except JsonRESTError:
            continue  # the outcome of that one statement
        if key in keys:
            raise MockValidationException("Provided list of item keys contains duplicates")
        keys.add(key)
    if len(kinds) > 1:
        raise MockValidationException("Batch requests must consist of either read statements or write statements")


def _outcome(backend: DynamoDBBackend, request: dict[str, Any]) -> dict[str, Any]:
    """One entry of a batch's answer: {"TableName", "Item"?} or {"Error": {"Code", "Message", "Item"?}}."""
    answer: dict[str, Any] = {}
    try:
        statement = parsed(request)
        answer["TableName"] = statement.table
        key_of(backend, statement, request)  # a read in a batch must name its key too
        items = run(backend, statement, request)
        if items:
            answer["Item"] = items[0]
    except JsonRESTError as refusal:
        code = refusal.relative_error_type.removesuffix("Exception")
        error = {"Code": "ValidationError" if code == "Validation" else code, "Message": refusal.message}
        if isinstance(refusal, ConditionFailed) and refusal.item:
            error["Item"] = refusal.item
        answer["Error"] = error
    return answer

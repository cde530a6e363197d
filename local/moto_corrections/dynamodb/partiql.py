"""PartiQL statements, one at a time, in batches with an outcome each, and in transactions.

Source: Amazon DynamoDB API Reference, ExecuteStatement, BatchExecuteStatement, ExecuteTransaction; Developer Guide,
"PartiQL - a SQL-compatible query language for Amazon DynamoDB".

moto answers 500 to a map as a parameter, lets an UPDATE create an item, ignores most
conditions, and reads every item of every table for each statement.
"""

from collections.abc import Sequence
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import (
    ERROR_TYPE_PREFIX,
    ConditionalCheckFailed,
    DynamodbException,
    MockValidationException,
    ResourceNotFoundException,
    TransactionCanceledException,
    UpdateHashRangeKeyException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import (
    DynamoHandler,
    validate_put_has_empty_attrs,
    validate_put_has_empty_keys,
    validate_put_has_gsi_keys_set_to_none,
)

from local.moto_corrections.dynamodb import wire
from local.moto_corrections.dynamodb.partiql_nodes import Delete, Insert, Select, Statement, Update, Wire, pinned
from local.moto_corrections.dynamodb.partiql_syntax import NotWellFormed, parse
from local.moto_corrections.dynamodb.reads import sorted_items
from local.moto_corrections.dynamodb.undo import Undo

BATCH_LIMIT = 25
TRANSACTION_LIMIT = 100
Key = tuple[DynamoType, DynamoType | None]


class DuplicateItem(DynamodbException):
    """INSERT of a key that exists."""

    def __init__(self) -> None:
        super().__init__(ERROR_TYPE_PREFIX + "DuplicateItemException", "Duplicate primary key exists in table")


def apply() -> None:
    """Replace moto's PartiQL."""
    wire.DATA_PLANE["ExecuteStatement"] = execute_statement
    wire.DATA_PLANE["BatchExecuteStatement"] = batch_execute_statement
    wire.DATA_PLANE["ExecuteTransaction"] = execute_transaction


# -- operations


def execute_statement(handler: DynamoHandler) -> wire.StoredResult:
    """One statement; refusals are exceptions of the operation."""
    if {"Limit", "NextToken"} & handler.body.keys():
        raise MockValidationException("Limit and NextToken of ExecuteStatement are not part of the embedded AWS")
    statement = _parsed(handler.body)
    return wire.StoredResult({"Items": _run(handler.dynamodb_backend, statement, handler.body)})


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
        statement = _parsed(request)
        if not isinstance(statement, Select):
            undo.remember(_table(backend, statement), *_key_of(backend, statement, request))
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
            statement = _parsed(request)
            kinds.add(isinstance(statement, Select))
            key = (statement.table, *_key_of(backend, statement, request))
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
        statement = _parsed(request)
        answer["TableName"] = statement.table
        _key_of(backend, statement, request)  # a read in a batch must name its key too
        items = _run(backend, statement, request)
        if items:
            answer["Item"] = items[0]
    except JsonRESTError as refusal:
        code = refusal.relative_error_type.removesuffix("Exception")
        error = {"Code": "ValidationError" if code == "Validation" else code, "Message": refusal.message}
        if isinstance(refusal, _ConditionFailed) and refusal.item:
            error["Item"] = refusal.item
        answer["Error"] = error
    return answer


# -- statements


class _ConditionFailed(ConditionalCheckFailed):
    """Keeps the item, if the statement asks for it, where the answer of a batch can take it from."""

    def __init__(self, item: Item | None, request: dict[str, Any]) -> None:
        wanted = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        self.item = item.to_json()["Attributes"] if item and wanted else None
        super().__init__(item=self.item)


def _parsed(request: dict[str, Any]) -> Statement:
    try:
        statement = parse(request["Statement"])
    except NotWellFormed as problem:
        raise MockValidationException(f"Statement wasn't well formed, can't be processed: {problem}") from problem
    if statement.parameters != len(request.get("Parameters") or []):
        raise MockValidationException("Number of parameters in request and statement don't match.")
    return statement


def _table(backend: DynamoDBBackend, statement: Statement) -> Table:
    if statement.table not in backend.tables:
        raise ResourceNotFoundException
    return backend.tables[statement.table]


def _key_of(backend: DynamoDBBackend, statement: Statement, request: dict[str, Any]) -> Key:
    """The key that the statement names. Raises MockValidationException when it does not name all of it."""
    table, parameters = _table(backend, statement), request.get("Parameters") or []
    values = dict(statement.attributes) if isinstance(statement, Insert) else pinned(statement.condition)
    missing = [name for name in table.table_key_attrs if name not in values]
    if missing:
        raise MockValidationException(
            f"One or more parameter values were invalid: Missing the key {missing[0]} in the item"
            if isinstance(statement, Insert)
            else "Where clause does not contain a mandatory equality on all key attributes"
        )
    types = {table.hash_key_attr: table.hash_key_type, table.range_key_attr: table.range_key_type}
    key = {name: DynamoType(values[name].resolve(parameters)) for name in table.table_key_attrs}
    for name, value in key.items():
        if value.type != types[name]:
            raise MockValidationException(f"Type mismatch for key {name} expected: {types[name]} actual: {value.type}")
    return key[table.hash_key_attr], key[table.range_key_attr] if table.range_key_attr else None


def _run(backend: DynamoDBBackend, statement: Statement, request: dict[str, Any]) -> list[dict[str, Any]]:
    if isinstance(statement, Insert):
        return _insert(backend, statement, request)
    if isinstance(statement, Update):
        return _update(backend, statement, request)
    if isinstance(statement, Delete):
        return _delete(backend, statement, request)
    return _select(backend, statement, request)


def _insert(backend: DynamoDBBackend, statement: Insert, request: dict[str, Any]) -> list[dict[str, Any]]:
    table, parameters = _table(backend, statement), request.get("Parameters") or []
    hash_key, range_key = _key_of(backend, statement, request)
    item = {name: value.resolve(parameters) for name, value in statement.attributes}
    _validate(table, item)
    if table.get_item(hash_key, range_key) is not None:
        raise DuplicateItem
    table.put_item(item)
    return []


def _update(backend: DynamoDBBackend, statement: Update, request: dict[str, Any]) -> list[dict[str, Any]]:
    table, parameters = _table(backend, statement), request.get("Parameters") or []
    hash_key, range_key = _key_of(backend, statement, request)
    for change in statement.changes:
        if change.path.steps[0] in table.table_key_attrs:
            raise UpdateHashRangeKeyException(str(change.path.steps[0]))
    before = table.get_item(hash_key, range_key)
    # An UPDATE changes what is there: unlike UpdateItem it never creates the item.
    if before is None or not statement.condition.holds(before.attrs, parameters):
        raise _ConditionFailed(before, request)
    attributes = dict(before.attrs)
    for change in statement.changes:
        change.apply(attributes, before.attrs, parameters)
    changed = {str(change.path.steps[0]) for change in statement.changes}
    _validate(table, {name: attributes[name].to_regular_json() for name in changed if name in attributes})
    after = Item(before.hash_key, before.range_key, attributes)
    if range_key:
        table.items[hash_key][range_key] = after
    else:
        table.items[hash_key] = after  # type: ignore[assignment]
    if table.stream_shard is not None:
        table.stream_shard.add(before, after)
    return _returned(statement.returning, before, after, changed)


def _delete(backend: DynamoDBBackend, statement: Delete, request: dict[str, Any]) -> list[dict[str, Any]]:
    table, parameters = _table(backend, statement), request.get("Parameters") or []
    hash_key, range_key = _key_of(backend, statement, request)
    before = table.get_item(hash_key, range_key)
    if before is None:
        return []  # success with nothing deleted, as documented
    if not statement.condition.holds(before.attrs, parameters):
        raise _ConditionFailed(before, request)
    table.delete_item(hash_key, range_key)
    return _returned(statement.returning, before, before, set())


def _select(backend: DynamoDBBackend, statement: Select, request: dict[str, Any]) -> list[dict[str, Any]]:
    table, parameters = _table(backend, statement), request.get("Parameters") or []
    pins = pinned(statement.condition)
    needed: list[str] = []
    if statement.index is not None:
        needed = [part["AttributeName"] for part in table.get_index(statement.index, error_if_not=True).schema]
    if statement.index is None and table.hash_key_attr in pins:
        collection = table.items.get(DynamoType(pins[table.hash_key_attr].resolve(parameters)), {})
        items = [collection] if isinstance(collection, Item) else [collection[key] for key in sorted(collection)]
    else:
        items = sorted_items(table)
    found = [item for item in items if all(name in item.attrs for name in needed)]
    if statement.condition is not None:
        found = [item for item in found if statement.condition.holds(item.attrs, parameters)]
    return [_projected(item, statement) for item in found]


def _projected(item: Item, statement: Select) -> dict[str, Any]:
    if not statement.paths:
        return dict(item.attrs)
    values = {str(path.steps[-1]): path.find(item.attrs) for path in statement.paths}
    return {name: value for name, value in values.items() if value is not None}


def _returned(what: str | None, before: Item, after: Item, changed: set[str]) -> list[dict[str, Any]]:
    if what is None:
        return []
    attributes = before.attrs if what.endswith("OLD") else after.attrs
    return [{n: v for n, v in attributes.items() if what.startswith("ALL") or n in changed}]


def _validate(table: Table, attributes: dict[str, Wire]) -> None:
    """The checks of PutItem on the attributes that a statement writes."""
    validate_put_has_empty_keys(attributes, table)
    validate_put_has_empty_attrs(attributes, table)
    validate_put_has_gsi_keys_set_to_none(attributes, table)
    table._validate_item_types(attributes)

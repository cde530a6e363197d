"""Reads that cost what they return: moto sorts the whole table for each Query and each page of a Scan."""

import copy
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler, ProjectionExpressionParser

from local.moto_corrections.dynamodb import wire
from local.moto_corrections.patching import replace

TRANSACTION_LIMIT = 100
"""Items in one transaction (Amazon DynamoDB API Reference, TransactGetItems); moto stops at 25."""


def apply() -> None:
    """Correct Query, Scan and TransactGetItems."""
    moto_query = Table.query

    def query(table: Table, hash_key: DynamoType | None, *args: Any, **options: Any) -> Any:
        view = copy.copy(table)
        candidates = _candidates(table, hash_key, options.get("hash_key_conditions"))
        view.all_items = lambda: candidates  # type: ignore[method-assign]
        return moto_query(view, hash_key, *args, **options)

    replace(Table, "query", query)
    replace(Table, "all_items", sorted_items)
    wire.DATA_PLANE["TransactGetItems"] = transact_get_items


def _candidates(
    table: Table, hash_key: DynamoType | None, index_hash_keys: list[tuple[str, DynamoType]] | None
) -> list[Item]:
    """The items that can match, in the order of the table: one item collection, or those with the index's hash keys."""
    wanted = dict(index_hash_keys or [])
    if wanted and list(wanted) != [table.hash_key_attr]:
        return sorted((item for item in stored_items(table) if _has(item, wanted)), key=_key_order)
    collection = table.items.get(hash_key or wanted.get(table.hash_key_attr))
    if collection is None:
        return []
    return sorted(collection.values(), key=_key_order) if isinstance(collection, dict) else [collection]


def _has(item: Item, wanted: dict[str, DynamoType]) -> bool:
    return all(name in item.attrs and item.attrs[name] == value for name, value in wanted.items())


def stored_items(table: Table) -> list[Item]:
    """Every item of a table, in no order."""
    if table.range_key_attr is None:
        return list(table.items.values())  # type: ignore[arg-type]
    return [item for collection in table.items.values() for item in collection.values()]


def sorted_items(table: Table) -> list[Item]:
    """Every item of a table by its key; plain values compare a hundred times as fast as moto's wrappers."""
    return sorted(stored_items(table), key=_key_order)


def _key_order(item: Item) -> tuple[Any, ...]:
    hash_value = item.hash_key.cast_value
    return (hash_value, item.range_key.cast_value) if item.range_key else (hash_value,)


def transact_get_items(handler: DynamoHandler) -> wire.StoredResult:
    """Up to 100 items, each with its projection (moto ignores it)."""
    requests = [entry["Get"] for entry in handler.body["TransactItems"]]
    if len(requests) > TRANSACTION_LIMIT:
        raise MockValidationException(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
            f"Member must have length less than or equal to {TRANSACTION_LIMIT}"
        )
    backend: DynamoDBBackend = handler.dynamodb_backend
    answers: list[dict[str, Any]] = []
    for get in requests:
        names = get.get("ExpressionAttributeNames")
        projection = ProjectionExpressionParser(get.get("ProjectionExpression"), names).parse()
        item = backend.get_item(get["TableName"], get["Key"], projection)
        answers.append({"Item": item.attrs} if item else {})
    result: dict[str, Any] = {"Responses": answers}
    if handler.body.get("ReturnConsumedCapacity", "NONE") != "NONE":
        tables = dict.fromkeys(get["TableName"] for get in requests)
        units = {name: 2.0 * sum(get["TableName"] == name for get in requests) for name in tables}
        result["ConsumedCapacity"] = [{"TableName": name, "CapacityUnits": units[name]} for name in tables]
    return wire.StoredResult(result)

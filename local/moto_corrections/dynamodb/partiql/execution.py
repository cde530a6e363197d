"""Running one PartiQL statement against the tables.

Source: Amazon DynamoDB Developer Guide, "PartiQL insert/update/delete/select statements for DynamoDB".
"""

from typing import Any

from moto.dynamodb.exceptions import (
    ERROR_TYPE_PREFIX,
    ConditionalCheckFailed,
    DynamodbException,
    MockValidationException,
    ResourceNotFoundException,
    UpdateHashRangeKeyException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import (
    validate_put_has_empty_attrs,
    validate_put_has_empty_keys,
    validate_put_has_gsi_keys_set_to_none,
)

from local.moto_corrections.dynamodb.partiql.conditions import pinned
from local.moto_corrections.dynamodb.partiql.parser import parse
from local.moto_corrections.dynamodb.partiql.statements import Delete, Insert, Select, Statement, Update
from local.moto_corrections.dynamodb.partiql.tokens import NotWellFormed
from local.moto_corrections.dynamodb.partiql.values import Wire
from local.moto_corrections.dynamodb.reads import sorted_items

Key = tuple[DynamoType, DynamoType | None]


class DuplicateItem(DynamodbException):
    """INSERT of a key that exists."""

    def __init__(self) -> None:
        super().__init__(ERROR_TYPE_PREFIX + "DuplicateItemException", "Duplicate primary key exists in table")


class ConditionFailed(ConditionalCheckFailed):
    """Keeps the item, if the statement asks for it, where the answer of a batch can take it from."""

    def __init__(self, item: Item | None, request: dict[str, Any]) -> None:
        wanted = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        self.item = item.to_json()["Attributes"] if item and wanted else None
        super().__init__(item=self.item)


def parsed(request: dict[str, Any]) -> Statement:
    try:
        statement = parse(request["Statement"])
    except NotWellFormed as problem:
        raise MockValidationException(f"Statement wasn't well formed, can't be processed: {problem}") from problem
    if statement.parameters != len(request.get("Parameters") or []):
        raise MockValidationException("Number of parameters in request and statement don't match.")
    return statement


def table_of(backend: DynamoDBBackend, statement: Statement) -> Table:
    if statement.table not in backend.tables:
        raise ResourceNotFoundException
    return backend.tables[statement.table]


def key_of(backend: DynamoDBBackend, statement: Statement, request: dict[str, Any]) -> Key:
    """The key that the statement names. Raises MockValidationException when it does not name all of it."""
    table, parameters = table_of(backend, statement), request.get("Parameters") or []
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


def run(backend: DynamoDBBackend, statement: Statement, request: dict[str, Any]) -> list[dict[str, Any]]:
    if isinstance(statement, Insert):
        return _insert(backend, statement, request)
    if isinstance(statement, Update):
        return _update(backend, statement, request)
    if isinstance(statement, Delete):
        return _delete(backend, statement, request)
    return _select(backend, statement, request)


def _insert(backend: DynamoDBBackend, statement: Insert, request: dict[str, Any]) -> list[dict[str, Any]]:
    table, parameters = table_of(backend, statement), request.get("Parameters") or []
    hash_key, range_key = key_of(backend, statement, request)
    item = {name: value.resolve(parameters) for name, value in statement.attributes}
    _validate(table, item)
    if table.get_item(hash_key, range_key) is not None:
        raise DuplicateItem
    table.put_item(item)
    return []


def _update(backend: DynamoDBBackend, statement: Update, request: dict[str, Any]) -> list[dict[str, Any]]:
    table, parameters = table_of(backend, statement), request.get("Parameters") or []
    hash_key, range_key = key_of(backend, statement, request)
    for change in statement.changes:
        if change.path.steps[0] in table.table_key_attrs:
            raise UpdateHashRangeKeyException(str(change.path.steps[0]))
    before = table.get_item(hash_key, range_key)
    # An UPDATE changes what is there: unlike UpdateItem it never creates the item.
    if before is None or not statement.condition.holds(before.attrs, parameters):
        raise ConditionFailed(before, request)
    attributes = dict(before.attrs)
    for change in statement.changes:
        change.apply(attributes, before.attrs, parameters)
    changed = {str(change.path.steps[0]) for change in statement.changes}
    written = {name: attributes[name].to_regular_json() for name in changed if name in attributes}
    _validate(table, written)
    table._validate_item_types(written)
    after = Item(before.hash_key, before.range_key, attributes)
    if range_key:
        table.items[hash_key][range_key] = after
    else:
        table.items[hash_key] = after  # type: ignore[assignment]
    if table.stream_shard is not None:
        table.stream_shard.add(before, after)
    return _returned(statement.returning, before, after, changed)


def _delete(backend: DynamoDBBackend, statement: Delete, request: dict[str, Any]) -> list[dict[str, Any]]:
    table, parameters = table_of(backend, statement), request.get("Parameters") or []
    hash_key, range_key = key_of(backend, statement, request)
    before = table.get_item(hash_key, range_key)
    if before is None:
        return []  # success with nothing deleted, as documented
    if not statement.condition.holds(before.attrs, parameters):
        raise ConditionFailed(before, request)
    table.delete_item(hash_key, range_key)
    return _returned(statement.returning, before, before, set())


def _select(backend: DynamoDBBackend, statement: Select, request: dict[str, Any]) -> list[dict[str, Any]]:
    table, parameters = table_of(backend, statement), request.get("Parameters") or []
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

"""Writes that happen whole or not at all: UpdateItem and BatchWriteItem."""

from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.responses import DynamoHandler

from local.moto_corrections.dynamodb import wire
from local.moto_corrections.dynamodb.undo import Undo
from local.moto_corrections.patching import replace

BATCH_LIMIT = 25


def apply() -> None:
    """Correct UpdateItem and BatchWriteItem."""
    moto_update, moto_batch = DynamoDBBackend.update_item, wire.DATA_PLANE["BatchWriteItem"]

    def update_item(backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **options: Any) -> Item:
        """moto leaves the bare key behind when creating an item fails, and half of the changes when one is too big."""
        table = backend.get_table(table_name)
        undo = Undo()
        undo.remember(table, *backend.get_keys_value(table, key))
        try:
            item = moto_update(backend, table_name, key, *args, **options)
        except Exception:
            undo.roll_back()
            raise
        created = undo.items[0][-1] is None
        for shard, length in undo.streams.values():
            if created:
                # moto records the creation twice: with the bare key and with all attributes.
                del shard.items[length:]
                shard.add(None, item)
        return item

    def batch_write_item(handler: DynamoHandler) -> ActionResult:
        """moto takes more than 25 requests, sees duplicates only of whole items, and stops in the middle of a batch."""
        backend = handler.dynamodb_backend
        requests = list(_requests(handler.body["RequestItems"]))
        if not 1 <= len(requests) <= BATCH_LIMIT:
            raise MockValidationException("Too many items requested for the BatchWriteItem call")
        undo, keys = Undo(), set()
        for table_name, attributes in requests:
            table = backend.get_table(table_name)
            hash_key, range_key = backend.get_keys_value(table, attributes)
            keys.add((table_name, hash_key, range_key))
            undo.remember(table, hash_key, range_key)
        if len(keys) < len(requests):
            raise MockValidationException("Provided list of item keys contains duplicates")
        try:
            return moto_batch(handler)
        except Exception:
            undo.roll_back()
            raise

    replace(DynamoDBBackend, "update_item", update_item)
    wire.DATA_PLANE["BatchWriteItem"] = batch_write_item


def _requests(tables: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each request as (table, the attributes that hold its key)."""
    for table_name, requests in tables.items():
        for request in requests:
            put, delete = request.get("PutRequest"), request.get("DeleteRequest")
            yield table_name, put["Item"] if put else (delete or {})["Key"]

"""BatchGetItem and BatchWriteItem to the end: what DynamoDB leaves unprocessed is asked for again."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from longshore.errors import ServiceUnavailable
from longshore.storage.backoff import tries
from longshore.storage.items import Item
from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READ_LIMIT = 100
"""Keys in one BatchGetItem, over all tables (DynamoDB API reference)."""
WRITE_LIMIT = 25
"""Items in one BatchWriteItem."""


def get_items(
    client: "DynamoDBClient", keys: Mapping[str, Sequence[Item]], doing: str, *, only: str = ""
) -> dict[str, list[Item]]:
    """Read up to 100 distinct keys by table, consistently; absent items are left out.

    With `only`, the name of an attribute, nothing else of the items is returned, and they are read eventually
    consistent, for half the price. Raises ServiceUnavailable where DynamoDB leaves keys unprocessed to the last try.
    """
    found: dict[str, list[Item]] = {table: [] for table in keys}
    how: dict[str, object] = {"ProjectionExpression": only} if only else {"ConsistentRead": True}
    request = {table: {"Keys": list(wanted), **how} for table, wanted in keys.items() if wanted}
    if not request:
        return found
    for _ in tries():
        with aws_errors(doing):
            answer = client.batch_get_item(RequestItems=request)  # type: ignore[arg-type]
        for table, items in answer["Responses"].items():
            found[table].extend(items)
        request = answer["UnprocessedKeys"]  # type: ignore[assignment]
        if not request:
            return found
    raise ServiceUnavailable(f"could not {doing}: DynamoDB left keys unprocessed")


def put_items(client: "DynamoDBClient", table: str, items: Sequence[Item], doing: str) -> None:
    """Put any number of items of distinct keys; raises ServiceUnavailable where some stay unprocessed."""
    for start in range(0, len(items), WRITE_LIMIT):
        _put_some(client, table, items[start : start + WRITE_LIMIT], doing)


def _put_some(client: "DynamoDBClient", table: str, items: Sequence[Item], doing: str) -> None:
    request = {table: [{"PutRequest": {"Item": item}} for item in items]}
    for _ in tries():
        with aws_errors(doing):
            answer = client.batch_write_item(RequestItems=request)  # type: ignore[arg-type]
        request = answer["UnprocessedItems"]  # type: ignore[assignment]
        if not request:
            return
    raise ServiceUnavailable(f"could not {doing}: DynamoDB left items unprocessed")

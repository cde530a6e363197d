"""Which items a DynamoDB request reads and writes, as its JSON says."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]

TABLE_OF_STATEMENT = re.compile(r'^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"([^"]+)"', re.IGNORECASE)
KEY_PARAMETER = re.compile(r"""['"]pk['"]\s*[:=]\s*\?""")
"""Where a statement of ours names its key: `'pk': ?` in an INSERT, `"pk" = ?` in a WHERE."""


class Touched(NamedTuple):
    """An item that is read or written; `item` has at least its key."""

    table: str
    item: Json
    consistent: bool = True
    transactional: bool = False


def written(operation: str, body: Json) -> Iterator[Touched]:
    """Yield what the request writes, refused or not."""
    match operation:
        case "PutItem":
            yield Touched(body["TableName"], body["Item"])
        case "UpdateItem" | "DeleteItem":
            yield Touched(body["TableName"], body["Key"])
        case "BatchWriteItem":
            for table, requests in body["RequestItems"].items():
                for request in requests:
                    yield Touched(table, request["PutRequest"]["Item"] if "PutRequest" in request else _key(request))
        case "TransactWriteItems":
            for entry in body["TransactItems"]:
                ((_, write),) = entry.items()
                yield Touched(write["TableName"], write["Item"] if "Item" in write else write["Key"], True, True)
        case "BatchExecuteStatement":
            for statement in body["Statements"]:
                yield _of_statement(statement["Statement"], statement["Parameters"])


def read(operation: str, body: Json) -> Iterator[Touched]:
    """Yield what the request reads by key."""
    match operation:
        case "GetItem":
            yield Touched(body["TableName"], body["Key"], bool(body.get("ConsistentRead")))
        case "BatchGetItem":
            for table, wanted in body["RequestItems"].items():
                for key in wanted["Keys"]:
                    yield Touched(table, key, bool(wanted.get("ConsistentRead")))
        case "TransactGetItems":
            for entry in body["TransactItems"]:
                yield Touched(entry["Get"]["TableName"], entry["Get"]["Key"], True, True)


def whole_items(body: Json) -> dict[str, Any]:
    """Return a Query or Scan without its projection: what is read is charged, not what is sent over."""
    whole = {name: value for name, value in body.items() if name != "ProjectionExpression"}
    conditions = " ".join(str(body.get(name, "")) for name in ("KeyConditionExpression", "FilterExpression"))
    names = {name: value for name, value in body.get("ExpressionAttributeNames", {}).items() if name in conditions}
    whole.pop("ExpressionAttributeNames", None)
    return {**whole, "ExpressionAttributeNames": names} if names else whole


def _key(request: Json) -> Json:
    key: Json = request["DeleteRequest"]["Key"]
    return key


def _of_statement(text: str, parameters: list[Json]) -> Touched:
    table, key = TABLE_OF_STATEMENT.match(text), KEY_PARAMETER.search(text)
    if table is None or key is None:
        raise ValueError(f"cannot tell the table and the key of the statement: {text[:80]}")
    return Touched(table[1], {"pk": parameters[text[: key.end()].count("?") - 1]})

"""The size of an item as AWS counts it, and the limit of 400 KB.

Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats". moto counts numbers by their digits, forgets
the overhead of lists and maps, stops at 405,000 bytes, and adds up the whole item again for each attribute set.
"""

import base64
from typing import Any

from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

from local.moto_corrections.patching import replace

ITEM_LIMIT = 400 * 1024


def attribute_size(value: DynamoType) -> int:
    """Bytes that the value of an attribute counts, without its name."""
    kind, held = value.type, value.value
    if kind == "S":
        return len(held) if held.isascii() else len(held.encode())
    if kind == "N":
        return _number_size(held)
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return 3 + sum(1 + _name_size(name) + attribute_size(child) for name, child in held.items())
    if kind == "L":
        return 3 + sum(1 + attribute_size(child) for child in held)
    if kind == "B":
        return _binary_size(held)
    return sum(attribute_size(DynamoType({kind[0]: member})) for member in held)


def item_size(attributes: dict[str, DynamoType]) -> int:
    """Bytes that an item counts: the names and the values of its attributes."""
    return sum(_name_size(name) + attribute_size(value) for name, value in attributes.items())


def _name_size(name: str) -> int:
    return len(name) if name.isascii() else len(name.encode())


def _number_size(text: str) -> int:
    digits = text.lower().partition("e")[0].lstrip("-+").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


def _binary_size(held: str | bytes) -> int:
    return len(held if isinstance(held, bytes) else base64.b64decode(held))


def apply() -> None:
    """Count sizes as AWS does, once per item that is built and only the changed attribute's when one is set."""

    def build(item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]) -> None:
        item.hash_key, item.range_key = hash_key, range_key
        item.attrs = LimitedSizeDict()
        for name, value in attrs.items():
            dict.__setitem__(item.attrs, name, DynamoType(value))
        if item_size(item.attrs) > ITEM_LIMIT:
            raise ItemSizeTooLarge

    def set_attribute(attrs: LimitedSizeDict, name: str, value: Any) -> None:
        others = {kept: held for kept, held in attrs.items() if kept != name}
        if item_size({**others, name: value}) > ITEM_LIMIT:
            raise ItemSizeTooLarge
        dict.__setitem__(attrs, name, value)

    replace(Item, "__init__", build)
    replace(Item, "size", lambda item: item_size(item.attrs))
    replace(DynamoType, "size", attribute_size)
    replace(LimitedSizeDict, "__setitem__", set_attribute)

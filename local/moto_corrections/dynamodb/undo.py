"""Taking back the writes of a transaction: only the keys that it touches are remembered.

moto copies the whole table once for each item of a transaction.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import StreamShard, Table


@dataclass
class Undo:
    """The items under some keys as they were, and the length of the streams of their tables."""

    items: list[tuple[Table, DynamoType, DynamoType | None, Item | None]] = field(default_factory=list)
    streams: dict[int, tuple[StreamShard, int]] = field(default_factory=dict)

    def remember(self, table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> None:
        """Keep the item under this key as it is now."""
        before = table.get_item(hash_key, range_key)
        self.items.append((table, hash_key, range_key, copy.deepcopy(before)))
        if table.stream_shard is not None:
            self.streams.setdefault(id(table), (table.stream_shard, len(table.stream_shard.items)))

    def roll_back(self) -> None:
        """Put everything back; the stream records of the writes disappear."""
        for table, hash_key, range_key, before in reversed(self.items):
            place: dict[Any, Any] = table.items[hash_key] if range_key else table.items
            key = range_key or hash_key
            if before is None:
                place.pop(key, None)
            else:
                place[key] = before
        for shard, length in self.streams.values():
            del shard.items[length:]

"""What a DynamoDB request costs in capacity units, by the published rules, from the sizes of the items it touches.

Computed, because no local engine's ConsumedCapacity is a bill: DynamoDB Local reports two units for a transaction of
any size and none for PartiQL, moto reports one for everything.
"""

import math
from collections.abc import Mapping
from typing import Any

WRITE_UNIT = 1024
READ_UNIT = 4096
"""Bytes. Amazon DynamoDB Developer Guide, "DynamoDB read and write operations"."""

Entry = Mapping[str, Any]
"""What an index keeps of an item: the projected attributes."""


def write_units(before: int, after: int, transactional: bool = False) -> int:
    """Return the units of one write of an item of so many bytes before and after (0: there is none).

    One per started KB of the larger of the two, and at least one; twice that in a transaction. A write that is refused
    by its condition costs the item that is there. ibid., "Write operation consumption".
    """
    return max(1, math.ceil(max(before, after) / WRITE_UNIT)) * (2 if transactional else 1)


def read_units(size: int, consistent: bool, transactional: bool = False) -> float:
    """Return the units of reading so many bytes: one per started 4 KB, half of it if eventually consistent.

    At least one is charged for an item that is not there. Query and Scan add sizes up before they are rounded. ibid.,
    "Read operation consumption".
    """
    units = max(1, math.ceil(size / READ_UNIT))
    return units * 2.0 if transactional else units * (1.0 if consistent else 0.5)


def index_units(before: tuple[Entry, int] | None, after: tuple[Entry, int] | None, keys: tuple[str, ...]) -> int:
    """Return the units that a write costs in one index; an entry comes with its size in bytes, None: there is none.

    No change of what is projected costs nothing; a changed key of the index is a deletion and a new entry; any other
    change is one write. ibid., "Global secondary indexes", "Write capacity units".
    """
    if before is not None and after is not None:
        if before[0] == after[0]:
            return 0
        if any(before[0][key] != after[0][key] for key in keys):
            return write_units(before[1], 0) + write_units(0, after[1])
    return 0 if before is after is None else write_units(before[1] if before else 0, after[1] if after else 0)

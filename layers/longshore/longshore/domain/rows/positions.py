"""Rows of a chunk are told apart by their positions: its columns without some of them."""

from collections.abc import Collection, Sequence
from itertools import compress
from typing import Any

_FEW = 8


def without(positions: Collection[int], columns: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return columns of one length without what stands at these positions, each of which is named once."""
    if len(positions) > _FEW:
        stays = bytearray(b"\1") * len(columns[0])
        for at in positions:
            stays[at] = 0
        return [list(compress(column, stays)) for column in columns]
    left = [list(column) for column in columns]
    for at in sorted(positions, reverse=True):
        for column in left:
            del column[at]
    return left

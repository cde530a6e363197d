"""Rows of a chunk are told apart by their positions: its columns without some of them."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from itertools import compress
from typing import Any

_FEW = 8
"""Rows are taken out one by one while they are fewer than one in so many; else all lists are copied."""


def leave_out(positions: Collection[int], columns: Sequence[list[Any]]) -> None:
    """Take out of columns of one length what stands at these positions, each of which is named once."""
    size = len(columns[0])
    if len(positions) * _FEW < size:
        for at in sorted(positions, reverse=True):
            for column in columns:
                del column[at]
        return
    stays = bytearray(b"\1") * size
    for at in positions:
        stays[at] = 0
    for column in columns:
        column[:] = compress(column, stays)


def without(positions: Collection[int], columns: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return columns of one length without what stands at these positions, each of which is named once."""
    left = [list(column) for column in columns]
    leave_out(positions, left)
    return left


def before(positions: Collection[int]) -> Callable[[int], int]:
    """Return what tells from a position without these, each of which is named once, which one it was with them."""
    shifts = [at - gone for gone, at in enumerate(sorted(positions))]
    return lambda at: at + bisect_right(shifts, at)

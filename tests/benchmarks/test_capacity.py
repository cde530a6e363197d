"""The units of reads, writes and index writes are those of the Developer Guide's examples."""

import pytest

from tests.benchmarks.capacity import index_units, read_units, write_units


@pytest.mark.parametrize(
    ("before", "after", "transactional", "units"),
    [
        (0, 100, False, 1),
        (0, 1024, False, 1),
        (0, 1025, False, 2),
        (2500, 100, False, 3),
        (0, 0, False, 1),
        (900, 900, False, 1),
        (0, 3000, True, 6),
    ],
    ids=["small", "one KB", "started KB", "larger of the two", "refused, absent", "refused", "transaction"],
)
def test_write_units(before: int, after: int, transactional: bool, units: int) -> None:
    assert write_units(before, after, transactional) == units


@pytest.mark.parametrize(
    ("size", "consistent", "transactional", "units"),
    [
        (0, True, False, 1),
        (0, False, False, 0.5),
        (4096, True, False, 1),
        (4097, True, False, 2),
        (8192, False, False, 1),
        (3000, True, True, 2),
    ],
    ids=["absent", "absent, eventual", "4 KB", "started 4 KB", "eventual", "transaction"],
)
def test_read_units(size: int, consistent: bool, transactional: bool, units: float) -> None:
    assert read_units(size, consistent, transactional) == units


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, None, 0),
        (None, {"k": 1}, 1),
        ({"k": 1}, None, 1),
        ({"k": 1}, {"k": 1}, 0),
        ({"k": 1, "x": 1}, {"k": 1, "x": 2}, 1),
        ({"k": 1}, {"k": 2}, 2),
    ],
    ids=["not in it", "put", "taken out", "unchanged", "projection changed", "key changed"],
)
def test_index_units(before: dict[str, int] | None, after: dict[str, int] | None, units: int) -> None:
    assert index_units(before and (before, 100), after and (after, 100), ("k",)) == units

"""Pages of rejected rows, put together, are all the rows in order, however small the pages are."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.counts import Counts
from longshore.domain.job import Batch, Part, Pointer
from longshore.errors import InvalidRequest
from longshore.steps.ports import Files
from longshore.steps.rejected_rows import first_rejected_rows, rejected_rows

NOWHERE = Pointer("", "", 0, 0)
MEMBER_BYTES = 10


class MembersInMemory:
    """Objects as lists of members, each MEMBER_BYTES long."""

    def __init__(self, objects: dict[str, list[list[dict[str, int]]]]) -> None:
        self.objects = objects

    def members(self, key: str, offset: int = 0) -> Iterator[tuple[int, object]]:
        first = offset // MEMBER_BYTES
        for number, errors in enumerate(self.objects[key][first:], first):
            yield number * MEMBER_BYTES, errors


def part(number: int) -> Part:
    return Part(number, "t", "t", 1, {}, Counts(), 0, rejects=Pointer(f"p{number}", "", 0, 0))


def batch(number: int) -> Batch:
    return Batch(0, number, 1, 1, NOWHERE, NOWHERE, rejects=Pointer(f"b{number}", "", 0, 0))


def read_all(files: Files, parts: list[Part], batches: list[Batch], limit: int) -> list[int]:
    cursor, rows = "", list[int]()
    while True:
        page, cursor = rejected_rows(files, parts, batches, limit, cursor)
        rows += [row["row"] for row in page]
        assert len(page) <= limit
        if not cursor:
            return rows


@given(
    st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=2),
    st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=1), max_size=4),
    st.integers(1, 7),
)
def test_pages_join_to_the_whole(by_part: list[list[int]], by_batch: list[list[int]], limit: int) -> None:
    numbers = iter(range(10_000))
    objects = {
        f"{kind}{n}": [[{"row": next(numbers)} for _ in range(size)] for size in sizes]
        for kind, lists in (("p", by_part), ("b", by_batch))
        for n, sizes in enumerate(lists)
    }
    parts, batches = [part(n) for n in range(len(by_part))], [batch(n) for n in range(len(by_batch))]
    files = cast(Files, MembersInMemory(objects))
    assert read_all(files, parts, batches, limit) == list(range(next(numbers)))


def test_a_cursor_stays_true_when_an_earlier_batch_completes_later() -> None:
    files = cast(Files, MembersInMemory({"b0": [[{"row": 1}]], "b1": [[{"row": 2}, {"row": 3}]]}))
    early = [replace(batch(0), rejects=None), batch(1)]
    page, cursor = rejected_rows(files, [], early, 1, "")
    assert page == [{"row": 2}]
    assert rejected_rows(files, [], [batch(0), batch(1)], 1, cursor)[0] == [{"row": 3}]


def test_a_job_without_rejects_has_none() -> None:
    files = cast(Files, MembersInMemory({}))
    assert rejected_rows(files, [replace(part(0), rejects=None)], [], 5, "") == ([], "")


def test_a_sample_is_short() -> None:
    files = cast(Files, MembersInMemory({"p0": [[{"row": n} for n in range(100)]]}))
    assert len(first_rejected_rows(files, [part(0)], [])) == 5


def forged(document: str) -> str:
    return base64.urlsafe_b64encode(document.encode()).decode()


@pytest.mark.parametrize("cursor", ["x", "ü", "%%%", forged("[]"), forged('{"part": -1}'), forged('{"row": "a"}')])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    no_files: Any = MembersInMemory({})
    with pytest.raises(InvalidRequest, match="cursor: not one of ours"):
        rejected_rows(no_files, [], [], 5, cursor)

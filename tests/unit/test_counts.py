"""The accounting of rows."""

from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given

from longshore.domain.counts import COUNT_NAMES, Counts, total
from longshore.domain.job import Batch, Pointer

BUCKETS = [name for name in COUNT_NAMES if name != "rows"]


@st.composite
def balanced_counts(draw) -> Counts:
    buckets = {name: draw(st.integers(0, 10**9)) for name in BUCKETS}
    return Counts(rows=sum(buckets.values()), **buckets)


@given(st.lists(balanced_counts()))
def test_a_sum_of_balanced_counts_is_balanced_and_loses_nothing(parts):
    summed = total(parts)
    assert summed.balanced
    assert summed.rows == sum(part.rows for part in parts)
    assert summed.loaded == sum(part.loaded for part in parts)


@given(balanced_counts(), st.sampled_from(COUNT_NAMES), st.integers(1, 10))
def test_a_row_too_many_in_any_place_is_noticed(counts, name, extra):
    assert not replace(counts, **{name: getattr(counts, name) + extra}).balanced


def test_loaded_is_what_was_created_updated_or_deleted():
    counts = Counts(rows=21, created=1, updated=2, deleted=3, unchanged=4, rejected=5, held=6)
    assert counts.loaded == 6
    assert counts.balanced
    assert counts.as_dict()["loaded"] == 6
    assert list(counts.as_dict())[:2] == ["rows", "loaded"]


def test_the_rows_of_a_batch_without_a_result_are_unprocessed():
    pointer = Pointer("rows/x", '"e"', 0, 1)
    batch = Batch(0, 0, 1, 7, pointer, pointer)
    assert batch.standing == Counts(rows=7, unprocessed=7)
    assert replace(batch, counts=Counts(rows=7, created=7)).standing == Counts(rows=7, created=7)

"""What a row does to a record."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.decide import Decision, Row, Stamp, decide, iso, merged, write_for
from longshore.domain.job import Mode
from longshore.domain.records import Record, WriteKind, record_key, rev_of, same_row

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STAMP = Stamp("jme", 0, 2, 7, NOW)
THEN = "2026-01-01T00:00:00.000Z"

names = st.sampled_from(["a", "b", "c", "d"])
values = st.one_of(st.none(), st.text(alphabet="aé ", max_size=3), st.integers(-5, 5), st.booleans())
cells = st.dictionaries(names, values)
stored = st.dictionaries(names, st.one_of(st.text(alphabet="aé ", max_size=3), st.integers(-5, 5), st.booleans()))


def row(data: dict, number: int = 5) -> Row:
    return Row(0, number, number + 1, "t#country#AD", data)


def record(data: dict, rev: str = "jother#0#1#1", token: int = 3, updated_at: str = THEN) -> Record:
    return Record("t#country#AD", data, rev, token, THEN, updated_at)


def test_an_absent_record_is_created_in_either_mode() -> None:
    assert {decide(row({"a": 1}), None, mode, STAMP) for mode in Mode} == {Decision.CREATE}


def test_insert_refuses_an_existing_record_even_an_equal_one() -> None:
    assert decide(row({"a": 1}), record({"a": 1}), Mode.INSERT, STAMP) is Decision.EXISTS


def test_upsert_changes_what_differs_and_leaves_what_is_equal() -> None:
    assert decide(row({"a": 2}), record({"a": 1}), Mode.UPSERT, STAMP) is Decision.UPDATE
    assert decide(row({"a": 1}), record({"a": 1, "b": 9}), Mode.UPSERT, STAMP) is Decision.UNCHANGED


def test_true_is_not_one() -> None:
    assert decide(row({"a": True}), record({"a": 1}), Mode.UPSERT, STAMP) is Decision.UPDATE


def test_a_younger_token_is_a_conflict_only_where_something_would_change() -> None:
    assert decide(row({"a": 2}), record({"a": 1}, token=8), Mode.UPSERT, STAMP) is Decision.CONFLICT
    assert decide(row({"a": 1}), record({"a": 1}, token=8), Mode.UPSERT, STAMP) is Decision.UNCHANGED


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("generation", [1, 2, 3])
def test_what_another_claim_of_this_row_wrote_is_only_counted(mode: Mode, generation: int) -> None:
    mine = rev_of("jme", 0, 5, generation)
    assert decide(row({"a": 2}), record({"a": 1}, rev=mine), mode, STAMP) is Decision.DONE_CREATED
    updated = record({"a": 1}, rev=mine, updated_at=iso(NOW))
    assert decide(row({"a": 2}), updated, mode, STAMP) is Decision.DONE_UPDATED


def test_the_stamp_of_row_5_is_not_that_of_row_55() -> None:
    assert not same_row(rev_of("jme", 0, 55, 1), "jme", 0, 5)


def test_a_blank_cell_clears_and_an_absent_column_keeps() -> None:
    assert merged(row({"a": None, "b": "new"}), record({"a": 1, "b": "old", "c": True})) == {"b": "new", "c": True}


@given(cells, stored)
def test_writing_what_was_decided_leaves_nothing_to_do(data: dict, before: dict) -> None:
    current = record(before)
    if decide(row(data), current, Mode.UPSERT, STAMP) is Decision.UPDATE:
        write = write_for(row(data), current, STAMP)
        assert write.kind is WriteKind.UPDATE
        assert write.expected_rev == current.rev
        assert decide(row(data, 6), write.record, Mode.UPSERT, STAMP) is Decision.UNCHANGED
        assert decide(row(data), write.record, Mode.UPSERT, STAMP) is Decision.DONE_UPDATED


@given(cells)
def test_a_created_record_is_known_as_created(data: dict) -> None:
    write = write_for(row(data), None, STAMP)
    assert (write.kind, write.expected_rev) == (WriteKind.INSERT, "")
    assert decide(row(data), write.record, Mode.INSERT, STAMP) is Decision.DONE_CREATED


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(milliseconds=3)))
def test_an_update_never_keeps_the_time_of_creation(later: timedelta) -> None:
    created = write_for(row({"a": 1}), None, Stamp("jother", 0, 1, 1, NOW)).record
    updated = write_for(row({"a": 2}), created, Stamp("jme", 0, 1, 2, NOW + later)).record
    assert updated.created_at == created.created_at
    assert updated.updated_at > updated.created_at


key_values = st.lists(st.text(alphabet="#%a2350", max_size=4), min_size=1, max_size=3)


@given(key_values, key_values)
def test_different_key_values_never_share_a_key(one: list, other: list) -> None:
    assert (record_key("t", "r", one) == record_key("t", "r", other)) == (one == other)

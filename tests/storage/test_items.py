"""Every value comes back from its attribute values, and texts of times sort like times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import hypothesis.strategies as st
import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given

from longshore.domain.counts import Counts
from longshore.domain.job import Batch, BatchStatus, Job, JobEvent, Part, Pointer, Reason
from longshore.domain.locks import Lease, Lock, LockMode, Slots
from longshore.storage.items import decode, encode, encode_fields, plain, time_text

moments = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2999, 1, 1), timezones=st.sampled_from([UTC]))
integers = st.integers(-(10**18), 10**18)
fractions = st.integers(-(10**9), 10**9).map(lambda n: n / 128)
names = st.text(min_size=1, max_size=5)
leaves = st.none() | st.booleans() | st.text(max_size=5) | integers | fractions
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=4,
)
plans = st.dictionaries(names, documents, max_size=3)
# What a dataclass calls an int: a DynamoDB number has 38 digits, and nothing that we count needs more than 18.
st.register_type_strategy(int, integers)
reasons = st.builds(Reason, detail=plans)
values = st.one_of(
    st.builds(Job, created_at=moments, updated_at=moments, queued_at=st.none() | moments, reason=st.none() | reasons),
    st.builds(JobEvent, at=moments),
    st.builds(Part, plan=plans),
    st.builds(Batch),
    st.builds(Lock),
    st.builds(Slots),
    st.builds(Lease),
)


@given(values)
def test_a_value_comes_back(value):
    assert decode(type(value), encode_fields(value)) == value


@given(documents)
def test_a_document_comes_back(document):
    assert plain(encode(document)) == document


@given(values)
def test_the_attribute_values_are_dynamodbs(value):
    for attribute in encode_fields(value).values():
        TypeDeserializer().deserialize(attribute)


def test_a_status_is_its_text_and_an_empty_set_is_left_out():
    assert encode(BatchStatus.OPEN) == {"S": "OPEN"}
    assert encode_fields(Lock("k")) == {
        "key": {"S": "k"},
        "mode": {"S": "EXCLUSIVE"},
        "token": {"N": "0"},
        "revision": {"N": "0"},
    }
    assert decode(Lock, encode_fields(Lock("k", LockMode.SHARED, frozenset({"a"})))).holders == {"a"}


def test_what_has_no_place_in_an_item_is_refused():
    with pytest.raises(TypeError, match="bytes"):
        encode(b"x")


def test_attributes_that_are_no_field_are_ignored():
    item = encode_fields(Counts(rows=1)) | {"pk": {"S": "x"}}
    assert decode(Counts, item) == Counts(rows=1)


@given(moments, moments)
def test_texts_of_times_sort_like_times(one, other):
    east = one.astimezone(timezone(timedelta(hours=9)))
    assert time_text(east) == time_text(one)
    assert (time_text(one) < time_text(other)) == (one < other)


def test_nested_values_are_maps():
    pointer = Pointer("k", "e", 0, 1)
    batch = replace(Batch(0, 0, 1, 1, pointer, pointer), counts=Counts(rows=1))
    assert encode_fields(batch)["rows_at"]["M"]["length"] == {"N": "1"}
    assert encode_fields(batch)["counts"]["M"]["rows"] == {"N": "1"}

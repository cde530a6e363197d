"""Concatenated gzip members come apart where they were joined."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.errors import UnexpectedFailure
from longshore.storage.gzip_members import READ_BYTES, gzip_members


@given(st.lists(st.binary(max_size=2000), max_size=8))
def test_members_come_back_with_their_offsets(contents: list[bytes]) -> None:
    packed = [gzip.compress(content) for content in contents]
    found = list(gzip_members(io.BytesIO(b"".join(packed)), 0))
    assert [content for _, content in found] == contents
    assert [offset for offset, _ in found] == [sum(map(len, packed[:n])) for n in range(len(packed))]


def test_a_member_may_be_larger_than_what_is_read_at_a_time() -> None:
    large = bytes(range(256)) * 10 * (READ_BYTES // 256)
    packed = gzip.compress(large, compresslevel=0)
    assert list(gzip_members(io.BytesIO(packed * 2), 7)) == [(7, large), (7 + len(packed), large)]


def test_a_cut_member_is_an_error() -> None:
    with pytest.raises(UnexpectedFailure, match="the gzip member at 0 is cut off"):
        list(gzip_members(io.BytesIO(gzip.compress(b"rows")[:-1]), 0))


def test_an_offset_inside_a_member_is_an_error() -> None:
    with pytest.raises(UnexpectedFailure, match="there is no gzip member at 5"):
        list(gzip_members(io.BytesIO(gzip.compress(b"rows")[5:]), 5))

"""Gzip uploads: every member checked, and nothing unpacked beyond the bounds."""

import gzip
import io
import zlib

import pytest
from csv_reading import Trickle
from hypothesis import example, given
from hypothesis import strategies as st

from longshore.errors import FileRejected
from longshore.readers.archives.archive import ArchiveLimits
from longshore.readers.archives.gzip_stream import GunzipStream

TEXT = b"id,name\n" + b"1,some name or other\n" * 2000


def unpacked(packed, size=1000, block=1 << 20, **limits):
    stream = GunzipStream(Trickle(packed, block), "the file", ArchiveLimits(**limits))
    return b"".join(iter(lambda: stream.read(size), b""))


def refusal(packed, **limits):
    with pytest.raises(FileRejected) as refused:
        unpacked(packed, **limits)
    return refused.value.code


def said(packed, block=1 << 20):
    with pytest.raises(FileRejected) as refused:
        unpacked(packed, block=block)
    assert refused.value.code == "DAMAGED_ARCHIVE"
    return str(refused.value)


@given(st.lists(st.binary(max_size=5000), min_size=1, max_size=4), st.integers(1, 3000))
def test_members_read_back_as_one_text(texts, size):
    assert unpacked(b"".join(map(gzip.compress, texts)), size) == b"".join(texts)


def test_a_member_with_a_name_and_a_comment_is_read():
    packed = io.BytesIO()
    with gzip.GzipFile("people.csv", "wb", fileobj=packed) as file:
        file.write(TEXT)
    assert unpacked(packed.getvalue()) == TEXT


@given(st.integers(1, len(gzip.compress(TEXT)) - 1))
def test_a_file_that_was_cut_off_is_refused(left):
    assert refusal(gzip.compress(TEXT)[:left]) == "DAMAGED_ARCHIVE"


@pytest.mark.parametrize("tail", [b"\x1f", b"\x1f\x8b", gzip.compress(TEXT, mtime=0)[:20], b"\0\x1f\x8b"])
def test_a_member_that_is_cut_off_behind_the_first_one_ends_too_early(tail):
    assert "it ends too early" in said(gzip.compress(TEXT) + tail)


@given(
    st.binary(min_size=1, max_size=300).filter(lambda tail: tail.strip(b"\0")[:1] not in (b"", b"\x1f")),
    st.sampled_from([b"", b"id\n1\n", TEXT]),
    st.integers(1, 3),
)
@example(b"junk\n", b"id\n1\n", 1000)
@example(b"\x1fj", b"id\n1\n", 1)
@example(b"\0" * 70_000 + b"junk", TEXT, 1000)
def test_what_is_no_gzip_after_the_end_is_refused_as_what_it_is(tail, text, block):
    assert "something that is no gzip follows its end" in said(gzip.compress(text) + tail, block)


@given(st.integers(0, 600), st.integers(1, 30))
@example(200_000, 1 << 20)
def test_zero_bytes_after_a_member_are_padding(zeros, block):
    padded = gzip.compress(TEXT) + bytes(zeros)
    assert unpacked(padded, block=block) == TEXT
    assert unpacked(padded + padded, block=block) == TEXT * 2


class Padded(io.BytesIO):
    """Zero bytes without end behind a file."""

    def read(self, size=-1, /):
        return super().read(size) or bytes(size)


def test_padding_without_end_is_refused():
    stream = GunzipStream(Padded(gzip.compress(TEXT)), limits=ArchiveLimits(seconds=0.1))
    with pytest.raises(FileRejected) as refused:
        list(iter(stream.read, b""))
    assert refused.value.code == "TOO_SLOW_TO_READ"


@pytest.mark.parametrize("at", [-1, -5])
def test_length_and_checksum_are_checked(at):
    packed = bytearray(gzip.compress(TEXT))
    packed[at] ^= 1
    assert "its bytes are not what was packed" in said(bytes(packed))


def test_a_bomb_stops_early():
    member = gzip.compress(bytes(1 << 20))
    taken = io.BytesIO(member * 1000)
    stream = GunzipStream(taken)
    with pytest.raises(FileRejected) as refused:
        list(iter(stream.read, b""))
    assert refused.value.code == "ARCHIVE_TOO_LARGE"
    assert stream.unpacked < 32 << 20
    assert taken.tell() < len(member) * 100


def test_unpacked_bytes_are_bounded():
    assert refusal(gzip.compress(TEXT), entry_bytes=len(TEXT) - 1) == "ARCHIVE_TOO_LARGE"
    assert unpacked(gzip.compress(TEXT), entry_bytes=len(TEXT)) == TEXT


def test_the_time_is_bounded():
    assert refusal(gzip.compress(TEXT), seconds=-1) == "TOO_SLOW_TO_READ"


def test_memory_does_not_grow_with_the_ratio():
    packer = zlib.compressobj(9, wbits=31)
    packed = packer.compress(bytes(8 << 20)) + packer.flush()
    stream = GunzipStream(io.BytesIO(packed))
    assert max(map(len, iter(lambda: stream.read(4096), b""))) <= 4096

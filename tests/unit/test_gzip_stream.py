"""Gzip uploads: every member checked, and nothing unpacked beyond the bounds."""

import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.errors import FileRejected
from longshore.readers.archives.archive import ArchiveLimits
from longshore.readers.archives.gzip_stream import GunzipStream

TEXT = b"id,name\n" + b"1,some name or other\n" * 2000


def unpacked(packed, size=1000, **limits):
    stream = GunzipStream(io.BytesIO(packed), "the file", ArchiveLimits(**limits))
    return b"".join(iter(lambda: stream.read(size), b""))


def refusal(packed, **limits):
    with pytest.raises(FileRejected) as refused:
        unpacked(packed, **limits)
    return refused.value.code


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


@pytest.mark.parametrize("tail", [b"\0" * 512, b"junk", b"\x1f", b"\x1f\x8b", gzip.compress(TEXT, mtime=0)[:20]])
def test_what_follows_the_last_member_is_refused(tail):
    assert refusal(gzip.compress(TEXT) + tail) == "DAMAGED_ARCHIVE"


@pytest.mark.parametrize("at", [-1, -5])
def test_length_and_checksum_are_checked(at):
    packed = bytearray(gzip.compress(TEXT))
    packed[at] ^= 1
    assert refusal(bytes(packed)) == "DAMAGED_ARCHIVE"


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

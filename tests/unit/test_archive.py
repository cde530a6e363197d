"""Archives are bounded before anything in them is read, and while it is unpacked."""

import random
import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.errors import FileRejected
from longshore.readers.archives.archive import Archive, ArchiveLimits


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def refusal(data: bytes, limits: ArchiveLimits | None = None) -> FileRejected:
    """Return why an archive is refused, when it is opened or when all of it is read."""
    with pytest.raises(FileRejected) as caught:
        everything(data, limits or ArchiveLimits())
    assert "\n" not in str(caught.value)
    return caught.value


def read(archive: Archive, name: str) -> bytes:
    return b"".join(iter(archive.open(name).read, b""))


def everything(data: bytes, limits: ArchiveLimits) -> dict[str, bytes]:
    archive = Archive(BytesIO(data), limits=limits)
    return {name: read(archive, name) for name in archive.names}


def central(data: bytes, at: int, patch: bytes, nth: int = 0) -> bytes:
    """Overwrite bytes of the nth entry of the directory (APPNOTE 4.3.12)."""
    place = -1
    for _ in range(nth + 1):
        place = data.index(b"PK\x01\x02", place + 1)
    return data[: place + at] + patch + data[place + at + len(patch) :]


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?", fullmatch=True), st.binary(max_size=2000), max_size=5)
)
def test_what_was_packed_is_unpacked(files):
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert everything(zipped(files, method), ArchiveLimits()) == files


def test_members_may_be_read_side_by_side_and_in_small_pieces():
    files = {"a": random.Random(1).randbytes(400_000), "b": b"b" * 900_000}
    archive = Archive(BytesIO(zipped(files)))
    got = {"a": b"", "b": b""}
    streams = {name: archive.open(name) for name in files}
    while streams:
        for name, stream in list(streams.items()):
            block = stream.read(7001)
            assert len(block) <= 7001
            got[name] += block
            if not block:
                del streams[name]
    assert got == files


def test_entries_sizes_and_ratio_are_bounded():
    files = {"one": bytes(100_000), "two": bytes(100)}
    cases = {
        "2 entries": ArchiveLimits(entries=1),
        "100100 bytes unpacked": ArchiveLimits(total_bytes=100_050),
        "'one' in the archive has 100000 bytes": ArchiveLimits(entry_bytes=99_999),
        "bytes unpacked for each packed one": ArchiveLimits(ratio=100, ratio_from=1000),
        "longer directory": ArchiveLimits(directory_bytes=90),
    }
    for problem, limits in cases.items():
        error = refusal(zipped(files), limits)
        assert error.code == "ARCHIVE_TOO_LARGE"
        assert problem in str(error)
    Archive(BytesIO(zipped(files)), limits=ArchiveLimits(entries=2, ratio=100))


def test_a_directory_of_many_entries_is_not_even_read():
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *[20, 0, 20, 0], 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
    directory = (entry + b"x") * 100_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 5, 5, len(directory), 0, 0)
    assert refusal(directory + end).code == "ARCHIVE_TOO_LARGE"


def test_the_time_is_bounded():
    assert refusal(zipped({"a": b"a"}), ArchiveLimits(seconds=-1)).code == "TOO_SLOW_TO_READ"


@pytest.mark.parametrize("name", ["../up", "/root", "a/../../b", "C:/windows", "tab\tbed", "a\\..\\..\\b", " "])
def test_names_that_lead_out_are_refused(name):
    error = refusal(zipped({"fine": b"", name: b""}))
    assert error.code == "UNSAFE_ARCHIVE"


def test_names_that_stand_twice_are_refused():
    data = zipped({"a.csv": b"one", "b.csv": b"two"}).replace(b"b.csv", b"a.csv")
    assert "2 entries have the name 'a.csv'" in str(refusal(data))


def test_folders_are_no_entries_and_backslashes_are_slashes():
    archive = Archive(BytesIO(zipped({"folder/": b"", "folder\\a.csv": b"a"})))
    assert archive.names == ["folder/a.csv"]


def test_entries_that_overlap_are_refused():
    data = zipped({"a": b"a" * 100, "b": b"b" * 100}, zipfile.ZIP_STORED)
    same_place = central(data, 42, struct.pack("<L", 0), nth=1)
    assert "overlap" in str(refusal(same_place))
    into_the_directory = central(data, 20, struct.pack("<L", 10_000), nth=1)
    assert "overlap" in str(refusal(into_the_directory))


def test_encrypted_entries_are_named():
    error = refusal(central(zipped({"a.csv": b"a"}), 8, b"\x01"))
    assert (error.code, "'a.csv'" in str(error)) == ("ENCRYPTED_FILE", True)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_named(method):
    error = refusal(zipped({"a.csv": b"a" * 100}, method))
    assert (error.code, f"method {method}" in str(error)) == ("UNSUPPORTED_COMPRESSION", True)


def test_a_header_that_says_too_little_or_too_much():
    data = zipped({"a": b"a" * 5000})
    assert refusal(central(data, 24, struct.pack("<L", 4999))).code == "UNSAFE_ARCHIVE"
    assert refusal(central(data, 24, struct.pack("<L", 5001))).code == "DAMAGED_ARCHIVE"
    short = central(central(data, 24, struct.pack("<L", 10)), 16, struct.pack("<L", zlib.crc32(b"a" * 10)))
    assert refusal(short).code == "UNSAFE_ARCHIVE", "the checksum of a beginning makes it no whole"


def test_bytes_left_over_after_the_end_of_an_entry():
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(b"data") + packed.flush()
    data = zipped({"a": body + b"more"}, zipfile.ZIP_STORED)
    deflated = data.replace(b"\x14\0\0\0\0\0", b"\x14\0\0\0\x08\0")
    said = central(deflated, 24, struct.pack("<L", 4))
    assert refusal(central(said, 16, struct.pack("<L", zlib.crc32(b"data")))).code == "DAMAGED_ARCHIVE"


def test_a_wrong_checksum_and_damaged_bytes():
    data = zipped({"a": random.Random(2).randbytes(50_000)})
    assert "checksum" in str(refusal(central(data, 16, b"\0\0\0\0")))
    assert refusal(data[:20_000] + b"\xff" * 200 + data[20_200:]).code == "DAMAGED_ARCHIVE"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no archive at all", zipped({"a": b"a" * 100})[:60]])
def test_what_is_no_archive(data):
    assert refusal(data).code == "DAMAGED_ARCHIVE"


@given(st.data())
def test_damage_anywhere_is_refused_or_harmless(data):
    files = {"a.csv": b"id,name\n1,one\n" * 50, "b/c.json": b"[]"}
    damaged = bytearray(zipped(files))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    del damaged[data.draw(st.integers(len(damaged) - 30, len(damaged))) :]
    try:
        got = everything(bytes(damaged), ArchiveLimits())
    except FileRejected:
        return
    assert all(content in files.values() for content in got.values())

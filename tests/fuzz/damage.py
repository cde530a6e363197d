"""Damage of every kind to a file, made by chance: to its bytes, or to what is packed inside."""

import gzip
import io
import random
import zipfile
import zlib
from contextlib import suppress

from tests.fuzz.made_files import packed

TOKENS = [
    *(b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xfe", b"\xc3", b"\xe2\x82", b"\x80"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06", b"\\", b"\\u0000", b"\\ud800", b"\\u"),
    *(b"[", b"]", b"{", b"}", b":", b"null", b"-", b"1e999", b"<", b">", b"</row>", b"<row>", b'<c r="ZZZ1">', b"<!--"),
    *(b"&lt;", b"&#0;", b"&x;", b"<v>", b"</v>", b"<![CDATA[", b' r="1048577"', b"</sheetData>", b"sep=;\n", b'""'),
    *(
        b"longshore_row_id",
        b"f0",
        b"[" * 200,
        b"{" * 50,
        b'{"f0":' * 30,
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"<!DOCTYPE x>",
    ),
]


def damaged(chance: random.Random, data: bytes) -> bytes:
    """Return the file with one to some places damaged."""
    if chance.random() < 0.85:
        inner = _unpacked(chance, data)
        if inner is not None:
            return inner
    for _ in range(chance.choice([1, 1, 1, 2, 5, 20])):
        data = _once(chance, data)
    return data


def _once(chance: random.Random, data: bytes) -> bytes:
    start, end = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    end = min(end, start + chance.choice([1, 2, 8, 40, len(data)]))
    match chance.choice(["flip", "flip", "token", "token", "cut", "drop", "repeat", "swap", "twice", "self"]):
        case "flip" if data:
            at = chance.randrange(len(data))
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case "token":
            return data[:start] + chance.choice(TOKENS) + data[start:]
        case "cut" if chance.random() < 0.4:
            return data[:start]
        case "drop":
            return data[:start] + data[end:]
        case "repeat":
            return data[:end] + data[start:end] * chance.choice([1, 2, 30]) + data[end:]
        case "swap":
            return data[:start] + data[start:end][::-1] + data[end:]
        case "twice" if len(data) < 20_000:
            return data + data
        case "self":
            return data[:start] + data[start:end].swapcase() + data[end:]
    return data


def _unpacked(chance: random.Random, data: bytes) -> bytes | None:
    """Return an archive with one of its members damaged, None where nothing is packed."""
    with suppress(zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        if data.startswith(b"\x1f\x8b"):
            return gzip.compress(damaged(chance, gzip.decompress(data)), 1, mtime=0)
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                files = {name: archive.read(name) for name in archive.namelist()}
            victim = chance.choice(list(files))
            return packed(files | {victim: damaged(chance, files[victim])})
    return None

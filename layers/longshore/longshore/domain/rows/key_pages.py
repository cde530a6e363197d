"""The keys of a file and the rows that had them, in pages of a scratch file: here it is decided which are equal."""

from array import array
from collections.abc import Collection, Sequence
from struct import Struct
from typing import BinaryIO

KEYS = 512
"""How many keys one page holds at most."""

_PAIR = Struct("qq")
"""Two hashes of 8 bytes, kept of each key where the texts are longer than that."""

_USUAL = 64
_ROOMY = 2**25
"""Texts of usual length are kept all the same while the file has fewer bytes than this: it takes half the time."""

_HEAD = Struct("<I?c")
"""The number of keys, whether their texts are kept, and the type code of the row numbers."""

_FEW = 8
"""More keys than this are looked up in a table that is made of the page."""


class KeyPages:
    """Appends pages of keys to `log`, a file that this object alone writes and reads, and looks keys up in a page.

    The file takes at most 20 bytes a key, until it has 32 MB at most 68; row numbers of more than 32 bits take 4 more.
    Texts are compared as they are, or by 128 bits: Python's own hashes of the text and of the text with a suffix.
    Those are SipHash with a key drawn for the process (PEP 456), so neither chance nor malice makes two keys of n rows
    look equal with a probability above n² / 2**129.
    """

    def __init__(self, log: BinaryIO) -> None:
        self._log = log
        self._starts = array("Q", [0])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def append(self, keys: Sequence[str], rows: Sequence[int]) -> int:
        """Write a page of at most KEYS keys, no two of them equal, and return its number."""
        text = "\n".join(keys)
        kept = b""
        if text.count("\n") == len(keys) - 1:
            kept = b"\n%b\n" % text.encode("utf-8", "surrogatepass")
        is_text = bool(kept) and len(kept) <= len(keys) * (_USUAL if self._starts[-1] < _ROOMY else _PAIR.size) + 2
        if not is_text:
            kept = _pairs(keys)
        numbers = array("I" if rows[-1] < 2**32 else "Q", rows)
        page = b"".join((_HEAD.pack(len(keys), is_text, numbers.typecode.encode()), numbers.tobytes(), kept))
        self._log.write(page)
        self._starts.append(self._starts[-1] + len(page))
        return len(self) - 1

    def among(self, page: int, keys: Collection[str]) -> dict[str, int]:
        """Return the rows of those of the keys that the page has."""
        is_text, rows, kept = self._read(page)
        if is_text and len(keys) > _FEW:
            texts = dict(zip(_texts(kept), rows, strict=True))
            return {key: texts[key] for key in keys if key in texts}
        place = _text_place if is_text else _pair_place
        places = {key: place(kept, key) for key in keys}
        return {key: rows[at] for key, at in places.items() if at >= 0}

    def hashes(self, page: int, length: int) -> list[int]:
        """Return the hashes of the keys of so many characters, and maybe those of others in the page."""
        is_text, _, kept = self._read(page)
        return [hash(key) for key in _texts(kept) if len(key) == length] if is_text else list(array("q", kept)[::2])

    def _read(self, page: int) -> tuple[bool, "array[int]", bytes]:
        start, end = self._starts[page], self._starts[page + 1]
        self._log.seek(start)
        content = self._log.read(end - start)
        self._log.seek(self._starts[-1])
        size, is_text, typecode = _HEAD.unpack_from(content)
        rows = array(typecode.decode())
        until = _HEAD.size + size * rows.itemsize
        rows.frombytes(content[_HEAD.size : until])
        return is_text, rows, content[until:]


def _texts(kept: bytes) -> list[str]:
    return kept[1:-1].decode("utf-8", "surrogatepass").split("\n")


def _text_place(kept: bytes, key: str) -> int:
    at = kept.find(b"\n%b\n" % key.encode("utf-8", "surrogatepass"))
    return kept.count(b"\n", 0, at) if at >= 0 and "\n" not in key else -1


def _pairs(keys: Sequence[str]) -> bytes:
    hashes = array("q", bytes(_PAIR.size * len(keys)))
    hashes[::2] = array("q", map(hash, keys))
    hashes[1::2] = array("q", [hash(key + "\0") for key in keys])
    return hashes.tobytes()


def _pair_place(kept: bytes, key: str) -> int:
    pair = _pairs([key])
    at = kept.find(pair)
    while at % _PAIR.size and at >= 0:  # the bytes were found across two pairs
        at = kept.find(pair, at + 1)
    return at // _PAIR.size

"""The shared strings of a workbook: read once, kept compactly, given by number.

Most entries are one plain text; a pattern takes those out whole runs at a time. Whatever else there is (runs of rich
text, readings, comments, other prefixes) goes through the XML parser, so that no entry is guessed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast, overload

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.readers.archives.member import ArchiveMember
from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.workbook.plain_xml import as_plain_text, is_utf8, without_entities
from longshore.readers.workbook.values import unescaped
from longshore.readers.workbook.xml import XmlReader

MAX_STRINGS = 20_000_000
MAX_CHARS = 256 * 1024 * 1024

_BLOCK = 128
_PROBE = 64

_OPENED = 512
"""How many blocks of strings are kept opened: they are used again soon, since sheets are written in order."""

_BEGIN, _KEPT_SPACES, _END = "<si><t>", '<si><t xml:space="preserve">', "</t></si>"
_TAGS = 4
"""As many are left where all entries are alike: two before the first one and two after the last."""

_ENTRY = re.compile(r'<si><t(?: xml:space="preserve")?+>([^<]*+)</t></si>|([\s\S]+?</si>)')


def come_again(texts: Sequence[str]) -> bool:
    """Whether a column seems to have the same texts again and again."""
    beginning = texts[:_PROBE]
    return 2 * len(set(beginning)) <= len(beginning)


class SharedStrings(Sequence[str]):
    """Texts by number, in blocks that are joined while they are not used: strings in themselves cost 50 bytes each."""

    def __init__(self) -> None:
        self._blocks: list[str | list[str]] = []
        self._last: list[str] = []
        self._texts: list[str | None] = []
        self._opened: list[int] = []
        self._chars = 0

    def extend(self, texts: Sequence[str]) -> None:
        """Append texts; raise FileRejected beyond what a workbook may have."""
        self._texts += [None] * len(texts)
        self._chars += sum(map(len, texts))
        if len(self) > MAX_STRINGS or self._chars > MAX_CHARS:
            value, limit = f"{len(self)} strings of {self._chars} characters", f"{MAX_STRINGS} or {MAX_CHARS}"
            raise file_rejected("SHEET_TOO_LARGE", what="the workbook", value=value, limit=limit)
        self._last += texts
        whole = len(self._last) - len(self._last) % _BLOCK
        self._blocks += [_joined(self._last[at : at + _BLOCK]) for at in range(0, whole, _BLOCK)]
        del self._last[:whole]

    @overload
    def __getitem__(self, at: int, /) -> str: ...

    @overload
    def __getitem__(self, at: slice, /) -> Sequence[str]: ...

    def __getitem__(self, at: int | slice, /) -> str | Sequence[str]:
        """Return one text, or some."""
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        return self._found([at])[0]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._texts)

    def at(self, numbers: Sequence[str]) -> list[str]:
        """Return the texts with these numbers, "" for ""; raise IndexError or ValueError for numbers that are none."""
        if come_again(numbers):
            distinct = set(numbers)
            distinct.discard("")
            known = dict(zip(distinct, self._found(list(map(int, distinct))), strict=True))
            known[""] = ""
            return [known[number] for number in numbers]
        if "" not in numbers:
            return self._found(list(map(int, numbers)))
        following = iter(self._found([int(number) for number in numbers if number]))
        return [next(following) if number else "" for number in numbers]

    def _found(self, places: Sequence[int]) -> list[str]:
        texts = self._texts
        found = list(map(texts.__getitem__, places))
        if None in found:
            if len(self._opened) > _OPENED:
                self._close()
            self._open({place // _BLOCK for place in places if texts[place] is None})
            found = list(map(texts.__getitem__, places))
        return cast(list[str], found)

    def _open(self, blocks: Iterable[int]) -> None:
        for block in blocks:
            kept = self._blocks[block] if block < len(self._blocks) else self._last
            texts = kept.split("\0") if isinstance(kept, str) else kept
            self._texts[block * _BLOCK : block * _BLOCK + len(texts)] = texts
            self._opened.append(block)

    def _close(self) -> None:
        for block in self._opened:
            texts = self._texts[block * _BLOCK : (block + 1) * _BLOCK]
            self._texts[block * _BLOCK : block * _BLOCK + len(texts)] = [None] * len(texts)
        self._opened.clear()


def _joined(texts: list[str]) -> str | list[str]:
    """Return the texts as one; as they are where one of them has a NUL, which XML lacks but _x0000_ stands for."""
    joined = "\0".join(texts)
    return joined if joined.count("\0") == len(texts) - 1 else texts


class _Entries:
    """Gives the texts of shared strings that the XML parser meets."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._text: list[str] = []
        self._chars = 0
        self._ready: list[str] = []

    def taken(self) -> list[str]:
        """Return the texts that have ended since the last call."""
        taken, self._ready = self._ready, []
        return taken

    @property
    def between(self) -> bool:
        """Whether the parser stands between two entries."""
        return self._path == ["sst"]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name)
        if len(self._path) == 2:
            self._text, self._chars = [], 0

    def end(self, name: str) -> None:
        self._path.pop()
        if name == "si" and self.between:
            self._ready.append(unescaped("".join(self._text)))

    def text(self, data: str) -> None:
        if self._path[-1] == "t" and "rPh" not in self._path and self._chars <= MAX_RECORD_CHARS:
            self._chars += len(data)
            self._text.append(data)


def read_strings(member: ArchiveMember) -> SharedStrings:
    """Read the shared strings of a workbook; raise FileRejected."""
    strings, entries = SharedStrings(), _Entries()
    xml = XmlReader(entries, "the shared strings of the workbook")
    patterns_may = None
    for block in _whole_entries(member):
        text = as_plain_text(block) if patterns_may and entries.between else None
        if patterns_may is None:
            patterns_may = is_utf8(block)  # the first block has the declaration, so the parser must have it
        if text is None or not text.endswith("</si>"):
            xml.feed(block)
        else:
            strings.extend(_plain_entries(text, xml, entries))
        strings.extend(entries.taken())
    xml.feed(b"", final=True)
    return strings


def _whole_entries(member: ArchiveMember) -> Iterator[bytes]:
    """Yield the document cut after entries; a piece without the end of one comes as it is, so memory stays flat."""
    rest = b""
    while block := member.read():
        rest += block
        cut = rest.rfind(b"</si>") + 5
        if cut > 4 or len(rest) > MAX_RECORD_CHARS:
            cut = cut if cut > 4 else len(rest)
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _plain_entries(text: str, xml: XmlReader, entries: _Entries) -> list[str]:
    """Return the entries of a block that begins between two of them and ends with one."""
    alike = text.replace(_KEPT_SPACES, _BEGIN).replace(_END + _BEGIN, "\0")  # which XML does not have
    if alike.startswith(_BEGIN) and alike.endswith(_END) and alike.count("<") == _TAGS:
        texts = without_entities(alike[len(_BEGIN) : -len(_END)]).split("\0")
        return [unescaped(text) for text in texts] if "_x" in alike else texts
    found: list[str] = []
    for plain, other in _ENTRY.findall(text):
        if other:
            xml.feed(other.encode())
            if not entries.between:
                raise file_rejected("DAMAGED_WORKBOOK", what="the shared strings", problem="an entry within another")
            found += entries.taken()
        else:
            found.append(unescaped(without_entities(plain)) if "&" in plain or "_x" in plain else plain)
    return found

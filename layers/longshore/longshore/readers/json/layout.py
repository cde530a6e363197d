"""How a file of JSON is laid out: lines or a document, where its records are, and the paths of their values."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import listed
from longshore.domain.json_path import parse_path, path_text
from longshore.errors import FileRejected
from longshore.readers.header import normalised
from longshore.readers.json.document import members, skip_value
from longshore.readers.json.text import JsonText, blank_end
from longshore.readers.json.values import UNREADABLE, scan_loosely, scan_marked, why_unreadable

ARRAY_DEPTH = 8
"""How deep in the objects of a document an array of records is looked for."""

LINES_TRIED = 200
"""How many lines are tried before a file counts as NDJSON or not."""

NO_ARRAY_YET = "no array of objects begins near its beginning, so set file.path (or file.format, if lines are records)"

Path = tuple[str, ...]


class SampleEnds(Exception):
    """The sample is read to its end, but the file goes on."""


class Sample(BytesIO):
    """The first bytes of a file as a stream; raises SampleEnds where they are not the whole file."""

    def __init__(self, sample: bytes, complete: bool) -> None:
        super().__init__(sample)
        self._complete = complete

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most `size` next bytes."""
        block = super().read(size)
        if not block and not self._complete:
            raise SampleEnds
        return block


def is_lines(text: str, complete: bool) -> bool:
    """Whether a file that begins so is NDJSON: objects stand on its first line, or on most lines, alone and whole.

    No JSON document is laid out so, however it is broken into lines: after a first line that is a whole value it would
    be at its end, and elsewhere a bracket or comma has to stand before each object that has a line for itself, and a
    bracket after the last one. So these are less than half of its lines, or half where its end is out of sight. A
    whole file of one line is a document: its only object is one record in either reading.
    """
    lines = text.split("\n")
    if not complete:
        lines.pop()
    lines = [line for line in (line.strip(" \t\r") for line in lines) if line][:LINES_TRIED]
    if not lines or (complete and len(lines) < 2):
        return False
    whole = list(map(_is_object, lines))
    if whole[0] or 2 * sum(whole) > len(lines):
        return True
    return 2 * sum(whole) == len(lines) and not _goes_on("\n".join(lines))


def _is_object(line: str) -> bool:
    """Whether a line is an object as a whole; what no record may have inside (NaN, a key twice) does not matter."""
    try:
        return line[0] == "{" and scan_loosely(line, 0)[1] == len(line)
    except UNREADABLE:
        return False


def _goes_on(text: str) -> bool:
    """Whether nothing is wrong with the value that begins here, but that the text ends before it does."""
    try:
        scan_loosely(text, 0)
    except UNREADABLE as error:
        return why_unreadable(error, text, 0).at == len(text)
    return False


@dataclass(frozen=True)
class _Place:
    """A place where records may be, and how many wanted headers its first record has."""

    path: Path
    score: int
    empty: bool = False


def find_path(window: JsonText, wanted: Set[str]) -> Path:
    """Return the keys that lead to the array of records; () if it is the document itself, or if that is one record.

    That is the array whose first object fits `wanted` best. Raises FileRejected where several fit alike, or where none
    begins within the sample.
    """
    window.skip_blank()
    if not window.sees("{"):
        return ()
    text, begins = window.text, window.at
    places: list[_Place] = []
    try:
        for place in _arrays(window, (), wanted):
            places.append(place)
    except SampleEnds:
        alone = None
        if not places:
            raise file_rejected("NOT_A_TABLE", problem=NO_ARRAY_YET) from None
    except FileRejected:
        if not places:
            raise
        alone = None
    else:
        alone = _score_at(text, begins, wanted)
    return _best(places, alone, bool(wanted))


def _best(places: Sequence[_Place], alone: int | None, known: bool) -> Path:
    """Choose among arrays and, if it has a score, the document itself."""
    filled = [place for place in places if not place.empty]
    if not filled and known and alone == 0:
        filled = list(places)
    top = max((place.score for place in filled), default=-1)
    if alone is not None and (not filled or alone > top):
        return ()
    best = [place for place in filled if place.score == top]
    if len(best) != 1:
        raise file_rejected("AMBIGUOUS_PATH", paths=listed(path_text(place.path) for place in best or places))
    return best[0].path


def _arrays(window: JsonText, path: Path, wanted: Set[str]) -> Iterator[_Place]:
    for key in members(window):
        inner = (*path, key)
        if window.sees("["):
            first = blank_end(window.text, window.at + 1)
            if window.text[first : first + 1] in ("{", "]"):
                yield _Place(inner, _score_at(window.text, first, wanted), window.text[first] == "]")
            skip_value(window)
        elif window.sees("{") and len(inner) < ARRAY_DEPTH:
            yield from _arrays(window, inner, wanted)
        else:
            skip_value(window)


def _score_at(text: str, at: int, wanted: Set[str]) -> int:
    try:
        return _score(scan_marked(text, at)[0], wanted)
    except UNREADABLE:
        return 0


def _score(record: Any, wanted: Set[str]) -> int:
    if not isinstance(record, dict):
        return 0
    return len(wanted & {normalised(path_text(path)) for path in leaf_paths([record], wanted)})


def leaf_paths(records: Iterable[Any], wanted: Set[str]) -> dict[Path, int]:
    """Return the paths of the values in some records, in the order in which they are met, and how many have each.

    Objects are looked into, unless they are wanted as a whole; arrays only where a wanted path leads into them. What is
    always null or empty is left out where other records have values inside.
    """
    ways = {normalised(path_text(keys[:n])) for keys in map(parse_path, wanted) for n in range(1, len(keys))}
    met: dict[Path, int] = {}
    filled: set[Path] = set()
    pending: list[tuple[Path, Any]] = [((), record) for record in records]
    pending.reverse()
    while pending:
        path, value = pending.pop()
        name = normalised(path_text(path)) if path else ""
        is_way = not path or name in ways
        inside: list[tuple[Path, Any]] = []
        if isinstance(value, dict) and (is_way or name not in wanted):
            inside = [((*path, key), item) for key, item in value.items()]
        elif isinstance(value, list) and is_way:
            inside = [((*path, str(n)), item) for n, item in enumerate(value)]
        pending += reversed(inside)
        if path and (name in wanted or not (inside or is_way)) and is_unicode("".join(path)):
            met[path] = met.get(path, 0) + 1
            if not inside and value not in (None, {}, []):
                filled.add(path)
    roots = {path[:n] for path in met for n in range(1, len(path))}
    return {path: n for path, n in met.items() if path in filled or path not in roots or is_wanted(path, wanted)}


def is_wanted(path: Path, wanted: Set[str]) -> bool:
    """Whether this is one of the wanted headers, which are normalised."""
    return normalised(path_text(path)) in wanted


def is_unicode(text: str) -> bool:
    """Whether a text can be stored as UTF-8: a lone surrogate that is escaped in JSON cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""The fast way to read rows: one pattern takes them out as programs write them, and whole columns are read at a time.

The pattern takes a row only where every character of it is understood. All other rows, the head of a sheet and its end
are for the exact reader, whose parser sees a well-formed document that lacks some whole rows; so both give the same.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from longshore.domain.chunk import Notice
from longshore.readers.workbook_block import Block
from longshore.readers.workbook_cells import CellKind, CellKinds, Number
from longshore.readers.workbook_plain_xml import without_entities
from longshore.readers.workbook_sheet import MAX_ROWS, letters_of
from longshore.readers.workbook_values import SAFE_DIGITS, BadCell, has_many_digits

Found = tuple[str, ...]
"""What the pattern found: number of the row, what precedes each text and the text; or "" and in the last place XML."""

Meaning = tuple[CellKind, bool, bool]
"""How a cell is read, whether it has a formula, and whether it may have one whose value is no text at all."""

_MANY = 10_000


class Unusual(Exception):
    """Something that the pattern takes but only the exact reader understands."""


class RowPattern:
    """Reads the rows of a table of `width` columns; `prefix` is that of the sheet's elements, such as "x:"."""

    def __init__(self, kinds: CellKinds, width: int, prefix: str) -> None:
        self._kinds = kinds
        self._width = width
        self._rows = _compiled(width, prefix)
        p = re.escape(prefix)
        self._kind = re.compile(
            r'(?: s="([0-9]{1,9})")?(?: t="([A-Za-z]+)")?(?: s="([0-9]{1,9})")?>'
            rf'(<{p}f[ />][\s\S]*)?(?:<{p}v>|<{p}is><{p}t(?: xml:space="preserve")?>)'
        )
        self._known: dict[str, Meaning] = {}

    def find(self, text: str) -> list[Found]:
        """Return the rows of a plain text that ends with one, and the XML between and instead of them."""
        return self._rows.findall(text)

    def read(self, found: Sequence[Found], entities: bool) -> Block:
        """Read rows that the pattern found; raise Unusual. `entities` says that texts may hold some."""
        numbers, *cells = zip(*found, strict=True)
        lines = list(map(int, numbers))
        if not all(a < b for a, b in pairwise(lines)) or not 0 < lines[0] <= lines[-1] <= MAX_ROWS:
            raise Unusual
        block = Block(lines, [])
        for at in range(self._width):
            kinds: Sequence[str] = cells[2 * at]
            texts: Sequence[str] = cells[2 * at + 1]
            if entities:
                texts = [without_entities(text) if "&" in text else text for text in texts]
            block.columns.append(self._column(at, kinds, texts, block))
        return block

    def _column(self, at: int, kinds: Sequence[str], texts: Sequence[str], block: Block) -> Sequence[str]:
        present = set(kinds)
        present.discard("")
        meanings = {kind: self._known.get(kind) or self._meaning(kind) for kind in present}
        if any(meaning[1] for meaning in meanings.values()):
            self._note_formulas(at, [meanings.get(kind) for kind in kinds], texts, block)
        ways = {meaning[0] for meaning in meanings.values()}
        if not ways:
            return texts
        if len(ways) == 1:
            return _texts(ways.pop(), at, block.lines, texts, block)
        whole = [""] * len(texts)
        for way in ways:
            places = [place for place, kind in enumerate(kinds) if kind and meanings[kind][0] is way]
            lines, some = [block.lines[place] for place in places], [texts[place] for place in places]
            for place, text in zip(places, _texts(way, at, lines, some, block), strict=True):
                whole[place] = text
        return whole

    def _meaning(self, kind: str) -> Meaning:
        match = self._kind.fullmatch(kind)
        if match is None or (match[1] and match[3]):
            raise Unusual
        meaning = self._kinds.kind(match[2] or "", match[1] or match[3] or ""), bool(match[4]), match[2] != "str"
        if not match[4] and len(self._known) < _MANY:
            self._known[kind] = meaning
        return meaning

    def _note_formulas(self, at: int, meanings: Sequence[Meaning | None], texts: Sequence[str], block: Block) -> None:
        places = [place for place, meaning in enumerate(meanings) if meaning and meaning[1]]
        block.notices.append(Notice("FORMULA", block.lines[places[0]], at + 1, {"count": len(places)}))
        for place in places:
            meaning = meanings[place]
            if not texts[place] and meaning and meaning[2]:
                block.faults.setdefault(block.lines[place], []).append((at, BadCell("FORMULA_WITHOUT_VALUE")))


def _texts(way: CellKind, at: int, lines: Sequence[int], texts: Sequence[str], block: Block) -> Sequence[str]:
    read = way.column(texts)
    if read is texts:
        return texts
    if read is None:
        read = [_one(way, at, line, text, block) if text else "" for line, text in zip(lines, texts, strict=True)]
    if isinstance(way, Number):
        places = [n for n, text in enumerate(read) if len(text) > SAFE_DIGITS and has_many_digits(text)]
        if places:
            data = {"count": len(places), "value": read[places[0]]}
            block.notices.append(Notice("MANY_DIGITS", lines[places[0]], at + 1, data))
    return read


def _one(way: CellKind, at: int, line: int, text: str, block: Block) -> str:
    try:
        return way.one(text)
    except BadCell as bad:
        block.faults.setdefault(line, []).append((at, bad))
        return ""


def _compiled(width: int, prefix: str) -> re.Pattern[str]:
    p = re.escape(prefix)
    blank = rf"[^>]*+>(?:(?<=/>)|</{p}c>)"
    before = rf"[^>]*+>(?:<{p}f[^>]*+>(?:[^<]*+</{p}f>)?+)?+(?:<{p}v>|<{p}is><{p}t[^>]*+>)"
    value = rf"({before})([^<]*+)</{p}(?:v|t></{p}is)></{p}c>"
    cells = "".join(
        rf'(?:<{p}c r="{letters_of(at)}[0-9]++"{value}|<{p}c r="{letters_of(at)}[0-9]++"{blank})?+'
        for at in range(width)
    )
    rest = rf'(?:<{p}c r="[A-Z]++[0-9]++"{blank})*+'
    return re.compile(rf'\s*+<{p}row r="([0-9]{{1,7}})"[^>]*+>{cells}{rest}</{p}row>|([\s\S]+?</{p}row>)')

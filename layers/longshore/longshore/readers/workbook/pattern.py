"""The fast way to read rows: one pattern takes them out as programs write them, and whole columns are read at a time.

The pattern takes a row only where every character of it is understood. All other rows, the head of a sheet and its end
are for the exact reader, whose parser sees a well-formed document that lacks some whole rows; so both give the same.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter, lt

from longshore.domain.chunk import Notice
from longshore.readers.workbook.block import Block
from longshore.readers.workbook.cells import CellKind, CellKinds, Number
from longshore.readers.workbook.forms import Form, Meaning, SettledColumns, Slot, any_form
from longshore.readers.workbook.plain_xml import without_entities_each
from longshore.readers.workbook.sheet import MAX_ROWS
from longshore.readers.workbook.values import SAFE_DIGITS, BadCell, has_many_digits

Found = tuple[str, ...]
"""What a form found of a row; or "" and in the last place XML."""

Plain = Callable[[Sequence[str]], Sequence[str]]
"""Resolves the entities of texts."""

_MANY = 10_000
_LEARNED_FROM = 2
_MISSES = 8
"""So often, and then once in so many pieces, rows may be of another form than those before."""

_LAST = itemgetter(-1)


class Unusual(Exception):
    """Something that the pattern takes but only the exact reader understands."""


class RowPattern:
    """Reads the rows of a table of `width` columns; `prefix` is that of the sheet's elements, such as "x:"."""

    def __init__(self, kinds: CellKinds, width: int, prefix: str) -> None:
        self._kinds = kinds
        self._any = any_form(width, prefix)
        self._settled = SettledColumns(width, prefix)
        self._pieces = self._misses = 0
        p = re.escape(prefix)
        self._kind = re.compile(
            r'(?: s="([0-9]{1,9})")?(?: t="([A-Za-z]+)")?(?: s="([0-9]{1,9})")?>'
            rf'(<{p}f[ />][\s\S]*)?(?:<{p}v>|<{p}is><{p}t(?: xml:space="preserve")?>)'
        )
        self._known: dict[str, Meaning] = {}

    def find(self, text: str) -> tuple[Form, list[Found]]:
        """Return the rows of a plain text that ends with one, and the XML between and instead of them."""
        self._pieces += 1
        if self._pieces > _LEARNED_FROM and self._misses <= _MISSES + self._pieces // _MISSES:
            settled = self._settled.form
            found: list[Found] = settled.rows.findall(text)
            if not any(map(_LAST, found)):
                return settled, found
            self._misses += 1
        return self._any, self._any.rows.findall(text)

    def read(self, form: Form, found: Sequence[Found], entities: bool) -> Block:
        """Read rows that a form found; raise Unusual. `entities` says that texts may hold some."""
        numbers, *groups = zip(*found, strict=True)
        lines = list(map(int, numbers))
        if not all(map(lt, lines, lines[1:])) or not 0 < lines[0] <= lines[-1] <= MAX_ROWS:
            raise Unusual
        block = Block(lines, [])
        plain = without_entities_each if entities else _as_they_are
        following = iter(groups)
        block.columns += [self._column(at, slot, following, plain, block) for at, slot in enumerate(form.slots)]
        return block

    def _column(
        self, at: int, slot: Slot, groups: Iterator[Sequence[str]], plain: Plain, block: Block
    ) -> Sequence[str]:
        if slot.kind is None:
            return self._others(at, block.lines, next(groups), plain(next(groups)), block)
        texts = _texts(slot.kind, at, block.lines, plain(next(groups)), block)
        if not slot.any_others:
            return texts
        spellings, others = next(groups), plain(next(groups))
        if not any(spellings):
            return texts
        places = [place for place, spelling in enumerate(spellings) if spelling]
        lines, whole = [block.lines[place] for place in places], list(texts)
        read = self._others(at, lines, [spellings[n] for n in places], [others[n] for n in places], block)
        for place, text in zip(places, read, strict=True):
            whole[place] = text
        return whole

    def _others(
        self, at: int, lines: Sequence[int], spellings: Sequence[str], texts: Sequence[str], block: Block
    ) -> Sequence[str]:
        """Read cells of which each tells by what precedes its text how it is read."""
        present = set(spellings)
        present.discard("")
        meanings = {spelling: self._known.get(spelling) or self._meaning(spelling) for spelling in present}
        self._settled.learn(at, spellings, meanings)
        if any(meaning[1] for meaning in meanings.values()):
            _note_formulas(at, lines, [meanings.get(spelling) for spelling in spellings], texts, block)
        kinds = {meaning[0] for meaning in meanings.values()}
        if not kinds:
            return texts
        if len(kinds) == 1:
            return _texts(kinds.pop(), at, lines, texts, block)
        whole = [""] * len(texts)
        for kind in kinds:
            places = [n for n, spelling in enumerate(spellings) if spelling and meanings[spelling][0] is kind]
            read = _texts(kind, at, [lines[n] for n in places], [texts[n] for n in places], block)
            for place, text in zip(places, read, strict=True):
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


def _as_they_are(texts: Sequence[str]) -> Sequence[str]:
    return texts


def _note_formulas(
    at: int, lines: Sequence[int], meanings: Sequence[Meaning | None], texts: Sequence[str], block: Block
) -> None:
    computed = []
    for place, meaning in enumerate(meanings):
        if meaning and meaning[1]:
            if texts[place] or not meaning[2]:
                computed.append(place)
            else:
                block.faults.setdefault(lines[place], []).append((at, BadCell("FORMULA_WITHOUT_VALUE")))
    if computed:
        block.notices.append(Notice("FORMULA", lines[computed[0]], at + 1, {"count": len(computed)}))


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

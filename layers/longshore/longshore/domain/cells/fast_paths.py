"""Fast paths: what is certainly a value, found in few passes over a whole column; all else goes to the slow function.

A fast path may only accept. It gets the transformed texts of a column and gives their values and the positions of the
suspects; the values there mean nothing. "" is blank and has no value.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence

import orjson

from longshore.domain.cells.addresses import PHONE, PHONE_PUNCTUATION
from longshore.domain.cells.fast_moments import MomentColumn
from longshore.domain.cells.fidelity import SHORTENED
from longshore.domain.cells.patterns import outside
from longshore.domain.cells.structures import compact
from longshore.domain.cells.value_types import EXACT_TYPES, MOMENT_TYPES, FieldType, Spelling
from longshore.domain.cells.values import moment_reader
from longshore.domain.records import Value

MEMO_LIMIT = 4096
"""How many distinct texts a column remembers; later ones are looked at each time."""

Accepted = tuple[list[Value], Collection[int]]
Accept = Callable[[Sequence[str]], Accepted]
Convert = Callable[[Sequence[str]], Iterable[Value]]
Judge = Callable[[str], tuple[bool, Value]]
"""The slow function for one transformed text: whether nothing is to be said about it, and its value."""


def fast_path(field_type: FieldType, spelling: Spelling, judge: Judge) -> Accept:
    """Return the fast path of a type; the rules of the field are not its business."""
    if field_type in EXACT_TYPES:
        return _exact
    if field_type in MOMENT_TYPES:
        return _moments(field_type, spelling, judge)
    if field_type == "json":
        return _json
    if field_type == "list":
        return _listed(spelling.separator)
    if spelling.decimal_comma:
        return remembered(judge) if spelling.native_numbers else _shaped(*_WITH_COMMA[field_type])
    return _shaped(*_SHAPES[field_type])


def remembered(judge: Judge) -> Accept:
    """For columns of few distinct texts: booleans, enums, and what has no shape."""
    value_of = _Memo(judge).__getitem__

    def accept(texts: Sequence[str]) -> Accepted:
        values = list(map(value_of, texts))
        if _SUSPECT not in values:
            return values, ()
        return values, [at for at, value in enumerate(values) if value == _SUSPECT]

    return accept


class _Memo(dict[str, Value]):
    """Remembers the values of texts; one that something is to be said about gives _SUSPECT and is not remembered."""

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self._judge = judge

    def __missing__(self, text: str) -> Value:
        fine, value = self._judge(text)
        if not fine:
            return _SUSPECT
        if len(self) < MEMO_LIMIT:
            self[text] = value
        return value


_SUSPECT = "\0suspect"
"""Stands for what must be looked at; should a value ever equal it, that one is merely looked at twice."""


def without_blanks(texts: Sequence[str]) -> list[Value]:
    """Return the texts as values."""
    return [text or None for text in texts] if "" in texts else list(texts)


def _exact(texts: Sequence[str]) -> Accepted:
    joined = "\n".join(texts)
    suspects: Collection[int] = ()
    if "+" in joined and ("E+" in joined or "e+" in joined):
        suspects = [at for at, text in enumerate(texts) if SHORTENED.fullmatch(text)]
    return without_blanks(texts), suspects


def _shaped(shape: str, convert: Convert) -> Accept:
    """For columns of many distinct texts: joined by line feeds, one match ends at the first text of another shape."""
    lines = re.compile(rf"(?:(?:{shape})?\n)*+".encode())

    def accept(texts: Sequence[str]) -> Accepted:
        found = outside(lines, texts)
        suspects: Sequence[int] = range(len(texts)) if found is None else found
        if not suspects and "" not in texts:
            return list(convert(texts)), ()
        left_out = set(suspects)
        sure = [at for at, text in enumerate(texts) if text and at not in left_out]
        values: list[Value] = [None] * len(texts)
        for at, value in zip(sure, convert([texts[at] for at in sure]), strict=True):
            values[at] = value
        return values, suspects

    return accept


def _integers(texts: Sequence[str]) -> Iterable[Value]:
    return map(int, texts)


def _decimals(texts: Sequence[str]) -> Iterable[Value]:
    """Return decimals without needless zeros; all are in plain notation already."""
    return [text if text[-1] != "0" or "." not in text else _without_zeros(text) for text in texts]


def _without_zeros(text: str) -> str:
    short = text.rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def _pointed(texts: Sequence[str]) -> list[str]:
    """Return numbers with decimal point for numbers with decimal comma."""
    return "\n".join(texts).translate(_COMMA_TO_POINT).split("\n") if texts else []


def _lower(texts: Sequence[str]) -> Iterable[Value]:
    return map(str.lower, texts)


def _without_punctuation(texts: Sequence[str]) -> Iterable[Value]:
    return "\n".join(texts).translate(PHONE_PUNCTUATION).split("\n") if texts else []


_COMMA_TO_POINT = str.maketrans({".": None, ",": "."})
_GROUPS = r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){1,4}"
_PLAIN_INTEGER = "0|-?[1-9][0-9]{0,14}"
_LONG_FRACTION = r"(?=[-0-9.]{1,16}\n)-?(?:0|[1-9][0-9]*+)\.[0-9]++"
_LABEL = "[0-9a-z]++(?:-++[0-9a-z]++)*+"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})++(?<=[a-z])"
_DIGIT = "(?:[ ./()-]*+[0-9])"
_WRITTEN_PHONE = rf"(?:(?=\+[1-9]{_DIGIT}{{6,14}}\)?\n)(?![^\n]*\(0)|(?={_DIGIT}{{3,15}}\)?\n)){PHONE}"
_LOCAL = "[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]++"

_SHAPES: dict[FieldType, tuple[str, Convert]] = {
    "integer": ("0|[+-]?[1-9][0-9]{0,14}", _integers),
    "decimal": (rf"-?(?:0|[1-9][0-9]{{0,8}}+)\.[0-9]{{1,6}}+(?=\n)|{_PLAIN_INTEGER}|{_LONG_FRACTION}", _decimals),
    "email": (rf"(?=[^\n]{{6,64}}\n){_LOCAL}(?:\.{_LOCAL})*+@{_DOMAIN}", list),
    "phone": (rf"\+[1-9][0-9]{{6,14}}|[0-9]{{3,15}}|{_WRITTEN_PHONE}", _without_punctuation),
    "url": (
        rf"(?=[^\n]{{1,2000}}\n)https?://(?=[^/:?#\n]{{1,63}}[/:?#\n]){_DOMAIN}(?::[0-9]{{1,4}})?"
        r"(?:[/?#][!#-;=?-\[\]-~]*+)?",
        list,
    ),
    "uuid": ("[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}", _lower),
}
"""Shapes that are certainly values without anything to remark, and how such texts become them.

Numbers have at most 15 digits and no leading zeros (see fidelity). Hosts end with a letter, so they are no IP address;
they and local parts of addresses are no longer than the least of the limits.
"""

_WITH_COMMA: dict[FieldType, tuple[str, Convert]] = {
    "integer": (rf"0|-?(?:[1-9][0-9]{{0,14}}|{_GROUPS})", lambda texts: map(int, _pointed(texts))),
    "decimal": (
        rf"0|-?(?:[1-9][0-9]{{0,14}}|{_GROUPS})|(?=[-0-9.,]{{1,16}}\n)-?(?:0|{_GROUPS}|[1-9][0-9]*+),[0-9]++",
        lambda texts: _decimals(_pointed(texts)),
    ),
}


def _moments(field_type: FieldType, spelling: Spelling, judge: Judge) -> Accept:
    reader = moment_reader(field_type, spelling)
    assert reader is not None
    column, otherwise = MomentColumn(field_type, reader), remembered(judge)
    return lambda texts: column(texts) or otherwise(texts)


def _json(texts: Sequence[str]) -> Accepted:
    """For JSON: parsed once, only to see that it is valid; the text is the value, less the spaces between its parts."""
    invalid = _invalid(texts) if max(map(len, texts)) <= _SURELY_SHALLOW else range(len(texts))
    joined = "\n".join(texts)
    if joined.count("\n") >= len(texts):
        return without_blanks(texts), range(len(texts))
    if not any(space in joined for space in " \t\r"):
        return without_blanks(texts), invalid
    if not invalid:
        return without_blanks(compact(joined).split("\n")), ()
    wrong = set(invalid)
    return [None if not text or at in wrong else compact(text) for at, text in enumerate(texts)], invalid


def _invalid(texts: Sequence[str]) -> Sequence[int]:
    try:
        for _ in map(orjson.loads, filter(None, texts)):
            pass
    except orjson.JSONDecodeError:
        return [at for at, text in enumerate(texts) if text and not _is_json(text)]
    return ()


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


_SURELY_SHALLOW = 500
"""No JSON text of so few characters is nested too deep for any parser."""


def _listed(separator: str) -> Accept:
    """For lists without brackets, blank items and blanks around items."""
    end = re.escape(separator)
    item = rf"(?!{end})[^\s\[](?:(?!{end})[^\n])*+(?<![ \t])"
    plain = re.compile(rf"(?:(?:{item}(?:{end}{item})*+)?\n)*+".encode())

    def accept(texts: Sequence[str]) -> Accepted:
        found = outside(plain, texts)
        suspects = range(len(texts)) if found is None else found
        if "" in texts:
            return [text.split(separator) if text else None for text in texts], suspects
        return [text.split(separator) for text in texts], suspects

    return accept

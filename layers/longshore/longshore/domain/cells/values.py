"""From the text of a cell to its canonical value, type by type; every spelling not listed here is refused."""

from collections.abc import Callable
from typing import get_args

from longshore.domain.cells import addresses, numbers, structures
from longshore.domain.cells.moments import DateReader, DatetimeReader, MomentReader, TimeReader
from longshore.domain.cells.value_types import BLANKS, EXACT_TYPES, BadValue, FieldType, Spelling
from longshore.domain.records import Value

BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

Parse = Callable[[str], Value]
"""From the text of a cell to its canonical value, None for a blank one; raises BadValue."""


PLAIN = Spelling()


def parser(field_type: FieldType, spelling: Spelling = PLAIN) -> Parse:
    """Compile how values of a type are read. Raises ValueError for a spelling that makes no sense."""
    if field_type in EXACT_TYPES:
        return _exact
    read = moment_reader(field_type, spelling) or _READERS[field_type](spelling)

    def parse(text: str) -> Value:
        stripped = text.strip(BLANKS)
        return read(stripped) if stripped else None

    return parse


def parse_value(field_type: FieldType, text: str) -> Value:
    """Return the canonical value of a cell spelled as the type always accepts it; raise BadValue."""
    return _PLAIN[field_type](text)


def moment_reader(field_type: FieldType, spelling: Spelling) -> MomentReader | None:
    """Return what reads dates, datetimes or times; None for other types. Raises ValueError like `parser`."""
    if field_type == "date":
        return DateReader(spelling.formats)
    if field_type == "datetime":
        return DatetimeReader(spelling.formats, spelling.zone)
    return TimeReader(spelling.formats) if field_type == "time" else None


def _exact(text: str) -> str | None:
    return text or None


def _number(read: Parse) -> Callable[[Spelling], Parse]:
    def compile_(spelling: Spelling) -> Parse:
        if not spelling.decimal_comma:
            return read
        return lambda text: read(numbers.point_for_comma(text, spelling.native_numbers))

    return compile_


def _boolean(spelling: Spelling) -> Parse:
    words = BOOLEANS | {word.strip(BLANKS).lower(): True for word in spelling.true_values}
    words |= {word.strip(BLANKS).lower(): False for word in spelling.false_values}

    def read(text: str) -> bool:
        try:
            return words[text.lower()]
        except KeyError:
            raise BadValue("NOT_A_BOOLEAN") from None

    return read


_READERS: dict[FieldType, Callable[[Spelling], Parse]] = {
    "integer": _number(numbers.integer),
    "decimal": _number(numbers.decimal),
    "boolean": _boolean,
    "email": lambda _: addresses.email,
    "phone": lambda _: addresses.phone,
    "url": lambda _: addresses.url,
    "uuid": lambda _: addresses.uuid,
    "json": lambda _: structures.json_text,
    "list": lambda spelling: structures.list_reader(spelling.separator),
}

_PLAIN: dict[FieldType, Parse] = {field_type: parser(field_type) for field_type in get_args(FieldType)}

"""The rules that values may occur only once in a file: of one field, or of several together."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, BinaryIO

from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.cells.columns import Fault
from longshore.domain.records import KEY_SEPARATOR, Value, key_part
from longshore.domain.rows.key_index import KeyIndex
from longshore.domain.rows.mask import MASK
from longshore.domain.rows.positions import before, without
from longshore.domain.rows.sensitive_paths import sensitive_fields
from longshore.domain.templates.template import Template

Scratch = Callable[[], BinaryIO]
"""Makes an empty file that can be read and written and lives as long as the checks do."""


class UniqueRule:
    """Finds the rows whose values of some fields were met before; a row that lacks one of the values has none."""

    def __init__(self, fields: Sequence[str], sensitive: Collection[str], log: BinaryIO) -> None:
        self.fields = tuple(fields)
        self._names = listed(fields)
        self._masked = [name in sensitive for name in fields]
        self._met = KeyIndex(log)

    def check(
        self, values: Mapping[str, Sequence[Value]], rows: Sequence[int], skipped: Collection[int]
    ) -> dict[int, Fault]:
        """Return the faults by position; rows at `skipped` positions have no sound values and are passed over."""
        sound: Sequence[Sequence[Any]] = [rows, *(values[name] for name in self.fields)]
        left_out = set(skipped)
        for column in sound[1:]:
            if not all(column):  # a blank one, or a zero
                left_out.update(at for at, value in enumerate(column) if value is None)
        if left_out:
            sound = without(left_out, sound)
        rows, *columns = sound
        place = before(left_out)
        return {
            place(at): Fault("NOT_UNIQUE", self._data([column[at] for column in columns], first))
            for at, first in self._met.add(joined(columns), rows)
        }

    def _data(self, values: Sequence[Value], first_row: int) -> dict[str, object]:
        quoted = [MASK if masked else shown(str(value)) for value, masked in zip(values, self._masked, strict=True)]
        return {"fields": self._names, "value": ", ".join(quoted), "first_row": first_row}


def unique_rules(template: Template, fields: Collection[str], scratch: Scratch) -> list[UniqueRule]:
    """Return the rules on fields that the file has.

    One whose fields hold those of the key, or of a rule before it, is left out: rows that repeat all its values repeat
    the fewer values too, for which they are rejected.
    """
    wanted = [(field.name,) for field in template.fields if field.unique] + [tuple(names) for names in template.unique]
    kept: list[tuple[str, ...]] = []
    for names in sorted(wanted, key=len):
        implied = any(set(fewer) <= set(names) for fewer in (template.key, *kept))
        if not implied and set(names) <= set(fields):
            kept.append(names)
    sensitive = sensitive_fields(template)
    return [UniqueRule(names, sensitive, scratch()) for names in kept]


def joined(columns: Sequence[Sequence[Any]]) -> Sequence[str]:
    """Return the values of each row as one text, escaped and joined as record_key does it."""
    parts = [_escaped(column) for column in columns]
    return parts[0] if len(parts) == 1 else list(map(KEY_SEPARATOR.join, zip(*parts, strict=True)))


def _escaped(column: Sequence[Any]) -> Sequence[str]:
    try:
        text = "".join(column)
    except TypeError:  # not all of them are texts
        column = list(map(str, column))
        text = "".join(column)
    return list(map(key_part, column)) if "%" in text or KEY_SEPARATOR in text else column

"""The rules on the key of a row: not met before in the file, and short enough for the destination."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.cells.columns import Fault, Faults
from longshore.domain.records import Value, record_key
from longshore.domain.rows.mask import masked_key
from longshore.domain.rows.part_keys import PartKeys
from longshore.domain.rows.positions import before, without
from longshore.domain.rows.sensitive_paths import sensitive_fields
from longshore.domain.rows.uniqueness import joined
from longshore.domain.templates.template import Template

KEY_BYTES = 2048
"""Longest partition key (DynamoDB developer guide, "Quotas", partition key length)."""

UTF8_BYTES = 4
"""Most bytes of one character in UTF-8."""


class KeyCheck:
    """Checks keys in the order of the file and remembers them in `met`."""

    def __init__(self, template: Template, tenant: str, met: PartKeys) -> None:
        self.fields = tuple(template.key)
        self._met = met
        self._names = listed(template.key)
        self._sensitive = sensitive_fields(template) & set(template.key)
        self._prefix = len(record_key(tenant, template.record_type, [""]).encode())

    def check(self, values: Mapping[str, Sequence[Value]], rows: Sequence[int], keyless: Collection[int]) -> Faults:
        """Return the faults by position; rows at `keyless` positions have no valid key and are passed over."""
        sound: Sequence[Sequence[Any]] = [rows, *(values[name] for name in self.fields)]
        if keyless:
            sound = without(keyless, sound)
        rows, *columns = sound
        keys, place = joined(columns), before(keyless)
        faults: Faults = {}
        for at, first in self._met.add(keys, rows):
            shown_key = shown(masked_key(keys[at], self.fields, self._sensitive))
            faults[place(at)] = [Fault("DUPLICATE_KEY", {"key": shown_key, "first_row": first})]
        if self._prefix + UTF8_BYTES * self._met.longest > KEY_BYTES:  # else there is nothing to measure
            for at, key in enumerate(keys):
                if (size := self._prefix + len(key.encode())) > KEY_BYTES:
                    data = {"bytes": size, "limit": KEY_BYTES, "key_fields": self._names}
                    faults.setdefault(place(at), []).append(Fault("KEY_TOO_LONG", data))
        return faults

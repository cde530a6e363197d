"""The rules on the key of a row: not met before in the file, and short enough for the destination."""

from collections.abc import Collection, Sequence

from longshore.domain.columns import Fault, Faults
from longshore.domain.key_index import KeyIndex
from longshore.domain.records import KEY_SEPARATOR, Scalar, key_part, record_key
from longshore.domain.row_errors import listed, shown
from longshore.domain.template import Template

KEY_BYTES = 2048
"""Longest partition key (DynamoDB developer guide, "Quotas", partition key length)."""

UTF8_BYTES = 4
"""Most bytes of one character in UTF-8."""


class KeyCheck:
    """Checks keys in the order of the file and remembers them."""

    def __init__(self, template: Template, tenant: str) -> None:
        self._met = KeyIndex()
        self._names = listed(template.key)
        self._prefix = len(record_key(tenant, template.record_type, [""]).encode())

    def check(self, key_columns: Sequence[Sequence[Scalar]], rows: Sequence[int], keyless: Collection[int]) -> Faults:
        """Return the faults by position; rows at `keyless` positions have no valid key and are passed over."""
        keys = _joined(key_columns)
        positions: Sequence[int] = range(len(keys))
        if keyless:
            positions = [at for at in positions if at not in keyless]
            keys, rows = [keys[at] for at in positions], [rows[at] for at in positions]
        faults: Faults = {}
        for at, first in self._met.add(keys, rows):
            faults[positions[at]] = [Fault("DUPLICATE_KEY", {"key": shown(keys[at]), "first_row": first})]
        if self._prefix + UTF8_BYTES * max(map(len, keys), default=0) > KEY_BYTES:
            for at, key in enumerate(keys):
                if (size := self._prefix + len(key.encode())) > KEY_BYTES:
                    data = {"bytes": size, "limit": KEY_BYTES, "key_fields": self._names}
                    faults.setdefault(positions[at], []).append(Fault("KEY_TOO_LONG", data))
        return faults


def _joined(key_columns: Sequence[Sequence[Scalar]]) -> list[str]:
    """Return the end of each record key: its values, escaped and joined as record_key does it."""
    parts = [_escaped(column) for column in key_columns]
    return parts[0] if len(parts) == 1 else list(map(KEY_SEPARATOR.join, zip(*parts, strict=True)))


def _escaped(column: Sequence[Scalar]) -> list[str]:
    texts = list(map(str, column))
    joined = "".join(texts)
    if "%" in joined or KEY_SEPARATOR in joined:
        return list(map(key_part, column))
    return texts

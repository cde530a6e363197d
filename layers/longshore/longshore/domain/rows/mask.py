"""What stands for a value that is shown to nobody."""

from collections.abc import Collection, Sequence

from longshore.domain.records import KEY_SEPARATOR

MASK = "•••••"
"""Stands for a value of a sensitive field."""


def masked_key(key: str, fields: Sequence[str], sensitive: Collection[str]) -> str:
    """Return the joined values of a record's key, with those of sensitive fields masked."""
    if not sensitive:
        return key
    parts = key.split(KEY_SEPARATOR)
    return KEY_SEPARATOR.join(MASK if name in sensitive else part for name, part in zip(fields, parts, strict=True))

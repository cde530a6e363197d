"""What stands in a report for a value that is shown to nobody, or that nobody could read."""

from collections.abc import Collection, Sequence

from longshore.domain.records import KEY_SEPARATOR

MASK = "•••••"
"""Stands for a value of a sensitive field."""

NOT_READ = "‹not read›"
"""Stands for a cell that its reader gave up: a blank one would be taken for what the row should have."""


def masked_key(key: str, fields: Sequence[str], sensitive: Collection[str]) -> str:
    """Return the joined values of a record's key, with those of sensitive fields masked."""
    if not sensitive:
        return key
    parts = key.split(KEY_SEPARATOR)
    return KEY_SEPARATOR.join(MASK if name in sensitive else part for name, part in zip(fields, parts, strict=True))

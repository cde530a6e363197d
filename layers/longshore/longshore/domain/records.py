"""A record as the destination keeps it, and what may be asked of the destination."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Scalar = str | int | bool | None
"""A canonical value; decimals, dates and times are strings in their canonical form, None is "no value"."""

Value = Scalar | list[str] | dict[str, str]
"""What a field of a record may hold: a scalar, the items of a list, or the extra cells by header."""

EXTRA = "extra"
"""The field of a record that keeps the columns and cells which no field of the template takes."""

KEY_SEPARATOR = "#"


@dataclass(frozen=True)
class Record:
    """One record. `rev` names its last write, `token` the fencing token it was written under; times are ISO 8601 UTC.

    `data` holds only the fields that have a value.
    """

    key: str
    data: Mapping[str, Scalar]
    rev: str
    token: int
    created_at: str
    updated_at: str


class WriteKind(StrEnum):
    """INSERT: only if absent. UPDATE: only if its `rev` is as read and no younger token wrote it."""

    INSERT = "INSERT"
    UPDATE = "UPDATE"


@dataclass(frozen=True)
class Write:
    """A conditional write of one record; `expected_rev` is the `rev` as read, "" for an INSERT."""

    kind: WriteKind
    record: Record
    expected_rev: str = ""


class WriteOutcome(StrEnum):
    """What the destination said; nothing but DONE is believed, the record is read again."""

    DONE = "DONE"
    EXISTS = "EXISTS"
    CHANGED = "CHANGED"
    UNCERTAIN = "UNCERTAIN"


def key_part(value: Scalar) -> str:
    """Return one key value so that no two lists of values join to the same text (% and # are escaped)."""
    return str(value).replace("%", "%25").replace(KEY_SEPARATOR, "%23")


def record_key(tenant: str, record_type: str, values: list[Scalar]) -> str:
    """Return the partition key of a record: tenant, record type and key values, joined by #.

    The key contains the record's own key, so that writes spread over all partitions of the table.
    """
    return KEY_SEPARATOR.join(map(key_part, [tenant, record_type, *values]))


def rev_of(job_id: str, part: int, row: int, generation: int) -> str:
    """Return the stamp of a row's write; its generation names the journal that holds the before-image."""
    return f"{job_id}#{part}#{row}#{generation}"


def same_row(rev: str, job_id: str, part: int, row: int) -> bool:
    """Whether `rev` is the stamp of this job's and row's write, by whatever generation."""
    return rev.startswith(f"{job_id}#{part}#{row}#")

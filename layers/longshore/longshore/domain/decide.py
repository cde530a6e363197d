"""What a row does to the record with its key: a pure function of row, current record and mode."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from longshore.domain.job import Mode
from longshore.domain.records import Record, Scalar, Write, WriteKind, rev_of, same_row


class Decision(StrEnum):
    """What becomes of a row. DONE_*: an earlier claim of this batch wrote it, and it is only counted."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    UNCHANGED = "UNCHANGED"
    DONE_CREATED = "DONE_CREATED"
    DONE_UPDATED = "DONE_UPDATED"
    EXISTS = "EXISTS"
    CONFLICT = "CONFLICT"


@dataclass(frozen=True)
class Row:
    """A validated row: its number in the file, physical line, record key, and the fields that the file has.

    None clears a field; a field that is not there is left untouched. `index` is its place in the batch, `shown_key` the
    key values as people may see them: those of sensitive fields are masked.
    """

    index: int
    number: int
    line: int
    key: str
    data: Mapping[str, Scalar]
    shown_key: str = ""


@dataclass(frozen=True)
class Stamp:
    """Who writes: the claim's job, part and generation, the fencing token of its run, and its time (UTC)."""

    job_id: str
    part: int
    generation: int
    token: int
    at: datetime


def decide(row: Row, current: Record | None, mode: Mode, stamp: Stamp) -> Decision:
    """Say what `row` does to `current`, the record as just read (None: there is none)."""
    if current is None:
        return Decision.CREATE
    if same_row(current.rev, stamp.job_id, stamp.part, row.number):
        return Decision.DONE_CREATED if current.created_at == current.updated_at else Decision.DONE_UPDATED
    if mode is Mode.INSERT:
        return Decision.EXISTS
    if _typed(merged(row, current)) == _typed(current.data):
        return Decision.UNCHANGED
    return Decision.CONFLICT if current.token > stamp.token else Decision.UPDATE


def merged(row: Row, current: Record | None) -> dict[str, Scalar]:
    """Return the record's data after the row: blank cells clear, absent columns keep."""
    data = {**(current.data if current else {}), **row.data}
    return {name: value for name, value in data.items() if value is not None}


def write_for(row: Row, current: Record | None, stamp: Stamp) -> Write:
    """Return the conditional write of a CREATE (no current record) or an UPDATE."""
    rev = rev_of(stamp.job_id, stamp.part, row.number, stamp.generation)
    data, now = merged(row, current), iso(stamp.at)
    if current is None:
        return Write(WriteKind.INSERT, Record(row.key, data, rev, stamp.token, now, now))
    record = Record(row.key, data, rev, stamp.token, current.created_at, max(now, _after(current.created_at)))
    return Write(WriteKind.UPDATE, record, expected_rev=current.rev)


def _typed(data: Mapping[str, Scalar]) -> dict[str, tuple[type, Scalar]]:
    # In Python True == 1; a field whose type a new template version changed is a change nonetheless.
    return {name: (type(value), value) for name, value in data.items()}


def iso(at: datetime) -> str:
    """Return a time as records and reports keep it: ISO 8601, UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _after(created_at: str) -> str:
    # Whether a record was ever updated is read off its two times (DONE_CREATED), so an update never has the first one.
    try:
        return iso(datetime.fromisoformat(created_at) + timedelta(milliseconds=1))
    except ValueError:
        return created_at

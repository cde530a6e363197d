"""What must hold of any upload under any template: it is refused in one line, or every row of it is accounted for."""

import hashlib
import io
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from operator import itemgetter
from typing import Any

import orjson

from longshore.domain.catalogue.file_errors import FILE_ERRORS
from longshore.domain.catalogue.notices import NOTICES
from longshore.domain.catalogue.row_errors import RAW_LIMIT, ROW_ERRORS
from longshore.domain.chunk import Broken, Chunk
from longshore.domain.parse_plan import ParsePlan, plan_from_dict
from longshore.domain.rows.raw_texts import RawTexts
from longshore.domain.rows.row_batch import RowBatch
from longshore.domain.rows.row_columns import RowColumns
from longshore.domain.templates.template import Template
from longshore.errors import FileRejected
from longshore.readers.reader import PartSource
from longshore.readers.upload import Upload
from longshore.readers.validation import REJECTS_MEMBER, count_rows, plan_part, validate

AT = datetime(2026, 3, 1, tzinfo=UTC)
MESSAGE_LIMIT = 4000
"""Longer than any message with its data cut as the catalogue cuts it."""


class Trickle(io.BytesIO):
    """Gives so many bytes at a time, so that blocks end anywhere; 0 for as many as are asked for."""

    def __init__(self, data: bytes, block: int = 0) -> None:
        super().__init__(data)
        self._block = block

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._block or size)


@dataclass
class Kept:
    """A sink that keeps everything as it comes back from JSON."""

    batches: list[dict[str, Any]] = field(default_factory=list)
    raw: RawTexts = field(default_factory=list)
    members: list[list[dict[str, Any]]] = field(default_factory=list)

    def rows(self, batch: RowBatch, raw: RawTexts) -> None:
        assert (batch.size, batch.first_row) == (len(raw.texts), batch.rows.numbers[0])
        self.batches.append(orjson.loads(orjson.dumps(batch.document())))
        self.raw += orjson.loads(orjson.dumps(raw.texts))

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        self.members.append(orjson.loads(orjson.dumps(rejects)))

    def originals(self, originals: dict[str, object]) -> None:
        assert originals["fields"]
        orjson.dumps(originals)

    @property
    def accepted(self) -> list[list[Any]]:
        return [list(row) for batch in self.batches for row in RowColumns.of(batch)]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [error for member in self.members for error in member]


@dataclass
class Judged:
    """What became of a part, or why it was refused."""

    name: str
    plan: dict[str, object]
    refused: str = ""
    rows: list[list[Any]] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    raw: RawTexts = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, object]] = field(default_factory=list)
    too_many: str = ""


class RowByRow:
    """A part whose chunks have one row each, so that nothing can be mistaken for a neighbour."""

    def __init__(self, part: PartSource) -> None:
        self.name = part.name
        self.unmapped_plan = part.unmapped_plan
        self._part = part

    def read(self, plan: ParsePlan) -> Iterator[Chunk]:
        for chunk in self._part.read(plan):
            yield Chunk([], [], [], [], chunk.longest, notices=chunk.notices)
            places: list[tuple[int, Broken | int]] = [(broken.row, broken) for broken in chunk.broken]
            places += [(row, at) for at, row in enumerate(chunk.rows)]
            for _, place in sorted(places, key=itemgetter(0)):
                yield _broken_alone(place) if isinstance(place, Broken) else _row_alone(chunk, place)


def _broken_alone(broken: Broken) -> Chunk:
    return Chunk([], [], [], [], 0, broken=[broken])


def _row_alone(chunk: Chunk, at: int) -> Chunk:
    here = slice(at, at + 1)
    return replace(
        chunk,
        rows=chunk.rows[here],
        lines=chunk.lines[here],
        cells=chunk.cells[here],
        raw=chunk.raw[here],
        broken=(),
        faults=[replace(fault, at=0) for fault in chunk.faults if fault.at == at],
        notices=(),
        extra={0: chunk.extra[at]} if at in chunk.extra else {},
        unknown=[(0, column) for position, column in chunk.unknown if position == at],
    )


def judge(
    data: bytes, template: Template, *, batch_rows: int = 7, block: int = 0, row_by_row: bool = False
) -> list[Judged]:
    """Read and check an upload, and return what became of its parts; one that is refused has one part, without plan.

    Raises AssertionError where a promise is broken, and whatever else leaves the reading.
    """
    try:
        with Upload(Trickle(data, block), template.file, 10**9) as upload:
            judged = [_part(RowByRow(part) if row_by_row else part, template, batch_rows) for part in upload.parts]
            assert upload.sha256 == hashlib.sha256(data).hexdigest()
            assert upload.size == len(data)
            return judged
    except FileRejected as refusal:
        return [Judged("", {}, _reason(refusal))]


def _part(part: PartSource, template: Template, batch_rows: int) -> Judged:
    kept, plan = Kept(), None
    try:
        plan = plan_part(part, template)
        stored = plan_from_dict(orjson.loads(orjson.dumps(plan.as_dict())))
        assert stored == plan
        if plan.questions:
            counts = count_rows(part, plan)
            assert counts.balanced
            return Judged(part.name, plan.as_dict())
        found = validate(part, plan, template, tenant="t", at=AT, batch_rows=batch_rows, sink=kept)
    except FileRejected as refusal:
        return Judged(part.name, plan.as_dict() if plan else {}, _reason(refusal))
    judged = Judged(
        part.name,
        plan.as_dict(),
        rows=kept.accepted,
        fields=kept.batches[0]["fields"] if kept.batches else [],
        raw=kept.raw,
        errors=kept.errors,
        warnings=orjson.loads(orjson.dumps(found.warnings)),
        too_many=found.refused.message if found.refused else "",
    )
    _hold_counts(kept, found, batch_rows)
    hold(judged, plan, template)
    return judged


def _reason(refusal: FileRejected) -> str:
    message = str(refusal)
    assert refusal.code in FILE_ERRORS, refusal.code
    assert one_line(message), message
    orjson.dumps([message, refusal.detail])
    return message


def one_line(text: str) -> bool:
    """Whether it can be shown as one line of a terminal or a log."""
    return len(text.splitlines()) == 1 and text.strip() != "" and len(text) < MESSAGE_LIMIT


def _hold_counts(kept: Kept, found: Any, batch_rows: int) -> None:
    counts = found.counts
    accepted = {row[0] for row in kept.accepted}
    rejected = {error["row"] for error in kept.errors}
    assert counts.balanced
    assert (counts.unprocessed, counts.rejected) == (len(kept.accepted), len(rejected))
    assert len(accepted) == len(kept.accepted), "a row was accepted twice"
    assert not accepted & rejected, "a row was accepted and rejected"
    assert accepted | rejected == set(range(1, counts.rows + 1)), "a row is missing, or too many"
    sizes = [len(RowColumns.of(batch)) for batch in kept.batches]
    assert found.batches == len(sizes)
    assert all(size == batch_rows for size in sizes[:-1])
    assert all(len(member) == REJECTS_MEMBER for member in kept.members[:-1])
    assert len(kept.raw) == len(kept.accepted)


def hold(judged: Judged, plan: ParsePlan, template: Template) -> None:
    """Check everything that is promised of the rows, errors and warnings of a part."""
    _hold_errors(judged, plan, template)
    _hold_rows(judged, template)
    for warning in judged.warnings:
        assert warning["code"] in NOTICES
        assert one_line(str(warning["message"]))
        assert isinstance(warning["count"], int)
        assert warning["count"] > 0
    places = sorted({(row[0], row[1]) for row in judged.rows} | {(e["row"], e["line"]) for e in judged.errors})
    assert len(places) == len({row for row, _ in places}), "a row has two lines"
    assert [line for _, line in places] == sorted(line for _, line in places), "lines go back"


def _hold_errors(judged: Judged, plan: ParsePlan, template: Template) -> None:
    names = {f.name for f in template.fields}
    assert [e["row"] for e in judged.errors] == sorted(e["row"] for e in judged.errors)
    for error in judged.errors:
        assert error["code"] in ROW_ERRORS, error
        assert error["error_type"] == ROW_ERRORS[error["code"]].error_type
        assert one_line(error["message"]), error
        assert error["line"] > 0
        assert error["column"] is None or 1 <= error["column"] <= plan.width
        assert error["field"] is None or error["field"] in names
        assert len(error["raw_data"]) <= RAW_LIMIT
        assert error["timestamp"] == "2026-03-01T00:00:00.000Z"


def _hold_rows(judged: Judged, template: Template) -> None:
    fields = {f.name: f for f in template.fields}
    keys = set()
    assert [row[0] for row in judged.rows] == sorted(row[0] for row in judged.rows)
    assert all(len(text) <= RAW_LIMIT for text in judged.raw)
    for _, line, *values in judged.rows:
        assert line > 0
        row = dict(zip(judged.fields, values, strict=True))
        keys.add(tuple(str(row[name]) for name in template.key))
        for name, value in row.items():
            if name not in fields:
                assert name == "extra"
                assert value is None or all(isinstance(text, str) for text in value.values())
            elif value is None:
                assert not fields[name].required
            else:
                assert CANONICAL[fields[name].type](value), (name, value)
                _hold_rules(value, fields[name])
    assert len(keys) == len(judged.rows), "a key was accepted twice"


def _hold_rules(value: Any, rules: Any) -> None:
    size = len(value) if isinstance(value, str | list) else 0
    assert rules.min_length is None or size >= rules.min_length
    assert rules.max_length is None or size <= rules.max_length
    if rules.type == "integer":
        assert rules.min is None or value >= int(rules.min)
        assert rules.max is None or value <= int(rules.max)
    if rules.type == "string" and rules.enum:
        assert value in rules.enum


def _holds(check: Callable[[Any], object]) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        try:
            return check(value) is not False
        except ValueError:
            return False

    return holds


CANONICAL: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(
        ("string", "reference", "email", "phone", "url"), lambda value: isinstance(value, str) and value != ""
    ),
    "integer": lambda value: type(value) is int and -(2**63) <= value < 2**63,
    "decimal": _holds(lambda value: Decimal(value).is_finite() and isinstance(value, str)),
    "boolean": lambda value: type(value) is bool,
    "date": _holds(lambda value: date.fromisoformat(value).isoformat() == value),
    "datetime": _holds(lambda value: value.endswith("Z") and datetime.fromisoformat(value).utcoffset() is not None),
    "time": _holds(lambda value: time.fromisoformat(value).isoformat() == value),
    "uuid": _holds(lambda value: str(uuid.UUID(value)) == value),
    "json": _holds(lambda value: isinstance(value, str) and json.loads(value) is not ValueError),
    "list": lambda value: isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value),
}
"""Whether a value is canonical, told by other means than the ones that made it."""


def texts_shown(judged: list[Judged]) -> Iterator[str]:
    """Every text about some parts that a person or a log may see, the plan's aside."""
    for part in judged:
        yield part.refused
        yield part.too_many
        yield from part.raw
        for error in part.errors:
            yield error["message"]
            yield error["raw_data"]
        yield from (str(warning) for warning in part.warnings)

"""Reading JSON in tests: bytes in, rows and what is wrong with them out."""

import io
from collections.abc import Iterable
from typing import NamedTuple

from longshore.domain.chunk import CellFault, Chunk, Notice
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.template import parse_template
from longshore.readers.json.reader import JsonPart
from longshore.readers.stream import HeadedStream
from longshore.readers.validation import plan_part


class Read(NamedTuple):
    """What was read: rows as (row, line, {path: cell}), broken records as (row, line, code), and the rest as it is."""

    plan: ParsePlan
    rows: list
    broken: list
    faults: list[CellFault]
    notices: list[Notice]
    chunks: list[Chunk]

    @property
    def cells(self) -> list[dict[str, str]]:
        return [cells for _, _, cells in self.rows]


class Trickle(io.BytesIO):
    """Gives a few bytes at a time, so that blocks end anywhere."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self.size = size

    def read(self, size=-1, /):
        return super().read(self.size)


def collect(plan: ParsePlan, chunks: Iterable[Chunk]) -> Read:
    kept = list(chunks)
    headers = [column.header for column in plan.columns]
    return Read(
        plan,
        [
            (row, line, dict(zip(headers, cells, strict=True)))
            for chunk in kept
            for row, line, cells in zip(chunk.rows, chunk.lines, chunk.cells, strict=True)
        ],
        [(broken.row, broken.line, broken.code) for chunk in kept for broken in chunk.broken],
        [fault for chunk in kept for fault in chunk.faults],
        [notice for chunk in kept for notice in chunk.notices],
        kept,
    )


def read(data: bytes | str, wanted: frozenset[str] = frozenset(), block: int = 1 << 20, **options) -> Read:
    """Read a file without a template."""
    part = JsonPart(HeadedStream(Trickle(data.encode() if isinstance(data, str) else data, block)))
    plan = part.unmapped_plan(FileOptions(**options), wanted)
    return collect(plan, part.read(plan))


def read_as(fields: list[dict], data: bytes | str, **template) -> Read:
    """Read a file by a template of these fields; the first one is the key."""
    fields = [{**fields[0], "required": True}, *fields[1:]]
    document = {"name": "t", "record_type": "t", "key": [fields[0]["name"]], "fields": fields, **template}
    part = JsonPart(HeadedStream(io.BytesIO(data.encode() if isinstance(data, str) else data)))
    plan = plan_part(part, parse_template(document))
    return collect(plan, part.read(plan))

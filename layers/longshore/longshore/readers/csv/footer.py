"""The last records of a file that are no data, such as a total: held back until they are known to be the last."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from longshore.domain.chunk import Chunk, Notice


def without_footer(chunks: Iterator[Chunk], count: int) -> Iterator[Chunk]:
    """Yield the chunks without their last `count` records, broken ones included, and a notice of what is left out."""
    held: deque[Chunk] = deque()
    records = 0
    for chunk in chunks:
        held.append(chunk)
        records += _records(chunk)
        while records - _records(held[0]) >= count:
            records -= _records(held[0])
            yield held.popleft()
    if records:
        end = max(row for chunk in held for row in _last_rows(chunk)) + 1
        yield from _cut(held, end - count)


def _records(chunk: Chunk) -> int:
    return len(chunk.rows) + len(chunk.broken)


def _last_rows(chunk: Chunk) -> list[int]:
    return [*chunk.rows[-1:], *(broken.row for broken in chunk.broken[-1:])]


def _cut(chunks: deque[Chunk], end: int) -> Iterator[Chunk]:
    """Yield the chunks without rows from number `end` on; the last one carries the notice."""
    first_line, left_out = 0, 0
    for chunk in chunks:
        kept = bisect_left(chunk.rows, end)
        broken = [record for record in chunk.broken if record.row < end]
        lines = [*chunk.lines[kept:], *(record.line for record in chunk.broken[len(broken) :])]
        if lines:
            first_line = first_line or min(lines)
            left_out += len(lines)
        yield replace(
            chunk,
            rows=chunk.rows[:kept],
            lines=chunk.lines[:kept],
            cells=chunk.cells[:kept],
            raw=chunk.raw[:kept],
            broken=broken,
            faults=[fault for fault in chunk.faults if fault.at < kept],
            extra={at: cells for at, cells in chunk.extra.items() if at < kept},
            span=None,  # all of its records lie there, and some of them are left out
        )
    yield Chunk((), (), (), (), 0, notices=[Notice("SKIPPED_LINES", first_line, None, {"count": left_out})])

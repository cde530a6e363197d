"""Notices about cells: made of the remarks of a column's check, few of them one by one and the rest as a count."""

from collections.abc import Iterator, Sequence

from longshore.domain.catalogue.notices import SAMPLE_LINES
from longshore.domain.cells.columns import Remark
from longshore.domain.chunk import Notice


def notices_of(remarks: Sequence[Remark], column: int, lines: Sequence[int]) -> Iterator[Notice]:
    """Yield the notices of a column: its first cells of each code with their lines, the others only counted."""
    by_code: dict[str, list[Remark]] = {}
    for remark in remarks:
        by_code.setdefault(remark[1], []).append(remark)
    for code, found in by_code.items():
        for at, _, text in found[:SAMPLE_LINES]:
            yield Notice(code, lines[at], column, {"value": text})
        if len(found) > SAMPLE_LINES:
            yield Notice(code, 0, column, {"count": len(found) - SAMPLE_LINES})

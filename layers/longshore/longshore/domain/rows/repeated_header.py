"""Rows that are the header once more, as files have them that were put together from several."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from longshore.domain.cells.columns import Fault
from longshore.domain.chunk import Chunk
from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.rows.row_faults import RowFaults

BYTE_ORDER_MARK = "\ufeff"
"""Each file that was put together may have begun with one."""


class RepeatedHeader:
    """Refuses the rows of a part each of whose cells is the header of its column; without a header there are none.

    Of one column alone a header may be a value. In a report what Longshore added counts for nothing, nor do the columns
    that `hides` names, whose cells may be masked.
    """

    def __init__(self, plan: ParsePlan, hides: Callable[[int | None], bool]) -> None:
        is_report = plan.is_report
        own = [c for c in plan.columns if c.reason != "report" and not (is_report and hides(c.position))]
        # The first is looked for in every row: a long header is hardly ever a value, and a mark can only be before
        # the first cell of a row.
        own.sort(key=lambda column: (column.position == 1, -len(column.header)))
        told_apart = plan.header_line > 0 and sum(bool(column.header) for column in own) > 1
        self._columns = own if told_apart else []
        self._fault = Fault("REPEATED_HEADER", {"header_line": plan.header_line})

    def set_apart(self, chunk: Chunk, texts: Sequence[Sequence[str]], faults: RowFaults) -> Chunk:
        """Add a fault for each such row, and return the chunk with nothing more to say about its cells.

        `texts` are the columns of the chunk.
        """
        found = self._found(texts) if self._columns and texts else ()
        if not found:
            return chunk
        for at in found:
            faults.put(at, None, self._fault)
        cells = [(at, position) for at in found for position in range(1, len(texts) + 1)]
        return replace(chunk, unknown=[*chunk.unknown, *cells])

    def _found(self, texts: Sequence[Sequence[str]]) -> Sequence[int]:
        first, *others = self._columns
        column = texts[first.position - 1]
        if first.header not in column:
            return ()
        found = [at for at, text in enumerate(column) if text == first.header]
        for other in others:
            found = [at for at in found if _is_header(texts[other.position - 1][at], other)]
        return found


def _is_header(text: str, column: Column) -> bool:
    return text == column.header or (column.position == 1 and text == BYTE_ORDER_MARK + column.header)

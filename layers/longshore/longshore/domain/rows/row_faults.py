"""What is wrong with the rows of a chunk, gathered by position, and the errors made of it."""

from collections.abc import Callable, Collection, Iterator, Sequence

from longshore.domain.catalogue.row_errors import RowError, row_error
from longshore.domain.cells.columns import Fault
from longshore.domain.chunk import Broken, Chunk
from longshore.domain.parse_plan import Column

Place = Column | None
"""The column a fault is shown at; None for the whole record."""


class RowFaults(dict[int, list[tuple[Place, Fault]]]):
    """What is wrong by position in the chunk; positions without faults are absent.

    `unknown` are the positions at which the value of a field is not at hand, by field.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unknown: dict[str, set[int]] = {}

    def put(self, at: int, place: Place, fault: Fault) -> None:
        """Add one fault."""
        self.setdefault(at, []).append((place, fault))

    def at_columns(self, fields: Collection[str]) -> set[int]:
        """Return the positions that have a fault in the column of any of these fields, or no value at hand for it."""
        faulty = {at for at, found in self.items() for place, _ in found if place and place.field in fields}
        return faulty.union(*(self.unknown.get(field, ()) for field in fields)) if self.unknown else faulty

    def errors(
        self, chunk: Chunk, raw: Sequence[str], broken: Callable[[Broken], Broken], timestamp: str
    ) -> list[RowError]:
        """Return every error of the chunk in the order of the file; `broken` says how a broken record is shown."""
        errors = list(self._of_rows(chunk, raw, timestamp))
        errors += [
            row_error(record.code, row=record.row, line=record.line, raw=record.raw, at=timestamp, **record.data)
            for record in map(broken, chunk.broken)
        ]
        errors.sort(key=_place)
        return errors

    def _of_rows(self, chunk: Chunk, raw: Sequence[str], timestamp: str) -> Iterator[RowError]:
        for at, found in sorted(self.items()):  # raw texts are cheapest in their order
            row, line, text = chunk.rows[at], chunk.lines[at], raw[at]
            for place, fault in found:
                yield row_error(
                    fault.code,
                    row=row,
                    line=line,
                    raw=text,
                    at=timestamp,
                    column=place.position if place else None,
                    field=place.field if place else None,
                    header=place.header if place else "",
                    **fault.data,
                )


def _place(error: RowError) -> tuple[int, int]:
    return error.row, error.column or 0

"""What judges rows by more than the file says: other records, and rules of the tenant's own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from longshore.domain.cells.columns import Fault
from longshore.domain.chunk import Chunk
from longshore.domain.parse_plan import Column
from longshore.domain.records import Value
from longshore.domain.rows.masking import masked
from longshore.domain.rows.row_faults import RowFaults


@dataclass(frozen=True)
class SoundRows:
    """The rows of a chunk that broke no rule so far: their numbers, lines and canonical values by field, in step."""

    rows: Sequence[int]
    lines: Sequence[int]
    values: Mapping[str, Sequence[Value]]


class Ruling(NamedTuple):
    """What is wrong with the row at a position: the field to blame, None for the whole row, and the fault."""

    at: int
    field: str | None
    fault: Fault


class Judge(Protocol):
    """Asked once for each chunk, in the order of the file; all judges of a part are asked about the same rows."""

    def judge(self, rows: SoundRows) -> Iterable[Ruling]:
        """Say what is wrong with these rows; raises what ends the reading of the whole file."""


class Court:
    """The judges of one part. What they say of a column that `hides` names is masked like any other error there."""

    def __init__(
        self, judges: Sequence[Judge], columns: Mapping[str, Column], hides: Callable[[int | None], bool]
    ) -> None:
        self._judges = judges
        self._columns = columns
        self._hides = hides

    def check(self, chunk: Chunk, values: Mapping[str, Sequence[Value]], faults: RowFaults) -> None:
        """Ask about the rows that have no fault, and add a fault for each ruling."""
        sound = [at for at in range(len(chunk.rows)) if at not in faults] if self._judges else []
        if not sound:
            return
        asked = SoundRows(
            [chunk.rows[at] for at in sound],
            [chunk.lines[at] for at in sound],
            {name: [column[at] for at in sound] for name, column in values.items()},
        )
        for judge in self._judges:
            for at, field, fault in judge.judge(asked):
                place = self._columns.get(field or "")
                if place and self._hides(place.position):
                    fault = Fault(fault.code, masked(fault.data))
                faults.put(sound[at], place, fault)

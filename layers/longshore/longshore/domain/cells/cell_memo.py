"""A memo of whole checks: where few texts are most cells of a column, each is checked once."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from longshore.domain.records import Value

Checked = tuple[list[Value], dict[int, Any], Sequence[tuple[int, str, str]]]
"""Values, faults by position, and remarks, which begin with a position: see CheckedColumn."""

REMEMBERED = 1024
"""How many distinct cells a column remembers."""

LONGEST = 64
"""No longer ones are remembered, so that a template of many columns needs little memory for them."""

CELLS_PER_NEW_ONE = 4
"""The memo pays where no more than one cell in so many is new to it."""

PAUSE = 32
"""After so many columns it is tried again whether it pays, because the first rows of a file may be unlike the others.

Then after twice as many, and so on.
"""


class _Known(dict[str, Value]):
    """The values of cells; those asked for in vain are noted, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.missed: list[str] = []

    def __missing__(self, cell: str) -> Value:
        self.missed.append(cell)
        return None


class CellMemo:
    """A column check that asks another about those cells only that it does not remember.

    It remembers what cells become that have neither fault nor remark, null markers, transforms, default and rules
    included: then a cell of them costs one look-up. Values are shared between rows, so they must not be lists.
    """

    def __init__(self, check: Callable[[Sequence[str]], Checked]) -> None:
        self._check = check
        self._known = _Known()
        self._pause = 0
        self._next_pause = PAUSE

    def __call__(self, column: Sequence[str]) -> Checked:
        """Check a column."""
        if self._pause:
            self._pause -= 1
            return self._check(column)
        is_new = not self._known
        if is_new and not _repeats(column):
            self._give_up()
            return self._check(column)
        missed = self._known.missed = []
        values = list(map(self._known.__getitem__, column))
        if not missed:
            return values, {}, ()
        if not is_new and len(missed) * CELLS_PER_NEW_ONE > len(column):
            self._give_up()
        return self._completed(column, values, missed)

    def _give_up(self) -> None:
        self._known.clear()
        self._pause = self._next_pause
        self._next_pause *= 2

    def _completed(self, column: Sequence[str], values: list[Value], missed: Sequence[str]) -> Checked:
        """Check the cells that are not remembered, and remember what can be."""
        places: list[int] = []
        for cell in missed:
            places.append(column.index(cell, places[-1] + 1 if places else 0))
        found, faults, remarks = self._check(missed)
        for at, value in zip(places, found, strict=True):
            values[at] = value
        if not self._pause and (room := REMEMBERED - len(self._known)) > 0:
            told = faults.keys() | {at for at, _, _ in remarks}
            new = {cell: found[at] for at, cell in enumerate(missed) if at not in told and len(cell) <= LONGEST}
            self._known.update(islice(new.items(), room))
        return (
            values,
            {places[at]: broken for at, broken in faults.items()},
            [(places[at], code, text) for at, code, text in remarks],
        )


def _repeats(column: Sequence[str]) -> bool:
    """Whether most of the last cells stand among the others too."""
    others = set(column[: len(column) * 3 // 4])
    last = column[len(column) * 3 // 4 :]
    return sum(cell not in others for cell in last) * CELLS_PER_NEW_ONE <= len(last)

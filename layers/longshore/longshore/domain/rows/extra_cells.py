"""What no field of the template takes, kept under one field of its own where the template says so."""

from collections.abc import Mapping, Sequence

from longshore.domain.chunk import Chunk
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.records import Value


class ExtraCells:
    """Gathers the kept columns and cells of each row: text by header, blank ones left out.

    A column without a header, or with that of a column before it, is called after its position, as column_13.
    """

    def __init__(self, plan: ParsePlan) -> None:
        self._columns: dict[str, int] = {}
        for column in plan.columns:
            if column.reason == "extra":
                name = column.header or f"column_{column.position}"
                while name in self._columns:
                    name = f"column_{column.position}" if name == column.header else name + "_"
                self._columns[name] = column.position
        self.kept = bool(self._columns) or "keep" in (plan.extra_cells, plan.unknown_columns)

    def column(self, chunk: Chunk, texts: Sequence[Sequence[str]]) -> list[Value]:
        """Return the extra cells of each row of a chunk, None where it has none; `texts` are its columns."""
        found: list[dict[str, str]] = [{} for _ in chunk.cells]
        if self._columns and chunk.cells:
            kept = [texts[position - 1] for position in self._columns.values()]
            found = [
                {name: text for name, text in zip(self._columns, cells, strict=True) if text}
                for cells in zip(*kept, strict=True)
            ]
        for at, more in chunk.extra.items():
            _add(found[at], more)
        return [cells or None for cells in found]


def _add(cells: dict[str, str], more: Mapping[str, str]) -> None:
    for header, text in more.items():
        name = header
        while name in cells:
            name += "_"
        if text:
            cells[name] = text

"""What a benchmark found, as one cell of the tables and one object of build/bench.json."""

import json
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

COMPARISONS = {">=": operator.ge, "<=": operator.le, "==": operator.eq}
WORDS = {None: "", True: "met", False: "MISSED"}


@dataclass(frozen=True)
class Figure:
    """One measured value; `target` is a comparison such as ">= 2.5", "" where nothing is promised.

    Figures of the same name and different `column` stand side by side in the table.
    """

    name: str
    value: float
    unit: str
    target: str = ""
    column: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the value keeps its target; None without a target."""
        if not self.target:
            return None
        comparison, bound = self.target.split()
        return bool(COMPARISONS[comparison](self.value, float(bound)))

    @property
    def full_name(self) -> str:
        """The name, with the column it stands in."""
        return f"{self.name}.{self.column}" if self.column else self.name


def write_json(figures: Sequence[Figure], path: Path) -> None:
    """Write the list of {"name", "value", "unit", "target", "met"}; a missing target is null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {"name": f.full_name, "value": f.value, "unit": f.unit, "target": f.target or None, "met": f.met}
        for f in figures
    ]
    path.write_text(json.dumps(rows, indent=2) + "\n")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as aligned text: those with columns side by side, then the others one a line."""
    plain = [f for f in figures if not f.column]
    one_a_line = [(f.name, number(f.value), f.unit, f.target, WORDS[f.met]) for f in plain]
    tables = [_grid([f for f in figures if f.column])] if len(plain) < len(figures) else []
    return "\n\n".join([*tables, _aligned([("name", "value", "unit", "target", ""), *one_a_line])])


def number(value: float) -> str:
    """Return a value with as many digits as say something."""
    return f"{value:,.4f}" if abs(value) < 1 else f"{value:,.2f}"


def _grid(figures: Sequence[Figure]) -> str:
    columns = list(dict.fromkeys(f.column for f in figures))
    rows: dict[tuple[str, str], dict[str, Figure]] = {}
    for f in figures:
        rows.setdefault((f.name, f.unit), {})[f.column] = f
    return _aligned([("name", *columns, "unit", "target", ""), *_grid_rows(rows, columns)])


def _grid_rows(rows: dict[tuple[str, str], dict[str, Figure]], columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for (name, unit), cells in rows.items():
        values = [number(cells[column].value) if column in cells else "" for column in columns]
        targets = [f for f in cells.values() if f.target]
        target = targets[0].target if targets else ""
        yield (name, *values, unit, target, WORDS[all(f.met for f in targets) if targets else None])


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    # Names, units and targets to the left, values to the right.
    left = {0, len(widths) - 3, len(widths) - 2, len(widths) - 1}
    lines = (
        "  ".join(f"{cell:{'<' if n in left else '>'}{widths[n]}}" for n, cell in enumerate(row)).rstrip()
        for row in rows
    )
    return "\n".join(lines)

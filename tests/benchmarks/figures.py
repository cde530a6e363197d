"""What a benchmark found, as one line of the table and one object of build/bench.json."""

import json
import operator
from dataclasses import asdict, dataclass
from pathlib import Path

COMPARISONS = {">=": operator.ge, "<=": operator.le, "==": operator.eq}


@dataclass(frozen=True)
class Figure:
    """One measured value; `target` is a comparison such as ">= 2.5", "" where nothing is promised."""

    name: str
    value: float
    unit: str
    target: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the value keeps its target; None without a target."""
        if not self.target:
            return None
        comparison, bound = self.target.split()
        return bool(COMPARISONS[comparison](self.value, float(bound)))


def write_json(figures: list[Figure], path: Path) -> None:
    """Write the list of {"name", "value", "unit", "target", "met"}; a missing target is null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(f) | {"target": f.target or None, "met": f.met} for f in figures]
    path.write_text(json.dumps(rows, indent=2) + "\n")


def table(figures: list[Figure]) -> str:
    """Return the figures as aligned text, one a line."""
    words = {None: "", True: "met", False: "MISSED"}
    rows = [("name", "value", "unit", "target", "")]
    rows += [(f.name, f"{f.value:,.2f}", f.unit, f.target, words[f.met]) for f in figures]
    name, value, unit, target = (max(len(row[i]) for row in rows) for i in range(4))
    return "\n".join(f"{a:{name}}  {b:>{value}}  {c:{unit}}  {d:{target}}  {e}".rstrip() for a, b, c, d, e in rows)

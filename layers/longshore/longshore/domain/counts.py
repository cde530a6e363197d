"""The accounting of rows: every row of a file is in exactly one bucket at any moment."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class Counts:
    """How the rows of a batch, a part or a job stand; `loaded` is created + updated + deleted."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    rejected: int = 0
    held: int = 0
    unprocessed: int = 0

    @property
    def loaded(self) -> int:
        """Rows whose effect is in the records."""
        return self.created + self.updated + self.deleted

    @property
    def balanced(self) -> bool:
        """Whether loaded + unchanged + rejected + held + unprocessed = rows."""
        return self.loaded + self.unchanged + self.rejected + self.held + self.unprocessed == self.rows

    def as_dict(self) -> dict[str, int]:
        """Return the counts with `loaded` beside the others, as the API shows them."""
        return {"rows": self.rows, "loaded": self.loaded, **{k: v for k, v in asdict(self).items() if k != "rows"}}


COUNT_NAMES = tuple(f.name for f in fields(Counts))


def total(parts: Iterable[Counts]) -> Counts:
    """Add counts up, bucket by bucket."""
    sums = dict.fromkeys(COUNT_NAMES, 0)
    for part in parts:
        for name in COUNT_NAMES:
            sums[name] += getattr(part, name)
    return Counts(**sums)

"""What the cells of a column have in common, so that a template can be proposed for it."""

from collections.abc import Sequence

from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.cells.fidelity import loss
from longshore.domain.cells.value_types import BadValue, FieldType

TYPES: tuple[FieldType, ...] = ("integer", "decimal", "date", "datetime", "boolean")
"""In the order in which they are tried."""

BOOLEAN_PAIRS = ({"true", "false"}, {"yes", "no"})
"""Both words of a pair must occur: a column of NO alone may be one of countries."""


class ColumnSurvey:
    """Looks at each different cell of a column once; blank cells have no say in its type.

    It remembers a hash of each different text: 64 bytes for each, whatever the texts are.
    """

    def __init__(self) -> None:
        self._first_loss: dict[FieldType, str] = dict.fromkeys(TYPES, "")
        self._seen: set[int] = set()
        self._words: set[str] = set()
        self._decimals: set[int] = set()
        self._trailing_zero = ""
        self._repeats = self.has_blanks = False

    def add(self, texts: Sequence[str], lines: Sequence[int]) -> None:
        """Take some cells, and the lines on which their records begin."""
        for text, line in zip(texts, lines, strict=True):
            if not text:
                self.has_blanks = True
            elif (met := hash(text)) in self._seen:
                self._repeats = True
            else:
                self._seen.add(met)
                self._look_at(text, line)

    @property
    def is_unique(self) -> bool:
        """Whether every record has a value of its own here."""
        return bool(self._seen) and not self._repeats and not self.has_blanks

    def type(self) -> tuple[FieldType, str]:
        """Return the type that loses nothing, and for a string why it is not what it looks like, "" if it is."""
        if self._seen:
            for field_type, problem in self._first_loss.items():
                problem = problem or self._loss_of_column(field_type)
                return ("string", f"as {field_type} {problem}") if problem else (field_type, "")
        return "string", ""

    def _look_at(self, text: str, line: int) -> None:
        for field_type, found in list(self._first_loss.items()):
            try:
                lost = loss(field_type, text)
            except BadValue:
                del self._first_loss[field_type]
                continue
            if lost and not found:
                self._first_loss[field_type] = f"{shown(text)} in line {line} would lose {lost}"
        if "boolean" in self._first_loss:
            self._words.add(text.lower())
        if "decimal" in self._first_loss and (decimals := text.partition(".")[2]):
            self._decimals.add(len(decimals))
            if decimals.endswith("0"):
                self._trailing_zero = self._trailing_zero or f"{shown(text)} in line {line}"

    def _loss_of_column(self, field_type: FieldType) -> str:
        # 1.50 beside 1.25 is an amount written with two decimals; 1.10 beside 1.9 is a version, or a place in a list.
        if field_type == "decimal" and self._trailing_zero and len(self._decimals) > 1:
            return f"{self._trailing_zero} would lose its last zero"
        if field_type == "boolean" and self._words not in BOOLEAN_PAIRS:
            return f"it would lose which of {listed(sorted(self._words))} was written"
        return ""

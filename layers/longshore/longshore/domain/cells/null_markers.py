"""Null markers: cells such as NULL or n/a that a file or a field declares to be blank."""

from collections.abc import Sequence

from longshore.domain.cells.value_types import BLANKS, EXACT_TYPES, FieldType


class NullMarkers:
    """The markers of a column, compared character by character; spaces around a cell count for exact types only."""

    def __init__(self, markers: Sequence[str], field_type: FieldType) -> None:
        self._markers = frozenset(markers)
        self._is_exact = field_type in EXACT_TYPES

    def one(self, text: str) -> str:
        """Return the text, "" for a marker."""
        if not self._markers:
            return text
        if text in self._markers or (not self._is_exact and text.strip(BLANKS) in self._markers):
            return ""
        return text

    def every(self, texts: Sequence[str]) -> Sequence[str]:
        """Return the texts, "" for each marker."""
        if self._is_exact or not self._markers:
            return self.column(texts)
        return list(map(self.one, texts))

    def column(self, texts: Sequence[str]) -> Sequence[str]:
        """Return the texts, "" for each marker without spaces around it; others are suspects."""
        if not self._markers or self._markers.isdisjoint(texts):
            return texts
        return ["" if text in self._markers else text for text in texts]

"""The raw texts of accepted rows: where they lie in the upload, or themselves where nobody could read them again."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from longshore.domain.chunk import Span


class RawPiece:
    """The accepted rows of one chunk: its raw texts but for those at `left_out` positions, and where it lies."""

    def __init__(self, raw: Sequence[str], left_out: Collection[int], span: Span | None) -> None:
        self.span = span
        self._raw = raw
        self._left_out = left_out
        self._size = len(raw) - len(left_out)
        if 2 * self._size < len(raw):  # else many chunks would be kept in memory for the few rows of a batch
            self._raw, self._left_out = self.texts, ()

    def __len__(self) -> int:
        return self._size

    @cached_property
    def texts(self) -> Sequence[str]:
        """The texts, which may be cut out of the chunk only now, and only once for all batches that have some."""
        if not self._left_out:
            return list(self._raw)
        return [text for at, text in enumerate(self._raw) if at not in self._left_out]


@dataclass(frozen=True)
class RawTexts:
    """The texts of a batch's rows: parts of pieces, each from one accepted row of it to before another one."""

    parts: Sequence[tuple[RawPiece, int, int]]

    @property
    def texts(self) -> list[str]:
        """The texts, one for each row."""
        return [text for piece, start, stop in self.parts for text in piece.texts[start:stop]]

    @property
    def span(self) -> Span | None:
        """What to read again to find all of the rows, and others; None if that gives not just the same."""
        spans = [piece.span for piece, _, _ in self.parts]
        first, last = spans[0], spans[-1]
        if first is None or last is None or None in spans:
            return None
        return Span(first.offset, last.offset + last.length - first.offset, first.first_line, first.first_row)


class RawQueue:
    """The pieces whose rows have not all gone into batches."""

    def __init__(self) -> None:
        self._pieces: deque[RawPiece] = deque()
        self._start = 0

    def add(self, piece: RawPiece) -> None:
        """Add the records that follow."""
        if len(piece):
            self._pieces.append(piece)

    def take(self, count: int) -> RawTexts:
        """Take the texts of the next rows."""
        parts = []
        while count:
            piece, start = self._pieces[0], self._start
            stop = min(start + count, len(piece))
            parts.append((piece, start, stop))
            count -= stop - start
            self._start = stop
            if stop == len(piece):
                self._pieces.popleft()
                self._start = 0
        return RawTexts(parts)

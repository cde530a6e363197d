"""The texts of a column, and what several passes over it want to know of all of them at once."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from longshore.domain.records import Value

SHORT = 200
"""Where matches have fewer bytes than these, a call of RE2 costs more than all the bytes do in `re`."""


class Texts:
    """The texts of a column, joined only once however many look at them so; "" is blank."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    @cached_property
    def text(self) -> str:
        """The texts with line feeds between them."""
        return "\n".join(self.texts)

    @cached_property
    def joined(self) -> bytes:
        """The texts in UTF-8, each with a line feed behind it."""
        return (self.text + "\n").encode()

    @cached_property
    def is_one_a_line(self) -> bool:
        """Whether no text has a line feed, so that the lines of `joined` are the texts."""
        return "\n" not in "".join(self.texts)  # in half the time of counting

    @cached_property
    def has_blank(self) -> bool:
        """Whether any text is blank."""
        return not all(self.texts)

    def blanks(self) -> list[int]:
        """Return the positions of blank texts."""
        return [at for at, text in enumerate(self.texts) if not text] if self.has_blank else []

    def values(self) -> list[Value]:
        """Return the texts as values, None for blank ones."""
        return [text or None for text in self.texts] if self.has_blank else list(self.texts)

    def without_blanks(self, values: list[Value]) -> list[Value]:
        """Return values of the texts, None where the text is blank."""
        if not self.has_blank:
            return values
        return [value if text else None for value, text in zip(values, self.texts, strict=True)]

    def other_lines(self, lines: Any, often: Callable[[], Any] | None = None) -> Iterator[tuple[int, int, int]]:
        """Yield of each line that is none of those that `lines` repeats its position, its first and its last byte + 1.

        `lines` is a compiled pattern of the form `(?:(?:...)?\\n)*`: where a match ends, there begins another line.
        `often` gives the same pattern in a form that costs less for many short matches.
        """
        joined, start, position, calls = self.joined, 0, 0, 0
        while (begin := lines.match(joined, start).end()) < len(joined):
            end = joined.index(b"\n", begin) + 1
            if begin > start:
                position = self.texts.index(joined[begin : end - 1].decode(), position)
            yield position, begin, end
            start, position, calls = end, position + 1, calls + 1
            if often is not None and calls % 8 == 0 and start < calls * SHORT:
                lines = often()

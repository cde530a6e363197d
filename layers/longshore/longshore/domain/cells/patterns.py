"""A template's pattern, matched in linear time by RE2: one value at a time, or a whole column in one go."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import re2  # type: ignore[import-untyped]

from longshore.domain.cells.texts import Texts

_JOINABLE = re.compile(r"(?:[^\\^$\x00-\x1f\x7f-\U0010ffff(\[]|\\[dw.+*?()\[\]{}|\\/-]|\((?!\?)|\(\?:|\[(?!:|\^))*")
"""Patterns that cannot match a line feed and have no anchors, because they are made of these parts only:

printable ASCII characters, digits and word characters, escaped punctuation, plain groups, and sets that are neither
negated nor named (both ends of a range are printable, so no line feed lies between). RE2's dot matches no line feed.
"""


class Pattern:
    """A compiled pattern; raises ValueError for what is no RE2 syntax (look-around, back references).

    Syntax: https://github.com/google/re2/wiki/Syntax. A value must match in full. Patterns are matched on UTF-8 bytes,
    which is how RE2 works inside; character classes still mean characters.
    """

    def __init__(self, pattern: str) -> None:
        self._one = compile_re2(pattern.encode())
        self._lines = None
        if is_joinable(pattern):
            with suppress(ValueError):  # the repetition may be too large for RE2 although the pattern is not
                self._lines = compile_re2(f"(?:(?:{pattern})?\n)*".encode())

    def matches(self, value: str) -> bool:
        """Whether the whole value matches."""
        return self._one.fullmatch(value.encode()) is not None

    def misses(self, values: Sequence[str]) -> Sequence[int]:
        """Return the positions of values that do not match and are not blank, in few passes over all of them."""
        return self.misses_in(Texts(values))

    def misses_in(self, values: Texts) -> Sequence[int]:
        """Return the same for values that others look at too."""
        if self._lines is None or not values.is_one_a_line:
            return [at for at, value in enumerate(values.texts) if value and not self.matches(value)]
        return [at for at, _, _ in values.other_lines(self._lines)]


def is_joinable(pattern: str) -> bool:
    """Whether it means the same on values joined by line feeds as on each of them."""
    return _JOINABLE.fullmatch(pattern) is not None


def compile_re2(pattern: Any, *, capture: bool = False) -> Any:
    """Compile a pattern (str or UTF-8) with RE2; raise ValueError, in one line, for what is not its syntax."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = not capture
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None

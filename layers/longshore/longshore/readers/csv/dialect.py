"""The dialect of delimited text as csv.reader takes it, and what follows from it."""

import csv
import re
from collections.abc import Sequence
from functools import cached_property

from longshore.domain.parse_plan import ParsePlan

MYSQL_NULL = "\\N"
"""How MySQL writes NULL where it escapes by backslashes (its manual, "SELECT ... INTO"); no escape of the letter N."""


class CsvDialect(csv.Dialect):
    """RFC 4180 with characters of choice, strict; quotes inside an unquoted cell are ordinary characters.

    Without a quote every one is ordinary. An escape takes the meaning from the character after it, in quotes or not; a
    doubled quote is one quote even then.
    """

    doublequote = True
    skipinitialspace = False
    lineterminator = "\r\n"
    strict = True

    def __init__(self, delimiter: str, quote: str = '"', escape: str = "") -> None:
        self.delimiter = delimiter
        self.quotechar = quote or None
        self.escapechar = escape or None
        self.quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
        super().__init__()


class Syntax:
    """What records of a dialect look like; a line with none of the `marks` is one, cut at its delimiters."""

    def __init__(self, delimiter: str, quote: str = '"', escape: str = "", null_markers: Sequence[str] = ()) -> None:
        self.delimiter = delimiter
        self.dialect = CsvDialect(delimiter, quote, escape)
        self.marks = tuple(mark for mark in (quote, escape) if mark)
        self.quote, self.escape = quote, escape
        self._null = (
            re.compile(rf"(?<![^{re.escape(delimiter)}])\\N(?=[{re.escape(delimiter)}\r\n]|\Z)")
            if escape and MYSQL_NULL in null_markers
            else None
        )

    @classmethod
    def of(cls, plan: ParsePlan) -> "Syntax":
        """Return the syntax that a parse plan names."""
        return cls(plan.delimiter, plan.quote, plan.escape, plan.null_markers)

    def readable(self, lines: list[str]) -> list[str]:
        r"""Return the lines as csv.reader has to see them, so that \N stays what it is where it is a null marker."""
        return [self._null.sub(r"\\\\N", line) for line in lines] if self._null else lines

    def is_sound(self, text: str) -> bool:
        """Whether a record, without its line end, has no bare quote in it."""
        return self._sound.fullmatch(text) is not None

    @cached_property
    def _sound(self) -> re.Pattern[str]:
        delimiter, quote, escape = (re.escape(mark) for mark in (self.delimiter, self.quote, self.escape))
        escaped = f"|{escape}." if escape else ""
        quoted = f"{quote}(?:[^{quote}{escape}]|{quote}{quote}{escaped})*+{quote}|" if quote else ""
        cell = f"(?:{quoted}(?:[^{quote}{delimiter}{escape}]{escaped})*+)"
        return re.compile(f"{cell}(?:{delimiter}{cell})*+", re.DOTALL)

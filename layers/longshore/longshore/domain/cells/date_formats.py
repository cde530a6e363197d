"""Formats of dates and times such as %d/%m/%Y: a documented set of directives, compiled once."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

CENTURY_PIVOT = 69
"""Two-digit years from here on are of the 1900s, those before of the 2000s (POSIX, strptime, %y)."""

TWO_DIGITS = "mdHI"
"""Directives that may also be written with one digit, unless another digit stands next to them."""

_NAMES = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_PATTERNS = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    **dict.fromkeys("mdHI", "[0-9]{1,2}"),
    **dict.fromkeys("MS", "[0-9]{2}"),
    "f": "[0-9]{1,6}",
    "b": f"(?i:{_NAMES})",
    "B": f"(?i:{'|'.join(MONTHS)})",
    "p": "(?i:am|pm)",
    "z": "[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?",
}
_SHOWN = {
    "Y": "YYYY",
    "y": "YY",
    "m": "MM",
    "d": "DD",
    "H": "hh",
    "I": "hh",
    "M": "mm",
    "S": "ss",
    "f": "ffffff",
    "b": "Mon",
    "B": "Month",
    "p": "AM",
    "z": "+hh:mm",
}
_DIGITS = "YymdHIMSf"
_PIECE = re.compile(r"%(.)|%|([^%]+)", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """What a text says: local date and time, and the offset from UTC where it is written."""

    local: datetime
    offset: timedelta | None = None


class DateFormat:
    """A compiled format. Raises ValueError, in one line, for a format that is none.

    `directives` are its letters in their order, `pieces` the same with the literal texts between them, as ("", text).
    Month names are English; they and AM/PM may be written in any case. A literal is matched exactly.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces = _pieces(text)
        self.directives = "".join(letter for letter, _ in self.pieces)
        if len(set(self.directives)) < len(self.directives):
            raise ValueError(f"the format {text!r} has a directive twice")

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        """Compiled when it is needed first: many formats are known, few are met."""
        return re.compile(self._pattern(), re.ASCII)

    @property
    def shown(self) -> str:
        """The format as people write it: DD/MM/YYYY."""
        return "".join(_SHOWN[letter] if letter else literal for letter, literal in self.pieces)

    def read(self, text: str) -> Reading | None:
        """Return what a text of this format says; None if it is not of it, or no such day or time exists."""
        match = self._regex.fullmatch(text)
        if not match:
            return None
        found = match.groupdict()
        try:
            local = datetime(_year(found), _month(found), int(found.get("d", 1)), _hour(found), *_rest(found))
        except ValueError:
            return None
        return Reading(local, offset(found["z"]) if "z" in found else None)

    def could_read(self, text: str) -> bool:
        """Whether a text has the form of this format, whether or not such a day or time exists."""
        return self._regex.fullmatch(text) is not None

    def _pattern(self) -> str:
        parts = []
        for at, (letter, literal) in enumerate(self.pieces):
            if not letter:
                parts.append(re.escape(literal))
                continue
            beside = self._is_digit(at - 1, -1) or self._is_digit(at + 1, 0)
            pattern = "[0-9]{2}" if letter in TWO_DIGITS and beside else _PATTERNS[letter]
            parts.append(f"(?P<{letter}>{pattern})")
        return "".join(parts)

    def _is_digit(self, at: int, end: int) -> bool:
        """Whether the piece at a place begins (end 0) or ends (end -1) with a digit."""
        if not 0 <= at < len(self.pieces):
            return False
        letter, literal = self.pieces[at]
        return letter in _DIGITS if letter else literal[end] in "0123456789"


def offset(text: str) -> timedelta:
    """Return what Z, +hh, +hhmm or +hh:mm means."""
    if text in "Zz":
        return timedelta()
    minutes = int(text[1:3]) * 60 + int(text[3:].lstrip(":") or 0)
    return timedelta(minutes=-minutes if text[0] == "-" else minutes)


def _pieces(text: str) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    for match in _PIECE.finditer(text):
        letter, literal = match.groups("")
        if not literal and letter != "%" and letter not in _PATTERNS:
            known = " ".join(f"%{name}" for name in _PATTERNS)
            raise ValueError(
                f"the format {text!r} has {match[0]!r}; the directives are {known} and %% for a per cent sign"
            )
        literal = literal or ("%" if letter == "%" else "")
        if literal and pieces and not pieces[-1][0]:
            pieces[-1] = ("", pieces[-1][1] + literal)
        else:
            pieces.append(("", literal) if literal else (letter, ""))
    return pieces


def _year(found: dict[str, str]) -> int:
    if "y" in found:
        year = int(found["y"])
        return year + (1900 if year >= CENTURY_PIVOT else 2000)
    return int(found.get("Y", 2000))


def _month(found: dict[str, str]) -> int:
    if name := found.get("B") or found.get("b"):
        return [month[:3] for month in MONTHS].index(name[:3].lower()) + 1
    return int(found.get("m", 1))


def _hour(found: dict[str, str]) -> int:
    if "I" not in found:
        return int(found.get("H", 0))
    hour = int(found["I"])
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if found["p"].lower() == "pm" else 0)


def _rest(found: dict[str, str]) -> tuple[int, int, int]:
    return int(found.get("M", 0)), int(found.get("S", 0)), int(found.get("f", "").ljust(6, "0"))

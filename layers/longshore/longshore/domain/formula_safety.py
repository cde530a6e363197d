"""Cells that a spreadsheet shows and never computes, and the way back: each text survives both byte for byte.

A spreadsheet computes a cell that begins with one of `= + - @` (OWASP, "CSV Injection"), for some also after blanks or
in full-width characters, and it splits cells at the list separator of *its* country: `x;=cmd` may become two cells. An
apostrophe before such a place makes it text. Where the text has apostrophes there already, one more is put before
them, so taking away exactly one restores any text.
"""

import re

TRIGGERS = "=+\\-@＝＋－＠–—−"
_UNSEEN = r'\s"\x00-\x1f\x7f\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff'
"""What a spreadsheet may skip before a formula: blanks, quotes, control and invisible characters."""

_START = re.compile(rf"'*(?:[\t\r\n]|[{_UNSEEN}]*[{TRIGGERS}])")
_INSIDE = re.compile(rf"([,;|\t\r\n][{_UNSEEN}]*)('*)(?=[{TRIGGERS}])")
_INSIDE_PROTECTED = re.compile(rf"([,;|\t\r\n][{_UNSEEN}]*)'('*)(?=[{TRIGGERS}])")


def protected(text: str) -> str:
    """Return a cell as a report shows it."""
    text = _INSIDE.sub(r"\1'\2", text)
    return f"'{text}" if _START.match(text) else text


def restored(text: str) -> str:
    """Return the cell that `protected` was given."""
    if text.startswith("'") and _START.match(text):
        text = text[1:]
    return _INSIDE_PROTECTED.sub(r"\1\2", text)

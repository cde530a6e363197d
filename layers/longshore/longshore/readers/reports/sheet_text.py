"""Any text as the content of a cell of XLSX, so that it comes back byte for byte."""

import re

CELL_CHARACTERS = 32_767
"""Most characters of a cell (Excel specifications and limits)."""

_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=[xX][0-9a-fA-F]{4}_)")
"""What XML 1.0 has no way to write or, as CR, does not give back; and what would be read as such an escape."""

_EDGE = re.compile(r"^[\t\n ]+|[\t\n ]+$")


def escaped(text: str) -> str:
    """Return a text with `_xHHHH_` for what XML cannot carry (ECMA-376 part 1, 22.9.2.19).

    White space at its ends as well, which programs drop that do not heed xml:space.
    """
    text = _UNWRITABLE.sub(_escape, text)
    return (
        _EDGE.sub(lambda match: "".join(f"_x{ord(c):04X}_" for c in match[0]), text) if text.strip() != text else text
    )


def _escape(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"

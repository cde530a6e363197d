"""The first line by which Excel is told the delimiter of a CSV file: sep=; and no data."""

import re

_HINT = re.compile(r"\"?sep=([^\w\s\"'`\\]|[\t\x1e\x1f ])\1*\"?[\r\n]*", re.IGNORECASE)


def hinted_delimiter(line: str) -> str:
    """Return the delimiter that a line tells, "" if it is no such line."""
    found = _HINT.fullmatch(line)
    return found[1] if found else ""

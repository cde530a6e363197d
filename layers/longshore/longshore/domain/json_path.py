r"""Paths of values in JSON: keys joined by dots, as in address.city; a dot or backslash of a key is escaped (a\.b).

Items of an array are named by their positions from 0, as in tags.0.
"""

import re
from collections.abc import Iterable

_TOKEN = re.compile(r"\\[\\.]|\.|[^\\.]+|\\")
_TO_ESCAPE = re.compile(r"[\\.]")


def parse_path(path: str) -> tuple[str, ...]:
    """Return the keys of a path; a backslash before anything but a dot or a backslash is part of the key."""
    keys = [""]
    for token in _TOKEN.findall(path):
        if token == ".":
            keys.append("")
        else:
            keys[-1] += token[1:] if token in ("\\.", "\\\\") else token
    return tuple(keys)


def path_text(keys: Iterable[str]) -> str:
    """Return the path that `parse_path` reads as these keys."""
    return ".".join(_TO_ESCAPE.sub(r"\\\g<0>", key) for key in keys)

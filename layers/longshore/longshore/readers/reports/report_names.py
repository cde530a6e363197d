"""What the members and sheets of a report are called: as its parts are, so that each is read by the same template."""

import re
from collections.abc import Iterable, Iterator, Sequence

from longshore.readers.reports.reject_rows import RejectedPart

TITLE_CHARACTERS = 31
"""Longest title of a sheet (Excel specifications and limits)."""

_NOT_IN_TITLES = re.compile(r"[\x00-\x1f\[\]:*?/\\]|^'|'$")
_SUFFIX = re.compile(r"\.(?:csv|tsv|txt|json|ndjson|jsonl|xlsx)$", re.IGNORECASE)


def member_names(parts: Sequence[RejectedPart]) -> list[str]:
    """Return paths of CSV files in an archive, one for each part."""
    return [f"{name}.csv" for name in _distinct(_SUFFIX.sub("", part.name) or part.template.name for part in parts)]


def sheet_titles(parts: Sequence[RejectedPart]) -> list[str]:
    """Return titles of sheets, one for each part; a title that is cut is that of the part's template."""
    if len(parts) == 1:
        # A template may name the one sheet to be read.
        return [title_of(parts[0].plan.sheet or parts[0].template.name)]
    names = (_SUFFIX.sub("", part.name.rsplit("/", 1)[-1]) for part in parts)
    fitting = (
        name if 0 < len(name) <= TITLE_CHARACTERS else part.template.name
        for name, part in zip(names, parts, strict=True)
    )
    return list(_distinct(map(title_of, fitting)))


def title_of(name: str) -> str:
    """Return the title of a sheet that a name makes."""
    return _NOT_IN_TITLES.sub("_", name)[:TITLE_CHARACTERS]


def _distinct(names: Iterable[str]) -> Iterator[str]:
    """Yield the names, with a number where one was there before, as `a.2`: what stands before the point counts."""
    taken: set[str] = set()
    for name in names:
        found, count = name, 1
        while found.casefold() in taken:
            count += 1
            found = f"{name[: TITLE_CHARACTERS - 4]}.{count}"
        taken.add(found.casefold())
        yield found

"""The page docs/errors.md, made from both catalogues of errors."""

import re
from collections.abc import Iterable

from longshore.domain.catalogue.error_kind import ErrorKind
from longshore.domain.catalogue.file_errors import FILE_ERRORS
from longshore.domain.catalogue.row_errors import RAW_LIMIT, ROW_ERRORS

_HEAD = """# Errors

Everything that can be wrong with a file or with a row of it, by code. In the messages, `‹…›` stands for what was found.
This page is generated from the catalogues in `longshore/domain/catalogue`.
"""
_ROWS = f"""## Errors of a row

A row with any of these is rejected; the others load. A row may have several, and each is listed with `row` (number of
the record, from 1), `line` (physical line on which it begins), `column` (position in the file; none for the whole
record), `field`, `error_type`, `code`, `message`, `raw_data` (the beginning of the record's text, up to {RAW_LIMIT}
characters) and `timestamp`.
"""
_FILES = """## Errors of a file

With any of these the whole file is refused: the job ends as REJECTED with the code in its reason; nothing is loaded.
"""


def error_page() -> str:
    """Return the page as Markdown."""
    sections = [_HEAD, _index(), _ROWS, *_entries(ROW_ERRORS.values()), _FILES, *_entries(FILE_ERRORS.values())]
    return "\n".join(sections)


def _index() -> str:
    kinds = [*ROW_ERRORS.values(), *FILE_ERRORS.values()]
    lines = (f"| [{kind.code}](#{kind.code.lower()}) | {kind.error_type} | {kind.title} |\n" for kind in kinds)
    return "| code | type | |\n|---|---|---|\n" + "".join(lines)


def _entries(kinds: Iterable[ErrorKind]) -> Iterable[str]:
    for kind in kinds:
        message = re.sub(r"\{(\w+)\}", r"‹\1›", kind.message)
        help_text = f"\n{kind.help}\n" if kind.help else ""
        yield f"### {kind.code}\n\n{kind.title} ({kind.error_type}).\n\n> {message}\n{help_text}"

"""How a report of rejected rows is read: always as reports are written, whatever the template says of its files.

A spreadsheet may have saved it in between, so delimiter and encoding are found out; a declared encoding counts where no
byte order mark says otherwise.
"""

import codecs
import re

from longshore.domain.parse_plan import ROW_ID
from longshore.domain.templates.file_options import FileOptions

REPORT_OPTIONS: dict[str, object] = {
    "format": None,
    "delimiter": None,
    "quote": None,
    "escape": None,
    "header_row": None,
    "footer_rows": 0,
    "path": None,
}
"""What a template declares of its files and a report is not like."""

SHEET_OPTIONS = REPORT_OPTIONS | {"sheet": None}

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_FIRST_RECORD = re.compile(r'(?:[^"\r\n]|"[^"]*+(?:"|$))*+')


def text_options(sample: bytes, options: FileOptions) -> FileOptions:
    """Return the options that count for a text that begins with `sample`."""
    encoding = next((codec for mark, codec in _MARKS if sample.startswith(mark)), "")
    first = _FIRST_RECORD.match(sample.decode(encoding or "latin-1", "replace").lstrip("\ufeff"))
    if first is None or ROW_ID not in first[0]:
        return options
    unmarked = {} if not encoding else {"encoding": None}
    return options.model_copy(update={**REPORT_OPTIONS, "format": "csv", **unmarked})

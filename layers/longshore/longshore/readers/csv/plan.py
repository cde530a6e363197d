"""Detecting the parse plan of CSV from the first bytes: what is declared is used, the rest is found once."""

from collections.abc import Set

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.readers.csv.excel_hint import hinted_delimiter
from longshore.readers.csv.header_search import find_header
from longshore.readers.csv.lines import WRONG_BYTES, LineDecoder, Lines
from longshore.readers.encoding import text_encoding
from longshore.readers.format import refuse_archives, refuse_other_kinds
from longshore.readers.header import unmapped_columns

SAMPLE_BYTES = 64 * 1024

NUL_SHARE = 0.01
"""Text has no NUL characters; a few come from damage, more than this share of a sample from a binary file."""

FEW_NULS = 3
"""So many are damage even in a sample so small that they are a larger share of it, unless most of its lines have one.

In UTF-16 and UTF-32 each line end has a NUL character before or after it, if it is read as another encoding.
"""

WRONG_SHARE = 0.1
"""A few lines with wrong bytes are damage; more than this share of a sample's lines mean another encoding."""


def detect_unmapped_plan(
    sample: bytes, complete: bool, options: FileOptions, wanted: Set[str] = frozenset()
) -> ParsePlan:
    """Find out how a file is read; its columns fill no fields yet. Raises FileRejected.

    `complete` says that the sample is the whole file; `wanted` are normalised headers that the right header has.
    """
    refuse_archives(sample)
    refuse_other_kinds(sample)
    encoding, bom = text_encoding(sample, options.encoding)
    lines = _lines(sample, complete, encoding)
    first = next((at for at, line in enumerate(lines.bare) if line), None)
    if first is None:
        problem = f"it does not begin and end within the first {SAMPLE_BYTES} bytes"
        raise file_rejected("EMPTY_FILE") if complete else file_rejected("MALFORMED_HEADER", line=1, problem=problem)
    hinted = hinted_delimiter(lines.bare[first])
    header = find_header(lines.full, first + bool(hinted), options, options.delimiter or hinted, wanted)
    if WRONG_BYTES.search("".join(header.cells)):
        _refuse_encoding(sample, complete, encoding)
    return ParsePlan(
        format="csv",
        encoding=encoding,
        bom=bom,
        delimiter=header.delimiter,
        quote='"' if options.quote is None else options.quote,
        escape=options.escape or "",
        header_line=header.at + 1,
        data_line=header.at + 1 + header.lines,
        columns=unmapped_columns(header.cells),
        footer_rows=options.footer_rows,
        null_markers=tuple(options.null_markers),
    )


def _lines(sample: bytes, complete: bool, encoding: str) -> Lines:
    """Return the lines of a sample; refuse what is no text, and what is text of another encoding."""
    decoder = LineDecoder(encoding)
    lines = Lines(decoder.feed(sample, final=complete))
    if _is_binary(lines):
        advice = "save the data as CSV (UTF-8); for UTF-16 text set file.encoding in the template"
        raise file_rejected("NOT_TEXT", kind="binary data with NUL characters", advice=advice)
    if decoder.is_damaged and sum(map(bool, map(WRONG_BYTES.search, lines.bare))) > WRONG_SHARE * len(lines.bare):
        _refuse_encoding(sample, complete, encoding)
    return lines


def _is_binary(lines: Lines) -> bool:
    nuls = lines.text.count("\0")
    if nuls <= NUL_SHARE * len(lines.text):
        return False
    return nuls > FEW_NULS or 2 * sum("\0" in line for line in lines.bare) > len(lines.bare)


def _refuse_encoding(sample: bytes, complete: bool, encoding: str) -> None:
    LineDecoder(encoding, strict=True).feed(sample, final=complete)

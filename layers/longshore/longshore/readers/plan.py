"""Detecting the parse plan from the first bytes: what the template declares is used, the rest is found once."""

import codecs
import csv
from collections.abc import Set
from dataclasses import dataclass, replace

from longshore.domain.file_errors import file_rejected
from longshore.domain.file_options import FileOptions
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.template import Template
from longshore.readers.header import match_header, normalised, unmapped_columns
from longshore.readers.lines import LineDecoder
from longshore.readers.records import CsvDialect, Feed

SAMPLE_BYTES = 64 * 1024
DELIMITERS = (",", ";", "\t", "|")

NUL_SHARE = 0.01
"""Text has no NUL characters; a few come from damage, more than this share of a sample from a binary file."""

_BINARY = {
    b"PK\x03\x04": ("a ZIP archive or an Excel workbook", "save the sheet as CSV (UTF-8), or unpack the archive first"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "save the sheet as CSV (UTF-8)"),
    b"\x1f\x8b": ("compressed with gzip", "decompress it first"),
    b"%PDF": ("a PDF document", "export the data as CSV (UTF-8)"),
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def detect_plan(sample: bytes, complete: bool, template: Template) -> ParsePlan:
    """Find out how a file is read; `complete` says that the sample is the whole file. Raises FileRejected."""
    wanted = {normalised(field.header) for field in template.fields}
    plan = _detect(sample, complete, template.file, wanted)
    return replace(plan, columns=match_header(plan.columns, plan.header_line, template))


def detect_unmapped_plan(sample: bytes, complete: bool, options: FileOptions) -> ParsePlan:
    """Find out how a file without a template is read: its columns fill no fields. Raises FileRejected."""
    return _detect(sample, complete, options, wanted=frozenset())


def _detect(sample: bytes, complete: bool, options: FileOptions, wanted: Set[str]) -> ParsePlan:
    """Return the plan with unmapped columns; `wanted` are normalised headers that the right delimiter brings out."""
    encoding = _encoding(sample, options.encoding)
    lines = LineDecoder(encoding).feed(sample, final=complete)
    _refuse_nul_characters(lines)
    blank = next((at for at, line in enumerate(lines) if line.strip("\r\n")), len(lines))
    if blank == len(lines):
        problem = f"it does not begin and end within the first {SAMPLE_BYTES} bytes"
        raise file_rejected("EMPTY_FILE") if complete else file_rejected("MALFORMED_HEADER", line=1, problem=problem)
    delimiter = options.delimiter or _delimiter(lines[blank:], wanted)
    header = _header(lines[blank:], delimiter)
    if header is None:
        raise file_rejected("MALFORMED_HEADER", line=blank + 1, problem="its quotes do not match")
    return ParsePlan(
        format="csv",
        encoding=encoding,
        bom=sample.startswith((codecs.BOM_UTF8, *_UTF16)),
        delimiter=delimiter,
        quote='"',
        header_line=blank + 1,
        data_line=blank + 1 + header.lines,
        columns=unmapped_columns(header.cells),
    )


def _encoding(sample: bytes, declared: str | None) -> str:
    """Return the codec to decode with; what is no text at all is refused before it can look like a wrong encoding."""
    for magic, (kind, advice) in _BINARY.items():
        if sample.startswith(magic):
            raise file_rejected("NOT_TEXT", kind=kind, advice=advice)
    if declared is not None:
        return _declared_encoding(sample, codecs.lookup(declared).name)
    if sample.startswith(_UTF16):
        raise file_rejected("WRONG_ENCODING", line=1, byte=0, problem="a UTF-16 byte order mark")
    return "utf-8-sig" if sample.startswith(codecs.BOM_UTF8) else "utf-8"


def _declared_encoding(sample: bytes, declared: str) -> str:
    if not sample.startswith(codecs.BOM_UTF8):
        return declared
    if declared in ("utf-8", "utf-8-sig"):
        return "utf-8-sig"
    raise file_rejected(
        "WRONG_ENCODING", line=1, byte=0, problem=f"a UTF-8 byte order mark, but {declared} is declared"
    )


def _refuse_nul_characters(lines: list[str]) -> None:
    characters = sum(map(len, lines))
    if sum(line.count("\0") for line in lines) > NUL_SHARE * characters:
        advice = "save the data as CSV (UTF-8); for UTF-16 text set file.encoding in the template"
        raise file_rejected("NOT_TEXT", kind="binary data with NUL characters", advice=advice)


@dataclass(frozen=True)
class _Record:
    """The cells of a record and how many physical lines it takes."""

    cells: list[str]
    lines: int


def _header(lines: list[str], delimiter: str) -> _Record | None:
    feed = Feed(lines)
    feed.left = SAMPLE_BYTES
    try:
        return _Record(next(csv.reader(feed, CsvDialect(delimiter))), feed.at)
    except csv.Error:
        return None


def _delimiter(lines: list[str], wanted: Set[str]) -> str:
    """Choose the delimiter that finds most of the wanted columns, then the one that most rows agree with.

    A header without any of them is a file of one column.
    """
    best, best_score = ",", (0, 0.0, 1)
    for delimiter in DELIMITERS:
        header = _header(lines, delimiter)
        if header is None or len(header.cells) < 2:
            continue
        matches = len(wanted & set(map(normalised, header.cells)))
        score = matches, _agreement(lines[header.lines :], delimiter, len(header.cells)), len(header.cells)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _agreement(lines: list[str], delimiter: str, width: int) -> float:
    """Return the share of sample records that have as many cells as the header, 1 if there are none."""
    feed = Feed(lines)
    agreeing = records = 0
    reader = csv.reader(feed, CsvDialect(delimiter))
    while feed.at < len(lines):
        start, feed.left = feed.at, SAMPLE_BYTES
        try:
            cells = next(reader)
        except csv.Error:
            if feed.dry:
                break
            cells, feed.at = ["broken"], start + 1
            reader = csv.reader(feed, CsvDialect(delimiter))
        if cells:
            records += 1
            agreeing += len(cells) == width
    return agreeing / records if records else 1.0

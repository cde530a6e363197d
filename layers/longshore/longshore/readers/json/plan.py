"""Detecting how a JSON file is read from its first bytes: lines or a document, where the records are, their paths."""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.json_path import parse_path, path_text
from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.errors import FileRejected
from longshore.readers.encoding import text_encoding
from longshore.readers.json import layout
from longshore.readers.json.document import DocumentReader
from longshore.readers.json.found import BrokenRecord
from longshore.readers.json.layout import Sample, SampleEnds, find_path, is_lines, is_unicode, is_wanted, leaf_paths
from longshore.readers.json.lines import LinesReader
from longshore.readers.json.text import BLANK, JsonText
from longshore.readers.json.values import scan_marked

SAMPLE_BYTES = 64 * 1024

MAX_COLUMNS = 1000

SURE_COLUMNS = 100
"""So many paths are columns however few records have them; of the others those that every tenth record has.

Each record has a cell for each column: paths that few records have would need far more time and memory than the file.
"""

OFTEN = 10


def detect_json_plan(sample: bytes, complete: bool, options: FileOptions, wanted: Set[str] = frozenset()) -> ParsePlan:
    """Find out how a file is read; its columns are the paths met in the sample, and fill no fields yet.

    Paths that are no columns, because there are too many, are like keys that come later in the file.

    `complete` says that the sample is the whole file. `wanted` are normalised headers: an object or array that is
    wanted as a whole is one column. Raises FileRejected.
    """
    encoding, bom = text_encoding(sample, options.encoding)

    def window() -> JsonText:
        return JsonText(Sample(sample, complete), encoding)

    text = _text_of(window())
    if not text.strip(BLANK):
        raise file_rejected("EMPTY_FILE") if complete else _not_a_table("it begins with nothing but white space")
    lines = options.format == "ndjson" or (options.format is None and is_lines(text, complete))
    path = () if lines else parse_path(options.path) if options.path else find_path(window(), wanted)
    if not is_unicode("".join(path)):
        raise _not_a_table("the key of its array has half of a surrogate pair, which no text can hold")
    reader = LinesReader(window(), scan_marked) if lines else DocumentReader(window(), path, scan_marked)
    values, broken = _records(reader)
    if not values and (broken or complete):
        _refuse_unless_records(broken)
    paths = _columns(leaf_paths(values, wanted), len(values), wanted)
    return ParsePlan(
        format="ndjson" if lines else "json",
        encoding=encoding,
        bom=bom,
        delimiter="",
        quote="",
        header_line=0,
        data_line=1,
        columns=tuple(Column(at, path_text(keys), None, "unmapped") for at, keys in enumerate(paths, start=1)),
        path=path_text(path),
    )


def _columns(met: Mapping[layout.Path, int], records: int, wanted: Set[str]) -> list[layout.Path]:
    """Return the paths that are columns; `met` says how many of the records have each."""
    often = [OFTEN * count >= records for count in met.values()]
    return [
        path
        for at, path in enumerate(met)
        if at < SURE_COLUMNS or (at < MAX_COLUMNS and often[at]) or is_wanted(path, wanted)
    ]


def _text_of(window: JsonText) -> str:
    try:
        while window.more():
            pass
    except SampleEnds:
        pass
    return window.text


def _records(reader: LinesReader | DocumentReader) -> tuple[list[dict[str, Any]], list[BrokenRecord]]:
    """Return the records of the sample."""
    values: list[dict[str, Any]] = []
    broken: list[BrokenRecord] = []
    try:
        for found in reader.read():
            values += found.values
            broken += found.broken
    except SampleEnds:
        values += reader.found.values
        broken += reader.found.broken
    return values, broken


def _refuse_unless_records(broken: Iterable[BrokenRecord]) -> None:
    """Refuse a file in whose beginning there is no record at all that could be one."""
    kinds = set()
    for record in broken:
        if record.code == "MALFORMED_RECORD":
            place = {"line": record.data["at_line"], "column": record.data["at_column"]}
            raise file_rejected("MALFORMED_JSON", **place, problem=record.data["problem"])
        if record.code != "NOT_AN_OBJECT":
            return
        kinds.add(record.data["kind"])
    raise _not_a_table(f"what it holds is {' or '.join(sorted(kinds))}" if kinds else "its array is empty")


def _not_a_table(problem: str) -> FileRejected:
    return file_rejected("NOT_A_TABLE", problem=problem)

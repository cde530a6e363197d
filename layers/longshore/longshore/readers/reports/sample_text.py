"""A file of text to be filled in, made from a template: a header of CSV, or a record of JSON without values."""

import codecs
import csv
import io
from typing import Any, BinaryIO

import orjson

from longshore.domain.json_path import parse_path
from longshore.domain.templates.file_options import FileOptions, Format
from longshore.domain.templates.template import Template
from longshore.errors import InvalidRequest
from longshore.readers.csv.dialect import CsvDialect

MARKED = "utf-8-sig"
"""Spreadsheets take UTF-8 for it by its mark."""


def write_text_sample(template: Template, kind: Format, out: BinaryIO) -> None:
    """Write the sample of a template as `csv`, `json` or `ndjson`; it is imported as it is once there are rows.

    Raises InvalidRequest where a header cannot be written as the template says that its files are.
    """
    options = template.file
    text = _header(template) if kind == "csv" else _record(template, kind)
    encoding = options.encoding or (MARKED if kind == "csv" else "utf-8")
    try:
        out.write(codecs.encode(text, encoding))
    except UnicodeEncodeError as fault:
        raise InvalidRequest(
            f"{fault.object[fault.start]!r} cannot be written in {encoding}; write a workbook"
        ) from None


def _header(template: Template) -> str:
    options = template.file
    text = io.StringIO()
    dialect = CsvDialect(
        options.delimiter or ",", '"' if options.quote is None else options.quote, options.escape or ""
    )
    text.write(dialect.lineterminator * ((options.header_row or 1) - 1))
    try:
        csv.writer(text, dialect).writerow([field.header for field in template.fields])
    except csv.Error as problem:
        raise InvalidRequest(f"the header cannot be written without quotes ({problem}); write a workbook") from None
    return text.getvalue()


def _record(template: Template, kind: Format) -> str:
    """Return a record of nothing but null, which is no row: it shows where values go."""
    record: dict[str, Any] = {}
    for field in template.fields:
        *outer, key = parse_path(field.header)
        _inside(record, outer).setdefault(key, None)
    if kind == "ndjson":
        return orjson.dumps(record).decode() + "\n"
    return orjson.dumps(_around([record], template.file), option=orjson.OPT_INDENT_2).decode() + "\n"


def _inside(record: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    for key in keys:
        if not isinstance(record.get(key), dict):
            record[key] = {}
        record = record[key]
    return record


def _around(records: list[dict[str, Any]], options: FileOptions) -> object:
    document: object = records
    for key in reversed(parse_path(options.path) if options.path else ()):
        document = {key: document}
    return document

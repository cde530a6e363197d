"""The report of rejected rows: their original cells and what is wrong, safe in a spreadsheet and importable again.

After the columns of the file come those of the report; the one with the row ids marks the file as a report, whose
cells are restored when it is imported. A report is read by rules of its own, see report_options.py beside this, so it
is written the same way whatever the file was.
"""

import csv
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import IO, BinaryIO, Literal
from zipfile import ZIP_DEFLATED, ZipFile

from longshore.domain.chunk import Chunk
from longshore.readers.reader import PartSource
from longshore.readers.reports.reject_rows import RejectedPart
from longshore.readers.reports.report_names import member_names, sheet_titles

ReportFormat = Literal["csv", "xlsx"]

ENCODING = "utf-8-sig"
"""Spreadsheets take UTF-8 for it by its mark."""


def write_report(
    sources: Sequence[PartSource], parts: Sequence[RejectedPart], job_id: str, kind: ReportFormat, out: BinaryIO
) -> int:
    """Write a report and return how many rows it has. `sources` are the parts again; memory stays flat.

    Of several parts CSV is an archive with one file for each, XLSX has a sheet for each; parts without rejected rows
    too, so that the report is read as the upload was. Raises InvalidRequest where a workbook cannot hold it, and
    FileRejected where a part cannot be read any more.
    """
    if kind == "xlsx":
        # Only where a workbook is written: it costs a quarter of a second to import.
        from longshore.readers.reports.reject_workbook import write_workbook

        return write_workbook(sources, parts, sheet_titles(parts), job_id, out)
    if len(parts) == 1:
        return _write_csv(parts[0], sources[0].read(parts[0].plan), job_id, out)
    rows = 0
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for source, part, name in zip(sources, parts, member_names(parts), strict=True):
            with archive.open(name, "w", force_zip64=True) as member:
                rows += _write_csv(part, source.read(part.plan), job_id, member)
    return rows


def suffix_of(kind: ReportFormat, parts: int) -> str:
    """Return what the name of a report of so many parts ends with."""
    return "zip" if kind == "csv" and parts > 1 else kind


def _write_csv(part: RejectedPart, chunks: Iterator[Chunk], job_id: str, out: IO[bytes]) -> int:
    # Messages and raw texts may hold bytes that were no characters; cells cannot.
    text = TextIOWrapper(out, encoding=ENCODING, errors="replace", newline="")
    writer = csv.writer(text, delimiter=part.plan.delimiter or ",", lineterminator="\r\n")
    writer.writerow(part.header)
    count = 0
    for row in part.rows(chunks, job_id):
        writer.writerow(row.texts)
        count += 1
    text.flush()
    text.detach()
    return count

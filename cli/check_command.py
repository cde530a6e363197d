"""`longshore check`: what an import would make of a file, found out on this machine."""

from pathlib import Path
from typing import Any

import click

from cli import render
from cli.file_flags import file_flags, file_options, template_option
from cli.job_commands import json_option
from cli.offline_check import check
from cli.outcome import CliError, Document, Exit, UsageProblem
from cli.questions import open_questions, question_line
from cli.template_shelf import TemplateShelf
from longshore.settings import Settings

OutPath = click.Path(path_type=Path)


@click.command("check", short_help="Check a file without importing it.")
@click.argument("file", type=click.Path(path_type=Path))
@template_option(required=True)
@click.option("--rows", metavar="OUT", type=OutPath, help="Write the accepted rows there: NDJSON, or .json.")
@click.option(
    "--rejects",
    metavar="OUT",
    type=OutPath,
    help="Write all errors there: NDJSON, .json, or .csv, .xlsx or .zip to correct and import.",
)
@click.option(
    "--max-bytes", type=click.IntRange(1), default=Settings.max_upload_bytes, show_default=True, help="Largest file."
)
@file_flags
@json_option
def check_file(
    file: Path,
    template: tuple[str, ...],
    rows: Path | None,
    rejects: Path | None,
    max_bytes: int,
    as_json: bool,
    **flags: Any,
) -> int:
    """Read and check FILE as an import would, on this machine; nothing is uploaded and nothing started.

    A .csv or .xlsx of --rejects has the rejected rows in their original columns and what is wrong beside them. Correct
    it in a spreadsheet and import it: the columns that were added are recognised. Of a file with several parts an .xlsx
    has a sheet, and a .zip a CSV file for each.

    A part (a sheet, or a file of an archive) that is called after a template is read by that one, every other part by
    the first. Where T is a stored name, all templates stored with it count; else give --template several times.

    \b
    Exit status: 0 every row accepted, 1 some rows rejected, 2 the file is refused
    or a column is not clear, 3 something is wrong with the command, 4 the Longshore to ask for T not reachable.
    """
    _refuse_overwriting(file, rows, rejects)
    shelf = TemplateShelf(template, file_options(**flags))
    try:
        document = check(file, shelf, rows, rejects, max_bytes)
    except OSError as error:
        raise CliError(f"{file} was not checked: {error.strerror or error}") from None
    if as_json:
        render.print_json(document)
    else:
        click.echo(_summary(document, shelf, rows, rejects))
    if document["reason"] or document["questions"]:
        return Exit.FAILED
    return Exit.WITH_ERRORS if document["counts"]["rejected"] else Exit.COMPLETED


def _refuse_overwriting(file: Path, rows: Path | None, rejects: Path | None) -> None:
    for out in (rows, rejects):
        if out and out.resolve() == file.resolve():
            raise UsageProblem(f"{out} is the file to be checked; name another one to write to")
    if rows and rejects and rows.resolve() == rejects.resolve():
        raise UsageProblem(f"--rows and --rejects both name {rows}; name two files")


def _summary(document: Document, shelf: TemplateShelf, rows: Path | None, rejects: Path | None) -> str:
    counts, report, reason = document["counts"], document["report"], document["reason"]
    several = len(document["parts"]) > 1
    asked = [question_line(question, part["name"]) for part, question in open_questions(document)]
    lines = [f"{document['file_name']} -> {document['template']}: {document['status']}  (template: {shelf.main.place})"]
    if asked:
        lines += [
            f"  {render.counted(counts['rows'], 'row')} not checked: what these columns are is not clear:",
            *map("    {}".format, asked),
        ]
        lines.append("  correct the header, add aliases to the template, or see `longshore templates mapping --help`")
    elif counts["rows"]:
        lines.append(f"  {_rows(counts)}")
        lines += [_part_line(part) for part in document["parts"] if several]
    if reason:
        lines.append(f"  {reason['code']}: {render.one_line(reason['message'])}")
    warnings = [warning for part in document["parts"] for warning in part["warnings"]]
    lines += [f"  warning: {render.warning_line(warning)}" for warning in warnings]
    refused = "a column is not clear" if asked else "the file is refused"
    sample, errors = report["rejected_sample"], report["errors"]
    if sample:
        title = "errors" if errors == len(sample) else f"first {len(sample)} of {errors:,} errors (--rejects OUT: all)"
        lines += [f"  {title}:", *(f"    {_error_line(error, several)}" for error in sample)]
    if rows:
        lines.append(f"  accepted rows: {rows}" if not (reason or asked) else f"  {rows} not written: {refused}")
    if rejects:
        lines.append(
            f"  all errors: {rejects}" if counts["rows"] and not asked else f"  {rejects} not written: {refused}"
        )
    lines += [f"  not checked here: {what}" for what in document["not_checked"]]
    return "\n".join(lines)


def _rows(counts: Document) -> str:
    rows = render.counted(counts["rows"], "row")
    return f"{rows}: {counts['unprocessed']:,} accepted, {counts['rejected']:,} rejected"


def _part_line(part: Document) -> str:
    counts = part["counts"]
    return f"    {render.one_line(part['name'])} -> {part['template']}: {_rows(counts)}"


def _error_line(error: Document, several: bool) -> str:
    return (f"{render.one_line(error['part'])}: " if several else "") + render.error_line(error)

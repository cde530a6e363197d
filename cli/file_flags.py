"""The options that say how a file is written, where the template does not or not rightly."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from cli.outcome import UsageProblem
from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.template import Template

Command = TypeVar("Command", bound=Callable[..., Any])

NAMES = {"tab": "\t", "space": " ", "none": ""}
"""Words for characters that are hard to type."""

_OPTIONS = (
    click.option("--format", "file_format", type=click.Choice(["csv", "xlsx", "json", "ndjson"]), help="Detected."),
    click.option("--encoding", help="A Python codec name such as cp1252; UTF-8 if left out."),
    click.option("--delimiter", metavar="D", help="CSV: between cells, such as , or ; or tab. Detected if left out."),
    click.option("--quote", metavar="Q", help='CSV: around cells, " if left out, or none.'),
    click.option("--header-row", type=click.IntRange(1), metavar="N", help="Line, or row of the sheet. Detected."),
    click.option("--sheet", metavar="TITLE", help="XLSX: the one sheet to read; each visible one if left out."),
    click.option("--path", "json_path", metavar="P", help="JSON: where the records are, such as data.items."),
)


def template_option(required: bool) -> Callable[[Command], Command]:
    """Return the option that names templates: the main one first, then others that parts may be called after."""
    return click.option(
        "--template",
        required=required,
        multiple=True,
        metavar="T",
        help="The path of a document, or a stored template's name; again for parts of other templates.",
    )


def file_flags(command: Command) -> Command:
    """Add the options to a command; `file_options` takes what they give."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def file_options(
    file_format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str | None = None,
    header_row: int | None = None,
    sheet: str | None = None,
    json_path: str | None = None,
) -> FileOptions:
    """Return what the options say, only that being set; raise UsageProblem where it makes no sense."""
    given = {
        "format": file_format,
        "encoding": encoding,
        "delimiter": delimiter and NAMES.get(delimiter, delimiter),
        "quote": quote and NAMES.get(quote, quote),
        "header_row": header_row,
        "sheet": sheet,
        "path": json_path,
    }
    try:
        return FileOptions.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        option = str(first["loc"][0]).replace("_", "-")
        raise UsageProblem(f"--{option}: {first['msg'].removeprefix('Value error, ')}") from None


def overridden(template: Template, options: FileOptions) -> Template:
    """Return the template with what the options say about its files."""
    return template.model_copy(update={"file": options.over(template.file)})

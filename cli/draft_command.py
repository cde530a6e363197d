"""`longshore draft`: templates proposed for a file, for a person to confirm."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from cli import render
from cli.file_flags import file_flags, file_options
from cli.inspect_command import refused
from cli.outcome import Exit, UsageProblem
from cli.output_files import OutputFile
from cli.sources import open_source
from longshore.domain.catalogue.row_errors import listed
from longshore.domain.templates.draft import Draft
from longshore.errors import FileRejected
from longshore.readers.draft import PartDraft, draft_template, draft_templates
from longshore.settings import Settings


@click.command(short_help="Propose a template for a file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--all-text", is_flag=True, help="Propose no types: every column is a string.")
@click.option("--name", help="Name of the template; after the file if left out.")
@click.option(
    "--out",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write a document for each part whose columns differ there, instead of the first part's on standard output.",
)
@file_flags
def draft(file: Path, all_text: bool, name: str | None, out: Path | None, **flags: Any) -> int:
    """Propose a template document for FILE on standard output, for a person to confirm; the doubts on standard error.

    A column gets a type only where every value seen fits it and nothing would be lost: leading zeros, more than 15
    digits and E notation stay strings, and so do dates whose day and month cannot be told apart. A column without blank
    cells is required. The exit status is 1 where no column can be the key: the document needs one before it is a
    template.
    """
    options = file_options(**flags)
    how: dict[str, Any] = {"all_text": all_text, "max_bytes": Settings.max_upload_bytes}
    with open_source(file) as stream:
        try:
            if out is None:
                drafts = [draft_template(stream, name or file.stem, options, **how)]
            else:
                parts = draft_templates(stream, name or file.stem, options, **how)
                drafts = [part.draft for part in parts]
        except FileRejected as refusal:
            raise refused(file, refusal) from None
    if out is None:
        render.print_json(drafts[0].document)
        _say(drafts[0].notes)
    else:
        _write(parts, out)
    _say(["this is a proposal: a person must confirm names, types and key before it is used"])
    return Exit.COMPLETED if all(proposal.is_complete for proposal in drafts) else Exit.WITH_ERRORS


def _write(parts: list[PartDraft], out: Path) -> None:
    """Write each document; nothing is written where one is there already, which a person may have worked on."""
    paths = [out / f"{part.draft.document['name']}.json" for part in parts]
    there = [path for path in paths if path.exists()]
    if there:
        raise UsageProblem(f"{there[0]} is there already; name another folder, or remove it first")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageProblem(f"{out} cannot be made: {error.strerror}") from None
    for path, part in zip(paths, parts, strict=True):
        with OutputFile(path) as file:
            file.file.write(json.dumps(part.draft.document, ensure_ascii=False, indent=2).encode() + b"\n")
            file.keep()
        click.echo(f"{path}: {_about(part.draft)}{_for_parts(part)}")
        _say(f"{path.name}: {note}" for note in part.draft.notes)


def _about(proposal: Draft) -> str:
    fields = proposal.document["fields"]
    key = ", ".join(proposal.document["key"]) or "none found"
    return f"{render.counted(len(fields), 'field')}, key {key}"


def _for_parts(part: PartDraft) -> str:
    names = [part.part, *part.also]
    return f", for {listed(names)}" if part.part else ""


def _say(notes: Iterable[str]) -> None:
    for note in notes:
        click.echo(f"longshore: {render.one_line(note)}", err=True)

"""Template documents on disk, and what `--template` may name."""

import json
import os
from pathlib import Path
from typing import Any

from cli.client import Client
from cli.connection import configured
from cli.outcome import Document, UsageProblem
from cli.sources import open_source
from longshore.domain.templates.header_matching import normalised
from longshore.domain.templates.template import Template, parse_template
from longshore.errors import InvalidTemplate

SAMPLES = Path("events/templates")


def read_document(path: Path) -> dict[str, Any]:
    """Read a template document; raise UsageProblem with line and column where it is no JSON object with a name."""
    with open_source(path) as file:
        content = file.read()
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as fault:
        raise UsageProblem(f"{path} is not JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}") from None
    except UnicodeDecodeError:
        raise UsageProblem(f"{path} is not UTF-8 text; save the template as UTF-8") from None
    except RecursionError:
        raise UsageProblem(f"{path} is nested too deeply for a template") from None
    if not isinstance(document, dict) or not isinstance(document.get("name"), str) or not document["name"]:
        raise UsageProblem(f"{path} is no template document: it must be a JSON object with a name")
    return document


def push(client: Client, path: Path) -> Document:
    """Store a document as the current version of the template that it names."""
    document = read_document(path)
    try:
        return client.put_template(document["name"], document)
    except UsageProblem as problem:
        raise UsageProblem(f"{path}: {problem}") from None


def is_path(given: str) -> bool:
    """Whether `--template` names a document: no stored template's name has a dot or a slash in it."""
    return given.endswith(".json") or os.sep in given


def find(given: str) -> tuple[Template, str]:
    """Return what `--template` names without starting anything, and where it was found.

    A name is asked of the Longshore that is configured or runs in this folder, else looked for in events/templates.
    Raises UsageProblem where there is no such template or it breaks the rules, Unreachable where nothing answers.
    """
    document, place = _found(given)
    try:
        return parse_template(document), place
    except InvalidTemplate as problem:
        raise UsageProblem(f"{place}: {problem}") from None


def confirmed(given: str) -> dict[str, str | None]:
    """Return the field of each normalised header that the tenant confirmed; nothing where no Longshore is asked."""
    client = None if is_path(given) else configured()
    if client is None:
        return {}
    return {normalised(column["header"]): column["field"] for column in client.mapping(given)["columns"]}


def titles() -> dict[str, str]:
    """Return the titles of the templates that can be asked for, by name; raises Unreachable where nothing answers."""
    if client := configured():
        return {template["name"]: template["title"] for template in client.templates()["templates"]}
    documents = map(read_document, sorted(SAMPLES.glob("*.json")))
    return {document["name"]: str(document.get("title", "")) for document in documents}


def _found(given: str) -> tuple[object, str]:
    if is_path(given):
        return read_document(Path(given)), given
    if client := configured():
        stored = client.template(given, 0)
        return stored["template"], f"version {stored['version']} at {client.endpoint}"
    sample = SAMPLES / f"{given}.json"
    if sample.exists():
        return read_document(sample), str(sample)
    raise UsageProblem(
        f"there is no Longshore to ask for the template {given!r}, and no {sample}; name the path of a document"
    )

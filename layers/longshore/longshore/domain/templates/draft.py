"""Proposing a template for a file that has none: a person confirms it, nothing is imported by it unseen.

A column gets a type only if every cell seen is such a value and would lose nothing by it; everything else stays string,
character by character. The key is the first column without a blank cell in which no value repeats.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.parse_plan import Column
from longshore.domain.templates.column_survey import ColumnSurvey
from longshore.domain.templates.template import RESERVED_NAMES, SCHEMA_ID

MAX_NAME = 63


@dataclass(frozen=True)
class Draft:
    """A proposed template document, and what a person should know before confirming it."""

    document: dict[str, Any]
    notes: list[str]

    @property
    def is_complete(self) -> bool:
        """Whether it is a valid template as it stands: without a key it is none."""
        return bool(self.document["key"])


def draft(name: str, columns: Sequence[Column], surveys: Sequence[ColumnSurvey], all_text: bool) -> Draft:
    """Propose a template called like `name`; `surveys` are those of the columns, in the same order."""
    usable, left_out = _usable(columns)
    notes = list(left_out)
    fields: list[dict[str, Any]] = []
    key: list[str] = []
    filled: list[str] = []
    for column, survey in zip(columns, surveys, strict=True):
        if column not in usable:
            continue
        field = _field(column, [other["name"] for other in fields])
        field_type, why = survey.type()
        if field_type != "string" and not all_text:
            field["type"] = field_type
        if why and not all_text:
            notes.append(f"column {column.position} {shown(column.header)} stays string: {why}")
        if survey.is_unique and not key:
            key, field["required"] = [field["name"]], True
        elif not survey.has_blanks:
            filled.append(field["name"])
        fields.append(field)
    name = template_name(name)
    document = {"$schema": SCHEMA_ID, "name": name, "record_type": name, "key": key, "fields": fields}
    if left_out:
        document["unknown_columns"] = "ignore"
    return Draft(document, [*notes, _about_key(key), *_about_filled(filled)])


def _usable(columns: Sequence[Column]) -> tuple[list[Column], list[str]]:
    """Return the columns that can fill a field, and why the others cannot."""
    count = Counter(column.header for column in columns)
    notes: list[str] = []
    usable: list[Column] = []
    for column in columns:
        if not column.header.strip():
            notes.append(f"column {column.position} has no header: left out")
        elif count[column.header] > 1:
            notes.append(f"column {column.position} {shown(column.header)} is not the only one of that name: left out")
        elif column.reason != "report":
            usable.append(column)
    return usable, notes


def _about_key(key: list[str]) -> str:
    if key:
        return f"the key is {key[0]}, because no value repeats in it and none is blank: is it what identifies a record?"
    return "no column identifies a record: put those that do together into key, and mark each as required"


def _about_filled(names: list[str]) -> list[str]:
    return [f"never blank here, so perhaps required: {listed(names)}"] if names else []


def _field(column: Column, taken: Sequence[str]) -> dict[str, Any]:
    wanted = _ascii(column.header, r"\W+") or f"column_{column.position}"
    wanted = f"_{wanted}" if wanted[0].isdigit() else wanted
    name = wanted = wanted[:MAX_NAME]
    number = 1
    while name in taken:
        number += 1
        name = f"{wanted[: MAX_NAME - len(str(number)) - 1]}_{number}"
    return {"name": name} if name == column.header else {"name": name, "column": column.header}


def template_name(text: str) -> str:
    """Return a name that a template may have, as like the text as possible."""
    name = _ascii(text, r"[^a-z0-9-]+")
    if not name or not name[0].isalpha() or name in RESERVED_NAMES:
        name = f"file-{name}" if name else "file"
    return name[:MAX_NAME].rstrip("-_")


def _ascii(text: str, between_words: str) -> str:
    """Return lower-case ASCII words with underscores between them; accents go, other scripts vanish."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(between_words, "_", plain).strip("_-")

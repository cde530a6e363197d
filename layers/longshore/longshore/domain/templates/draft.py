"""Proposing a template for a file that has none: a person confirms it, nothing is imported by it unseen.

A column gets a type only if every cell seen is such a value and would lose nothing by it; everything else stays string,
character by character. The key is the first column without a blank cell in which no value repeats, and which is no
amount, date or JSON.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.json_path import parse_path
from longshore.domain.parse_plan import Column
from longshore.domain.templates.column_survey import KEY_TYPES, ColumnSurvey, Guess
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
    whole = {parse_path(c.header) for c, survey in zip(columns, surveys, strict=True) if survey.is_nested}
    proposed: list[_Proposed] = []
    for column, survey in zip(columns, surveys, strict=True):
        if column in usable and not _is_inside(column, whole):
            field = _field(column, [other.name for other in proposed])
            guess = Guess() if all_text and not survey.is_nested else survey.guess()
            required = {} if survey.has_blanks else {"required": True}
            proposed.append(_Proposed(field | guess.properties | required, column, survey, guess))
    keys = [one.name for one in proposed if one.survey.is_unique and one.guess.type in KEY_TYPES]
    name = template_name(name)
    fields = [one.field for one in proposed]
    document = {"$schema": SCHEMA_ID, "name": name, "record_type": name, "key": keys[:1], "fields": fields}
    if left_out:
        document["unknown_columns"] = "ignore"
    told = [*left_out, *(note for one in proposed for note in _about_column(one, all_text))]
    return Draft(document, [*told, *_about_key(keys), *_about_filled(proposed)])


def _is_inside(column: Column, whole: Collection[tuple[str, ...]]) -> bool:
    """Whether a column of JSON is part of another one, which takes all that is there."""
    path = parse_path(column.header) if whole else ()
    return any(path[:length] in whole for length in range(1, len(path)))


@dataclass(frozen=True)
class _Proposed:
    """A field, the column that it is read from, and what was found there."""

    field: dict[str, Any]
    column: Column
    survey: ColumnSurvey
    guess: Guess

    @property
    def name(self) -> str:
        """The name of the field."""
        return str(self.field["name"])


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


def _about_column(one: _Proposed, all_text: bool) -> list[str]:
    place = f"column {one.column.position} {shown(one.column.header)}"
    notes = [f"{place} stays string: {one.guess.why}"] if one.guess.why and not all_text else []
    if one.guess.type == "string" and one.survey.choices and not all_text:
        enum = json.dumps(one.survey.choices, ensure_ascii=False)
        notes.append(
            f'{place} has only {len(one.survey.choices)} different values: if no others may come, set "enum": {enum}'
        )
    return notes


def _about_key(keys: list[str]) -> list[str]:
    if not keys:
        return ["no column identifies a record: put those that do together into key, and mark each as required"]
    others = f" It could also be {listed(keys[1:])}" if keys[1:] else ""
    why = "because no value repeats in it and none is blank: is it what identifies a record?"
    return [f"the key is {keys[0]}, {why}{others}"]


def _about_filled(proposed: Sequence[_Proposed]) -> list[str]:
    """Say which fields are required only because no blank cell was met."""
    names = [one.name for one in proposed if one.field.get("required")]
    return (
        [f"required, because never blank here: {listed(names)}; take required out where a blank may come"]
        if names
        else []
    )


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

"""One upload of a fuzz: made from a seed, read in several ways, and held to every promise."""

import random
from dataclasses import replace
from typing import NamedTuple

from longshore.domain.templates.template import Template
from tests.fuzz.accounting import Judged, judge, texts_shown
from tests.fuzz.damage import damaged
from tests.fuzz.made_files import FORMATS, SECRET, made_file
from tests.fuzz.made_templates import made_template

MANY_ROWS = 200
"""So many rows are not checked one by one as well, because that is slow."""


class Trial(NamedTuple):
    """An upload and its template; one that `is_whole` is as its writer left it."""

    data: bytes
    template: Template
    is_whole: bool


def made(seed: int, kind: str = "") -> Trial:
    """Return the upload of a seed; three in four are damaged."""
    chance = random.Random(seed)
    template = made_template(chance)
    data = made_file(chance, kind or chance.choice(list(FORMATS)), template)
    if chance.random() < 0.75:
        return Trial(damaged(chance, data), template, False)
    return Trial(data, template, not template.file.model_fields_set and _can_be_written(template))


def _can_be_written(template: Template) -> bool:
    """Whether every encoding has the characters of its headers; of the cells others may be replaced."""
    return all(field.header.isascii() for field in template.fields)


def run(seed: int, kind: str = "") -> str:
    """Try the upload of a seed and say what became of it; raises AssertionError for a broken promise."""
    return try_one(made(seed, kind), random.Random(seed))


def try_one(trial: Trial, chance: random.Random) -> str:
    """Read an upload twice, in blocks and batches of other sizes; what becomes of it must be the same."""
    data, template, is_whole = trial
    judged = judge(data, template)
    if is_whole:
        assert not [text for text in texts_shown(judged) if SECRET.lower() in text.lower()], "a secret is shown"
    block = chance.choice([1, 2, 3, 17, 1000]) if len(data) < 5000 else chance.choice([17, 1000, 70_000])
    again = judge(data, template, batch_rows=chance.choice([1, 3, 1000]), block=block)
    if sum(len(part.rows) + len(part.errors) for part in judged) < MANY_ROWS:
        alone = judge(data, template, row_by_row=True)
        assert comparable(alone) == comparable(judged), "a row is judged by its neighbours"
    assert comparable(again) == comparable(judged), "the sizes of blocks or batches make a difference"
    if all(part.refused for part in judged):
        return "refused"
    return "some rejected" if any(part.errors for part in judged) else "accepted"


def comparable(judged: list[Judged]) -> list[Judged]:
    """Return what must be the same however an upload is read; warnings come in any order, and with any example."""
    return [replace(part, warnings=sorted(map(_counted, part.warnings), key=str)) for part in judged]


def _counted(warning: dict[str, object]) -> dict[str, object]:
    # Of one chunk the reader's count of long numbers stands for those that are texts too.
    exact = ("code", "column", "count") if warning["code"] != "MANY_DIGITS" else ("code", "column")
    return {name: warning[name] for name in exact}

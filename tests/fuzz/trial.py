"""One upload of a fuzz: made from a seed, read in several ways, and held to every promise."""

import random
from dataclasses import replace

from longshore.domain.template import Template
from tests.fuzz.accounting import Judged, judge
from tests.fuzz.damage import damaged
from tests.fuzz.made_files import FORMATS, made_file
from tests.fuzz.made_templates import made_template


def made(seed: int, kind: str = "") -> tuple[bytes, Template]:
    """Return the upload of a seed, and its template; three in four are damaged."""
    chance = random.Random(seed)
    template = made_template(chance)
    data = made_file(chance, kind or chance.choice(list(FORMATS)), template)
    return (damaged(chance, data) if chance.random() < 0.75 else data), template


def run(seed: int, kind: str = "") -> str:
    """Try the upload of a seed and say what became of it; raises AssertionError for a broken promise."""
    data, template = made(seed, kind)
    return try_one(data, template, random.Random(seed))


def try_one(data: bytes, template: Template, chance: random.Random) -> str:
    """Read an upload twice, in blocks and batches of other sizes; what becomes of it must be the same."""
    judged = judge(data, template)
    block = chance.choice([1, 2, 3, 17, 1000]) if len(data) < 5000 else chance.choice([17, 1000, 70_000])
    again = judge(data, template, batch_rows=chance.choice([1, 3, 1000]), block=block)
    assert comparable(again) == comparable(judged), "the sizes of blocks or batches make a difference"
    if all(part.refused for part in judged):
        return "refused"
    return "some rejected" if any(part.errors for part in judged) else "accepted"


def comparable(judged: list[Judged]) -> list[Judged]:
    """Return what must be the same however often an upload is read; warnings in any order."""
    return [replace(part, warnings=sorted(part.warnings, key=str)) for part in judged]

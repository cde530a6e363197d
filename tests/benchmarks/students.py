"""Files of students: twelve columns as a registrar's office exports them, two rows in a hundred with something wrong.

The rules are those that every contestant of the validation benchmarks can state. Everything is drawn from one seed.
"""

import csv
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

TRUE, FALSE = ("true", "TRUE", "yes", "1"), ("false", "FALSE", "no", "0")
STATUSES = ("enrolled", "graduated", "suspended", "withdrawn", "applicant")
SPELLED_STATUSES = ("enrolled", "graduated", "Suspended", "WITHDRAWN", "applicant")
STUDENT_ID = "[0-9]{8}"
PHONE = r"\+[0-9]{1,3} [0-9]{6,12}"
BLANK = "   "

TEMPLATE: dict[str, Any] = {
    "name": "student",
    "record_type": "student",
    "key": ["student_id"],
    "fields": [
        {"name": "student_id", "column": "Student ID", "required": True, "pattern": STUDENT_ID},
        {
            "name": "first_name",
            "column": "First Name",
            "required": True,
            "max_length": 60,
            "transforms": [{"trim": True}],
        },
        {
            "name": "last_name",
            "column": "Last Name",
            "required": True,
            "max_length": 60,
            "transforms": [{"trim": True}],
        },
        {
            "name": "email",
            "column": "E-mail",
            "type": "email",
            "required": True,
            "transforms": [{"case": "lower"}],
        },
        {
            "name": "born_on",
            "column": "Birth Date",
            "type": "date",
            "formats": ["%d/%m/%Y"],
            "required": True,
            "min": "1930-01-01",
            "max": "2020-12-31",
        },
        {"name": "enrolled_at", "column": "Enrolled At", "type": "datetime", "zone": "UTC", "required": True},
        {"name": "balance", "column": "Balance", "type": "decimal", "min": "-10000", "max": "1000000"},
        {"name": "credits", "column": "Credits", "type": "integer", "required": True, "min": 0, "max": 400},
        {"name": "active", "column": "Active", "type": "boolean", "required": True},
        {
            "name": "status",
            "column": "Status",
            "required": True,
            "enum": list(STATUSES),
            "transforms": [{"case": "lower"}],
        },
        {"name": "phone", "column": "Phone", "pattern": PHONE},
        {"name": "notes", "column": "Notes", "max_length": 1000},
    ],
    "rules": [{"name": "enrolled-after-birth", "expression": "date(enrolled_at) > born_on", "field": "enrolled_at"}],
}
FIELDS = [field["name"] for field in TEMPLATE["fields"]]
HEADER = [field["column"] for field in TEMPLATE["fields"]]

_FIRST = "José María Zoë Renée Łukasz Søren Björk 明 さくら Иван Αλέξης Fatima محمد Anna John Mary Ana-Lucía Siobhán"
_LAST = "García Müller O'Neill Smith Østergård Dvořák Nakamura Иванов Παπαδόπουλος Çelik Nguyễn Sæther Van-Dijk"
_DOMAINS = ("example.com", "mail.example.net", "uni.example.edu", "correo.example.es")
_WORDS = (
    "the student asked for a transfer of credits; prefers morning classes, needs transcript see file (ref. 12/B) "
    "naïve résumé café scholarship pending follow up with parents next week é ü ñ 漢字 fee waived due to hardship"
)
_DISTINCT = 50_000
"""So many rows are drawn; later ones repeat them under other numbers."""


def rows() -> Iterator[list[str]]:
    """Yield rows without end."""
    number = 0
    while True:
        for cells, before in _drawn():
            identity = f"{number - min(before, number):08}" if before >= 0 else cells[0]
            yield [identity, *cells[1:3], cells[3].replace("#", str(number)), *cells[4:]]
            number += 1


def write_csv(path: Path, size: int) -> int:
    """Write a file of about so many bytes and return its rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        for number, row in enumerate(rows(), start=1):
            writer.writerow(row)
            if number % 256 == 0 and file.tell() >= size:
                return number
    raise AssertionError("rows() ended")


@cache
def _drawn() -> list[tuple[list[str], int]]:
    """Return rows, each with how many rows before it there is one of the same number: 0, or -1 for no number."""
    draw = random.Random(4)
    drawn = []
    for _ in range(_DISTINCT):
        cells = _sound(draw)
        drawn.append((cells, _spoilt(draw, cells) if draw.random() < 0.02 else 0))
    return drawn


def _sound(draw: random.Random) -> list[str]:
    first, last = draw.choice(_FIRST.split()), draw.choice(_LAST.split())
    local = "".join(letter for letter in first.lower() if "a" <= letter <= "z") or "user"
    born = date(1950, 1, 1) + timedelta(days=draw.randrange(21_000))
    enrolled = datetime(2010, 1, 1) + timedelta(seconds=draw.randrange(15 * 365 * 86_400))
    return [
        "",
        f"  {first} " if draw.random() < 0.15 else first,
        last,
        f"{local.title()}.#@{draw.choice(_DOMAINS)}",
        f"{born:%d/%m/%Y}",
        enrolled.isoformat(),
        "" if draw.random() < 0.05 else f"{draw.randrange(-500_000, 9_999_999) / 100:.2f}",
        str(draw.randrange(300)),
        draw.choice(TRUE + FALSE),
        draw.choice(SPELLED_STATUSES),
        "" if draw.random() < 0.1 else f"+{draw.randrange(1, 99)} {draw.randrange(10**8, 10**10)}",
        _note(draw),
    ]


def _note(draw: random.Random) -> str:
    kind = draw.random()
    if kind < 0.45:
        return ""
    words = draw.choices(_WORDS.split(), k=draw.randint(4, 24))
    if kind > 0.92:
        words[1] = f'"{words[1]}"'
    text = " ".join(words)
    return text.replace(" ", "\n", 1) if kind > 0.8 else text


_WRONG: tuple[tuple[int, tuple[str, ...]], ...] = (
    (0, ("", "A0000000")),
    (1, (BLANK,)),
    (2, ("L" * 80,)),
    (3, ("jane at example.com", "@example.com")),
    (4, ("31/02/1999", "1999-13-01", "not a date", "01/01/1920")),
    (5, ("1940-01-01T00:00:00", "yesterday")),
    (6, ("12,50", "n/a", "1000000.01")),
    (7, ("-4", "999", "12.5", "twelve")),
    (8, ("maybe",)),
    (9, ("expelled??",)),
    (10, ("555-CALL-NOW",)),
)


def _spoilt(draw: random.Random, cells: list[str]) -> int:
    """Make something in a row wrong, in one of six two things; see _drawn for what is returned."""
    before = 0
    for _ in range(2 if draw.random() < 0.15 else 1):
        kind = draw.randrange(len(_WRONG) + 1)
        if kind == len(_WRONG):
            before = draw.randint(1, 3_000)
        else:
            at, texts = _WRONG[kind]
            cells[at] = draw.choice(texts)
            before = before if at else -1
    return before

"""Students checked with the best that could be made of pydantic: csv.reader, rows as tuples, orjson and isal.

A row stays a tuple, because a model or a TypedDict would need a dict first; rows are judged one by one, because in one
call for a list the sound ones would have to be judged again. What pydantic would do in Python (a date format, a lower
case, the text of a decimal) is remembered or inlined.
"""

import csv
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from io import BufferedReader, FileIO, TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from isal import igzip
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, TypeAdapter, ValidationError

from tests.benchmarks.contest import BATCH_ROWS, Output, Way
from tests.benchmarks.students import FIELDS, PHONE, STUDENT_ID
from tests.benchmarks.students_naive import EMAIL, Name

Cells = list[str]
Values = tuple[Any, ...]


@lru_cache(maxsize=100_000)
def day_first(text: str) -> date:
    """Return a date written as 31/12/1999."""
    return datetime.strptime(text, "%d/%m/%Y").date()


def plain(number: Decimal) -> str:
    """Return a decimal without needless zeros."""
    text = str(number)
    return text if text[-1] != "0" else f"{number.normalize():f}"


ROW: TypeAdapter[Values] = TypeAdapter(
    tuple[
        Annotated[str, Field(pattern=f"^{STUDENT_ID}$")],
        Name,
        Name,
        Annotated[str, StringConstraints(to_lower=True, pattern=f"(?i)^{EMAIL}$")],
        Annotated[date, BeforeValidator(day_first), Field(ge=date(1930, 1, 1), le=date(2020, 12, 31))],
        datetime,
        Annotated[Decimal, Field(ge=-10_000, le=1_000_000), AfterValidator(plain)] | Literal[""],
        Annotated[int, Field(ge=0, le=400)],
        bool,
        Annotated[Literal["enrolled", "graduated", "suspended", "withdrawn", "applicant"], BeforeValidator(str.lower)],
        Annotated[str, Field(pattern=f"^(?:{PHONE})?$")],
        Annotated[str, Field(max_length=1000)],
    ]
)
BORN_ON, ENROLLED_AT, BALANCE = FIELDS.index("born_on"), FIELDS.index("enrolled_at"), FIELDS.index("balance")


class HashedFile(FileIO):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.digest = sha256()

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        self.digest.update(memoryview(buffer)[:count])
        return count


def everything() -> Way:
    """Return the way from a CSV file to batches of JSON, errors, and the SHA-256 of the file."""

    def check(path: Path, out: Output) -> int:
        with HashedFile(path) as raw:
            lines = TextIOWrapper(BufferedReader(raw, 128 * 1024), encoding="utf-8", newline="")
            reader = csv.reader(lines)
            next(reader)
            rows = check_rows(reader, out)
            raw.digest.hexdigest()
        return rows

    return check


def check_rows(reader: Any, out: Output) -> int:
    """Check rows, write what is found, and return how many there are."""
    validate = ROW.validator.validate_python
    seen: set[str] = set()
    batch: list[Values] = []
    errors: list[dict[str, Any]] = []
    number = 0
    for number, cells in enumerate(reader, start=1):
        try:
            values = validate(cells)
        except ValidationError as error:
            found = {fault["loc"][0]: fault["type"] for fault in error.errors(include_url=False, include_context=False)}
            if not found.keys() & {BORN_ON, ENROLLED_AT} and not in_order(cells):
                found[ENROLLED_AT] = "enrolled_before_birth"
        else:
            found = {} if values[ENROLLED_AT].date() > values[BORN_ON] else {ENROLLED_AT: "enrolled_before_birth"}
        if 0 not in found:
            if cells[0] in seen:
                found[0] = "unique"
            seen.add(cells[0])
        if found:
            errors += [
                {"row": number, "field": FIELDS[at], "error_type": code, "raw_data": cells}
                for at, code in found.items()
            ]
            continue
        batch.append((number, reader.line_num, *[None if value == "" else value for value in values]))
        if len(batch) == BATCH_ROWS:
            out.take_records(member({"fields": FIELDS, "rows": batch}))
            batch = []
    if batch:
        out.take_records(member({"fields": FIELDS, "rows": batch}))
    if errors:
        out.take_errors(member(errors))
    return number


def in_order(cells: Cells) -> bool:
    """Whether a row with another fault keeps the rule on its two dates."""
    return datetime.fromisoformat(cells[ENROLLED_AT]).date() > day_first(cells[BORN_ON])


def member(document: Any) -> bytes:
    """Return a gzipped JSON document."""
    return igzip.compress(orjson.dumps(document, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z), compresslevel=1)

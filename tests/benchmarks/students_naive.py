"""Students checked as most people would: csv.DictReader, a pydantic model per row, json, and gzip as it comes.

It keeps no raw text, names no line and finds one error per field.
"""

import csv
import gzip
import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from openpyxl import load_workbook
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from tests.benchmarks.contest import BATCH_ROWS, Output, Way
from tests.benchmarks.students import PHONE, STUDENT_ID, TEMPLATE

EMAIL = r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+"


def optional(value: object) -> object:
    """Return None for a blank cell."""
    return None if value == "" else value


def utc(value: datetime) -> datetime:
    """Return a time without an offset as one in UTC."""
    return value.replace(tzinfo=UTC)


def plain(number: Decimal) -> str:
    """Return a decimal without needless zeros."""
    return f"{number.normalize():f}"


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Balance = Annotated[Decimal, Field(ge=-10_000, le=1_000_000), PlainSerializer(plain)]
Phone = Annotated[str, StringConstraints(pattern=f"^{PHONE}$")]
Notes = Annotated[str, StringConstraints(max_length=1000)]


class Student(BaseModel):
    """A row; the aliases are the headers."""

    student_id: Annotated[str, Field(pattern=f"^{STUDENT_ID}$", alias="Student ID")]
    first_name: Annotated[Name, Field(alias="First Name")]
    last_name: Annotated[Name, Field(alias="Last Name")]
    email: Annotated[str, StringConstraints(to_lower=True, pattern=f"(?i)^{EMAIL}$"), Field(alias="E-mail")]
    born_on: Annotated[date, Field(ge=date(1930, 1, 1), le=date(2020, 12, 31), alias="Birth Date")]
    enrolled_at: Annotated[datetime, Field(alias="Enrolled At")]
    balance: Annotated[Balance | None, BeforeValidator(optional), Field(alias="Balance")]
    credits: Annotated[int, Field(ge=0, le=400, alias="Credits")]
    active: Annotated[bool, Field(alias="Active")]
    status: Annotated[
        Literal["enrolled", "graduated", "suspended", "withdrawn", "applicant"],
        BeforeValidator(str.lower),
        Field(alias="Status"),
    ]
    phone: Annotated[Phone | None, BeforeValidator(optional), Field(alias="Phone")]
    notes: Annotated[Notes | None, BeforeValidator(optional), Field(alias="Notes")]

    @field_validator("born_on", mode="before")
    @classmethod
    def _day_first(cls, value: str | datetime) -> date:
        return value.date() if isinstance(value, datetime) else datetime.strptime(value, "%d/%m/%Y").date()

    @field_validator("enrolled_at")
    @classmethod
    def _enrolled_after_birth(cls, value: datetime, info: ValidationInfo) -> datetime:
        if "born_on" in info.data and not value.date() > info.data["born_on"]:
            raise ValueError("enrolled before birth")
        return utc(value)


FIELD_OF = {field["column"]: field["name"] for field in TEMPLATE["fields"]}


def everything() -> Way:
    """Return the way from a CSV file to batches of JSON, errors, and the SHA-256 of the file."""

    def check(path: Path, out: Output) -> int:
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()
        with path.open(newline="", encoding="utf-8") as file:
            return check_rows(csv.DictReader(file), out)

    return check


def workbook() -> Way:
    """Return the way from a workbook to the same."""

    def check(path: Path, out: Output) -> int:
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()
        book = load_workbook(path, read_only=True, data_only=True)
        (sheet,) = book.worksheets
        rows = sheet.iter_rows(values_only=True)
        header = next(rows)
        return check_rows((dict(zip(header, cells, strict=False)) for cells in rows), out)

    return check


def check_rows(rows: Iterable[dict[str, Any]], out: Output) -> int:
    """Check rows by their headers, write what is found, and return how many there are."""
    seen: set[str] = set()
    batch: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    number = 0
    for number, row in enumerate(rows, start=1):
        found, student = {}, None
        try:
            student = Student.model_validate(row)
        except ValidationError as error:
            found = {str(fault["loc"][0]): fault for fault in error.errors()}
        key = row["Student ID"]
        if "Student ID" not in found:
            if key in seen:
                found["Student ID"] = {"type": "unique", "msg": f"{key} was met before"}
            seen.add(key)
        if found or student is None:
            for header, fault in found.items():
                about = {"error_type": fault["type"], "message": fault["msg"], "raw_data": row}
                errors.append({"row": number, "field": FIELD_OF[header], **about})
        else:
            batch.append({"row": number, **student.model_dump(mode="json")})
        if len(batch) == BATCH_ROWS:
            out.take_records(gzip.compress(json.dumps(batch).encode()))
            batch = []
    if batch:
        out.take_records(gzip.compress(json.dumps(batch).encode()))
    if errors:
        out.take_errors(gzip.compress(json.dumps(errors, default=str).encode()))
    return number

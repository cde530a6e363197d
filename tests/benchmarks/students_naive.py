"""Students checked as most people would: csv.DictReader, a pydantic model per row, json and gzip of the standard library.

It keeps no raw text, names no line and finds one error per field.
"""

import csv
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

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

from tests.benchmarks.contest import BATCH_ROWS, Output
from tests.benchmarks.students import FALSE, FIELDS, HEADER, PHONE, STUDENT_ID, TRUE

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


class Student(BaseModel):
    """A row; the aliases are the headers."""

    student_id: Annotated[str, Field(pattern=f"^{STUDENT_ID}$", alias="Student ID")]
    first_name: Annotated[Name, Field(alias="First Name")]
    last_name: Annotated[Name, Field(alias="Last Name")]
    email: Annotated[str, StringConstraints(to_lower=True, pattern=f"(?i)^{EMAIL}$"), Field(alias="E-mail")]
    born_on: Annotated[date, Field(ge=date(1930, 1, 1), le=date(2020, 12, 31), alias="Birth Date")]
    enrolled_at: Annotated[datetime, Field(alias="Enrolled At")]
    balance: Annotated[
        Decimal | None,
        BeforeValidator(optional),
        PlainSerializer(plain, when_used="unless-none"),
        Field(ge=-10_000, le=1_000_000, alias="Balance"),
    ]
    credits: Annotated[int, Field(ge=0, le=400, alias="Credits")]
    active: Annotated[bool, Field(alias="Active")]
    status: Annotated[
        Literal["enrolled", "graduated", "suspended", "withdrawn", "applicant"],
        BeforeValidator(str.lower),
        Field(alias="Status"),
    ]
    phone: Annotated[str | None, BeforeValidator(optional), Field(pattern=f"^{PHONE}$", alias="Phone")]
    notes: Annotated[str | None, BeforeValidator(optional), Field(max_length=1000, alias="Notes")]

    @field_validator("born_on", mode="before")
    @classmethod
    def _day_first(cls, value: str) -> date:
        return datetime.strptime(value, "%d/%m/%Y").date()

    @field_validator("enrolled_at")
    @classmethod
    def _enrolled_after_birth(cls, value: datetime, info: ValidationInfo) -> datetime:
        if "born_on" in info.data and not value.date() > info.data["born_on"]:
            raise ValueError("enrolled before birth")
        return utc(value)

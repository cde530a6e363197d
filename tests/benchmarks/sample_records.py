"""Records of twelve fields, about 400 bytes each, in the layout of the Records table."""

from collections.abc import Iterator
from typing import Any

from longshore.domain.records import Record, Scalar, record_key, rev_of

AttributeValue = dict[str, Any]


def contact(number: int) -> dict[str, Scalar]:
    """Return the canonical values of one contact."""
    return {
        "contact_id": f"C{number:08}",
        "first_name": "Ágnes",
        "last_name": f"Kovács-{number}",
        "email": f"agnes.kovacs.{number}@example.com",
        "phone": f"+36 30 {number:07}",
        "street": f"{number % 300} Example Street",
        "city": "Budapest",
        "postal_code": f"{1000 + number % 9000}",
        "country": "HU",
        "born": "1984-02-29",
        "visits": number % 97,
        "newsletter": number % 2 == 0,
    }


def records(count: int, start: int = 0) -> Iterator[Record]:
    """Yield `count` new records of one part of a job."""
    for number in range(start, start + count):
        data = contact(number)
        key = record_key("demo", "contact", [data["contact_id"]])
        stamp = "2026-11-21T12:00:00.000Z"
        yield Record(key, data, rev_of("01JD0000000000000000000000", 1, number + 1, 1), 7, stamp, stamp)


def attribute_value(value: Scalar) -> AttributeValue:
    """Return a scalar as the low-level API wants it."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    return {"S": value} if value is not None else {"NULL": True}


def item(record: Record) -> dict[str, AttributeValue]:
    """Return a record as the Item of a PutItem."""
    return {
        "pk": {"S": record.key},
        "data": {"M": {name: attribute_value(value) for name, value in record.data.items()}},
        "rev": {"S": record.rev},
        "token": {"N": str(record.token)},
        "created_at": {"S": record.created_at},
        "updated_at": {"S": record.updated_at},
    }


def insert(table: str, record: Record) -> dict[str, Any]:
    """Return a record as a PartiQL INSERT: constant text, the fields as one map parameter."""
    fields = item(record)
    names = ", ".join(f"'{name}': ?" for name in fields)
    return {"Statement": f'INSERT INTO "{table}" VALUE {{{names}}}', "Parameters": list(fields.values())}

"""What a person who fills in a column should know of its field, line by line."""

from collections.abc import Iterator

from longshore.domain.catalogue.row_errors import listed
from longshore.domain.cells.value_types import FieldType
from longshore.domain.rows.sensitive_paths import sensitive_fields
from longshore.domain.templates.template import Template
from longshore.domain.templates.template_field import TemplateField

KINDS: dict[FieldType, str] = {
    "string": "Text, kept character by character.",
    "integer": "Whole number, such as 1234.",
    "decimal": "Number, such as 1234.5.",
    "boolean": "true or false.",
    "date": "Date, such as 2026-03-01.",
    "datetime": "Date and time, such as 2026-03-01T12:30:00.",
    "time": "Time of day, such as 12:30.",
    "email": "E-mail address, such as name@example.com.",
    "phone": "Phone number, such as +49 30 123456.",
    "url": "Web address, such as https://example.com/page.",
    "uuid": "UUID, such as 123e4567-e89b-12d3-a456-426614174000.",
    "json": 'JSON, such as {"size": 12}.',
    "list": "Several values.",
    "reference": "Key of another record.",
}


def field_notes(field: TemplateField, template: Template) -> list[str]:
    """Return lines about a field: what it is, what is allowed, and what becomes of a blank cell."""
    return [_kind(field), *_obligations(field, template), *_bounds(field)]


def _kind(field: TemplateField) -> str:
    if field.type == "datetime" and not field.zone:
        return "Date and time with its offset, such as 2026-03-01T12:30:00+01:00."
    if field.type == "datetime":
        return f"{KINDS['datetime']} Without an offset it is in {field.zone}."
    if field.type == "list":
        return f"Several values with {field.separator!r} between them."
    if field.type == "reference":
        return f"Key of a record of type {field.references}."
    return KINDS[field.type]


def _obligations(field: TemplateField, template: Template) -> Iterator[str]:
    yield "Required." if field.required and field.default is None else "May be left blank."
    if field.default is not None:
        yield f"Blank means {field.default}."
    if field.name in template.key:
        yield (
            "Identifies the record."
            if len(template.key) == 1
            else f"With others identifies the record: {template.key}."
        )
    if field.unique:
        yield "No value may occur twice."
    if field.name in sensitive_fields(template):
        yield "Sensitive: shown to nobody in reports."


def _bounds(field: TemplateField) -> Iterator[str]:
    if field.enum:
        yield f"One of: {listed(field.enum)}."
    if field.min is not None:
        yield f"At least {field.min}."
    if field.max is not None:
        yield f"At most {field.max}."
    unit = "items" if field.type == "list" else "characters"
    if field.min_length is not None:
        yield f"At least {field.min_length} {unit}."
    if field.max_length is not None:
        yield f"At most {field.max_length} {unit}."
    if field.pattern is not None:
        yield f"Must match {field.pattern}"
    if field.formats:
        yield f"Also written as {listed(field.formats)}."

"""What a template adds to the parse plan of JSON: the fields that no key of the sample fills, and what fields take."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.templates.template import Template
from longshore.domain.templates.template_field import TemplateField


def json_fields(plan: ParsePlan, template: Template) -> ParsePlan:
    """Return the plan of JSON with a column for each field, because any record may leave keys out.

    A field that none of the matched columns fills, and none may fill once a person has answered, is looked up under
    its header: the key may come later in the file.
    """
    by_name = {field.name: field for field in template.fields}
    columns = [replace(c, nested=_nested(by_name[c.field])) if c.field else c for c in plan.columns]
    return replace(plan, columns=(*columns, *_absent(plan, template.fields)))


def _absent(plan: ParsePlan, fields: list[TemplateField]) -> Iterator[Column]:
    taken = {column.field for column in plan.columns}
    taken |= {name for question in plan.questions for name, _ in question.candidates}
    absent = [field for field in fields if field.name not in taken]
    for position, field in enumerate(absent, start=plan.width + 1):
        yield Column(position, field.header, field.name, "exact", nested=_nested(field))


def _nested(field: TemplateField) -> Literal["", "list", "any"]:
    if field.type == "json":
        return "any"
    return "list" if field.type == "list" else ""

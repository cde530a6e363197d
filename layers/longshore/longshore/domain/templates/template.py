"""A template: how one record type is imported; immutable once stored, a job pins one version."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from longshore.domain.job import Mode
from longshore.domain.parse_plan import REPORT_COLUMNS
from longshore.domain.records import EXTRA
from longshore.domain.templates.document import Document, FieldName, Name
from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.template_field import TemplateField
from longshore.domain.templates.template_rules import check_rules
from longshore.errors import InvalidTemplate

RESERVED_NAMES = frozenset({"jobs", "scheduled"})
"""Second parts of upload keys that name no template: files of the API's jobs, and of schedules."""

SCHEMA_ID = "https://longshore.example/schemas/template.v1.json"


class Rule(Document):
    """A condition on several fields of a row."""

    name: Name = Field(description="What the rule is called in errors.")
    expression: str = Field(min_length=1, max_length=2000, description="What must hold, such as ends_on >= starts_on.")
    message: str = Field(default="", description="What a person is told where it does not hold.")
    field: FieldName | None = Field(default=None, description="The field an error is shown at, if one is to blame.")


class RuleFunction(Document):
    """A Lambda of the tenant that judges rows; it is called once for each chunk of them."""

    function: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = Field(
        description="Name of the function; it must begin with longshore-rule-, the tenant and a hyphen."
    )
    timeout_seconds: int = Field(default=10, ge=1, le=60, description="How long one call may take.")


class Template(Document):
    """A template document (JSON), version 1 of its schema."""

    schema_: str = Field(default=SCHEMA_ID, alias="$schema", description="The schema this document follows.")
    name: Name = Field(description="Name under which the template is stored, uploaded to and asked for.")
    title: str = Field(default="", description="What a person calls it.")
    record_type: Name = Field(description="What a row becomes; templates may share one.")
    mode: Mode = Field(default=Mode.UPSERT, description="Whether rows may only create records, or change them too.")
    key: list[FieldName] = Field(min_length=1, description="Fields that identify a record; each must be required.")
    fields: list[TemplateField] = Field(min_length=1, max_length=500, description="The fields of the record.")
    unique: list[list[FieldName]] = Field(
        default=[], description="Lists of fields whose values together may occur only once in the file."
    )
    rules: list[Rule] = Field(default=[], max_length=100, description="Conditions on several fields of a row.")
    rule_function: RuleFunction | None = Field(default=None, description="A Lambda of the tenant that judges rows.")
    depends_on: list[Name] = Field(
        default=[], description="Record types that must be loaded first where a job has them too."
    )
    file: FileOptions = Field(default=FileOptions(), description="How files of this template are written.")
    unknown_columns: Literal["reject", "ignore", "keep"] = Field(
        default="reject",
        description="What to do with a column that fills no field: refuse the file, skip it, or keep it under extra.",
    )
    missing_columns: Literal["reject", "ignore"] = Field(
        default="ignore", description="Whether the file is refused where the column of an optional field is missing."
    )
    extra_cells: Literal["reject", "ignore", "keep"] = Field(
        default="reject",
        description="What to do with cells beyond the header: reject the row, skip them, or keep them under extra.",
    )
    max_rejected_rows: int | None = Field(
        default=None, ge=0, description="The file is refused when more of its rows are rejected than this."
    )
    max_rejected_percent: float = Field(
        default=10, ge=0, le=100, description="The file is refused when more of its rows are rejected than this."
    )
    auto_start: bool = Field(default=True, description="Whether a valid upload starts loading by itself.")

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        if self.name in RESERVED_NAMES:
            raise ValueError(f"the name {self.name!r} is reserved")
        for what, names in (("field", [f.name for f in self.fields]), ("column", [f.header for f in self.fields])):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]!r} appears twice")
        ours = [f.header for f in self.fields if f.header in REPORT_COLUMNS]
        if ours:
            raise ValueError(f"column {ours[0]!r} is reserved for reports of rejected rows")
        if len(set(self.key)) < len(self.key):
            raise ValueError("key names a field twice")
        by_name = {f.name: f for f in self.fields}
        for key in self.key:
            if key not in by_name:
                raise ValueError(f"key names the field {key!r}, which is not among the fields")
            if not by_name[key].required:
                raise ValueError(f"key field {key!r} must be required: a record without its key has no place")
            if by_name[key].type in ("list", "json"):
                raise ValueError(f"key field {key!r} is of type {by_name[key].type}, which identifies nothing")
        if len(self.key) > 1 and self.record_type in self.refers_to:
            raise ValueError("a reference is one value, but the key of its record type has several fields")
        check_rules(self.fields, self.rules, self.unique)
        if EXTRA in by_name and "keep" in (self.unknown_columns, self.extra_cells):
            raise ValueError(f"the field name {EXTRA!r} is reserved where unknown columns or extra cells are kept")
        return self

    @property
    def refers_to(self) -> list[str]:
        """The record types that its fields refer to."""
        return sorted({field.references for field in self.fields if field.references})

    @property
    def needs(self) -> list[str]:
        """The record types that rows of this template depend on, its own among them if they refer to each other."""
        return sorted({*self.depends_on, *self.refers_to})

    def as_document(self) -> dict[str, Any]:
        """Return the document in its canonical form, defaults left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"$schema": self.schema_}


def parse_template(document: object) -> Template:
    """Check a template document; raise InvalidTemplate with the place and the rule of the first fault."""
    try:
        return Template.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"])) or "document"
        raise InvalidTemplate(f"template: {place}: {first['msg'].removeprefix('Value error, ')}") from None


def schema_document() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a template document, as published in docs/schemas/."""
    schema = Template.model_json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, "title": "Longshore template"}
    return head | {name: part for name, part in schema.items() if name != "title"}

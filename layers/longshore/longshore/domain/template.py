"""A template: how one record type is imported; immutable once stored, a job pins one version."""

import codecs
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from longshore.domain.job import Mode
from longshore.domain.parse_plan import REPORT_COLUMNS
from longshore.domain.patterns import Pattern
from longshore.domain.values import BadValue, FieldType, parse_value
from longshore.errors import InvalidTemplate

RESERVED_NAMES = frozenset({"jobs", "scheduled"})
"""Second parts of upload keys that name no template: files of the API's jobs, and of schedules."""

SCHEMA_ID = "https://longshore.example/schemas/template.v1.json"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
Delimiter = Literal[",", ";", "\t", "|"]

NOT_FOR_FILES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})
"""Python codecs that turn bytes into text but are no encodings of files."""


class Document(BaseModel):
    """Part of a template document; a misspelt property is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TemplateField(Document):
    """One field of the record and the column it is read from."""

    name: FieldName = Field(description="Name of the field in the record.")
    column: str = Field(default="", description="Header of the column in the file; the field's name if left out.")
    type: FieldType = Field(default="string", description="What the cell must be; types are never inferred.")
    required: bool = Field(default=False, description="Whether the column must exist and no cell of it may be blank.")
    enum: list[str] | None = Field(default=None, min_length=1, description="Allowed values, as written in the file.")
    min_length: int | None = Field(default=None, ge=0, description="Least number of characters; strings only.")
    max_length: int | None = Field(default=None, ge=1, description="Greatest number of characters; strings only.")
    pattern: str | None = Field(default=None, description="RE2 syntax, matched in full; strings only.")

    @property
    def header(self) -> str:
        """The header that this field is read from."""
        return self.column or self.name

    @field_validator("pattern")
    @classmethod
    def _pattern_is_linear_time(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                Pattern(pattern)
            except ValueError as error:
                raise ValueError(f"{pattern!r} is not RE2 syntax: {error}") from None
        return pattern

    @field_validator("enum")
    @classmethod
    def _enum_holds_values(cls, enum: list[str] | None, info: ValidationInfo) -> list[str] | None:
        for value in enum or ():
            try:
                blank = parse_value(info.data.get("type", "string"), value) is None
            except BadValue:
                raise ValueError(f"{value!r} is no value of type {info.data['type']}") from None
            if blank:
                raise ValueError("a blank value cannot be listed; leave required out to allow blank cells")
        return enum

    @model_validator(mode="after")
    def _rules_fit_the_type(self) -> Self:
        if self.type != "string":
            for rule in ("min_length", "max_length", "pattern"):
                if getattr(self, rule) is not None:
                    raise ValueError(f"{rule} is for strings; field {self.name!r} has type {self.type}")
        if self.min_length is not None and self.max_length is not None and self.min_length > self.max_length:
            raise ValueError(f"min_length of field {self.name!r} is greater than its max_length")
        return self


class FileOptions(Document):
    """How files of this template are written; what is left out is detected once and frozen into the parse plan."""

    format: Literal["csv"] = Field(default="csv", description='Rows of cells between delimiters, quoted with ".')
    encoding: str | None = Field(default=None, description="A Python codec name such as cp1252; UTF-8 if left out.")
    delimiter: Delimiter | None = Field(default=None, description="Detected once per file if left out.")

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, encoding: str | None) -> str | None:
        if encoding is None:
            return None
        try:
            name = codecs.lookup(encoding).name.replace("_", "-")
            "".encode(encoding)  # refuses the codecs that turn bytes into bytes
        except (LookupError, UnicodeError):
            name = "undefined"
        if name in NOT_FOR_FILES:
            raise ValueError(f"{encoding!r} is no encoding of files; name one such as utf-8, cp1252 or utf-16")
        return encoding


class Template(Document):
    """A template document (JSON), version 1 of its schema."""

    schema_: str = Field(default=SCHEMA_ID, alias="$schema", description="The schema this document follows.")
    name: Name = Field(description="Name under which the template is stored, uploaded to and asked for.")
    title: str = Field(default="", description="What a person calls it.")
    record_type: Name = Field(description="What a row becomes; templates may share one.")
    mode: Mode = Field(default=Mode.UPSERT, description="Whether rows may only create records, or change them too.")
    key: list[FieldName] = Field(min_length=1, description="Fields that identify a record; each must be required.")
    fields: list[TemplateField] = Field(min_length=1, max_length=500, description="The fields of the record.")
    file: FileOptions = Field(default=FileOptions(), description="How files of this template are written.")
    unknown_columns: Literal["reject", "ignore"] = Field(
        default="reject", description="What to do with a column that fills no field: refuse the file, or skip it."
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
        return self

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

"""A field of a template: the column it is read from, its type, its transforms and its rules."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from longshore.domain.document import Document, FieldName, Name
from longshore.domain.patterns import Pattern
from longshore.domain.values import BadValue, FieldType, parse_value

Bound = Annotated[str, StringConstraints(min_length=1)] | int | float


class Replace(Document):
    """Replaces every occurrence of a text, or of a pattern in RE2 syntax."""

    find: str = Field(default="", description="A text to be replaced wherever it stands.")
    pattern: str = Field(default="", description="RE2 syntax instead of find; every match is replaced.")
    by: str = Field(default="", description=r"What it is replaced by; after a pattern \1 to \9 stand for its groups.")


class Split(Document):
    """Takes one piece of a cell."""

    separator: str = Field(min_length=1, description="Text between the pieces.")
    take: int = Field(default=1, ge=1, description="Which piece, counted from 1; a cell with fewer becomes blank.")


class Transform(Document):
    """One change of a cell's text before it is checked; exactly one property is set."""

    trim: Literal[True] | None = Field(default=None, description="Strip white space from both ends.")
    collapse_spaces: Literal[True] | None = Field(default=None, description="One space instead of several.")
    case: Literal["lower", "upper", "title"] | None = Field(default=None, description="Change to this case.")
    replace: Replace | None = None
    split: Split | None = None
    lookup: dict[str, str] | None = Field(
        default=None, description="Texts and what they become; others stay as they are, and rules judge them."
    )

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a transform sets exactly one property; list several transforms instead")
        return self


class TemplateField(Document):
    """One field of the record and the column it is read from."""

    name: FieldName = Field(description="Name of the field in the record.")
    column: str = Field(default="", description="Header of the column, or path in JSON; the name if left out.")
    aliases: list[str] = Field(default=[], description="Other headers of the same column.")
    type: FieldType = Field(default="string", description="What the cell must be; types are never inferred.")
    required: bool = Field(default=False, description="Whether the column must exist and no cell of it may be blank.")
    default: str | None = Field(default=None, description="Value of blank cells, as written in the file.")
    enum: list[str] | None = Field(default=None, min_length=1, description="Allowed values, as written in the file.")
    min: Bound | None = Field(default=None, description="Least value; numbers, dates and times only.")
    max: Bound | None = Field(default=None, description="Greatest value; numbers, dates and times only.")
    min_length: int | None = Field(default=None, ge=0, description="Least number of characters, or of items of a list.")
    max_length: int | None = Field(default=None, ge=1, description="Greatest number of characters or items.")
    pattern: str | None = Field(default=None, description="RE2 syntax, matched in full; text types only.")
    unique: bool = Field(default=False, description="Whether no value may occur twice in the file.")
    transforms: list[Transform] = Field(default=[], description="Changes of the cell's text, in this order.")
    formats: list[str] = Field(
        default=[], description="Spellings of dates and times besides ISO 8601, as %d/%m/%Y; tried in this order."
    )
    zone: str | None = Field(default=None, description="IANA zone of datetimes written without an offset.")
    decimal_comma: bool = Field(default=False, description="Numbers are written as 1.234,56 instead of 1,234.56.")
    true_values: list[str] = Field(default=[], description="Booleans: further words for true.")
    false_values: list[str] = Field(default=[], description="Booleans: further words for false.")
    null_markers: list[str] = Field(default=[], description="Cells that count as blank, besides those of the file.")
    separator: str = Field(default=";", min_length=1, description="Lists: text between the items of a cell.")
    references: Name | None = Field(default=None, description="References: the record type whose key this holds.")
    sensitive: bool = Field(default=False, description="Whether its values are masked in reports, logs and pages.")

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

"""A field of a template: the column it is read from, its type, its transforms and its rules."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, StrictFloat, StrictInt, StringConstraints, field_validator, model_validator

from longshore.domain.cells.field_rules import FieldRules
from longshore.domain.cells.patterns import Pattern
from longshore.domain.cells.transforms import Transform
from longshore.domain.cells.value_types import BLANKS, MOMENT_TYPES, NUMBER_TYPES, TEXT_TYPES, FieldType, Spelling
from longshore.domain.cells.values import BOOLEANS
from longshore.domain.templates.document import Document, FieldName, Name

Bound = Annotated[str, StringConstraints(min_length=1)] | StrictInt | StrictFloat


_FOR: dict[str, frozenset[FieldType]] = {
    **dict.fromkeys(("min", "max"), NUMBER_TYPES | MOMENT_TYPES),
    **dict.fromkeys(("min_length", "max_length"), TEXT_TYPES | {"list"}),
    "pattern": TEXT_TYPES,
    "formats": MOMENT_TYPES,
    "zone": frozenset({"datetime"}),
    "decimal_comma": NUMBER_TYPES,
    **dict.fromkeys(("true_values", "false_values"), frozenset({"boolean"})),
    "separator": frozenset({"list"}),
    "references": frozenset({"reference"}),
}
"""The types that a property is for; those not named here are for every type."""


class TemplateField(Document):
    """One field of the record and the column it is read from."""

    name: FieldName = Field(description="Name of the field in the record.")
    column: str = Field(default="", description="Header of the column, or path in JSON; the name if left out.")
    aliases: list[str] = Field(default=[], description="Other headers of the same column.")
    type: FieldType = Field(default="string", description="What the cell must be; types are never inferred.")
    required: bool = Field(default=False, description="Whether the column must exist and no cell of it may be blank.")
    default: str | None = Field(default=None, description="Value of blank cells, as written in the file.")
    enum: list[str] | None = Field(default=None, min_length=1, description="Allowed values, as written in the file.")
    min: Bound | None = Field(
        default=None, description="Least value, written as 1234.5 or in ISO 8601; numbers, dates, times."
    )
    max: Bound | None = Field(default=None, description="Greatest value, written likewise; numbers, dates, times.")
    min_length: int | None = Field(default=None, ge=0, description="Least number of characters, or of items of a list.")
    max_length: int | None = Field(default=None, ge=1, description="Greatest number of characters or items.")
    pattern: str | None = Field(default=None, description="RE2 syntax, matched in full; text types only.")
    unique: bool = Field(default=False, description="Whether no value may occur twice in the file.")
    transforms: list[Transform] = Field(
        default=[], max_length=20, description="Changes of the cell's text, in this order."
    )
    formats: list[str] = Field(
        default=[],
        description="Spellings of dates and times besides ISO 8601, as %d/%m/%Y; the first that fits is taken.",
    )
    zone: str | None = Field(default=None, description="IANA zone of datetimes written without an offset.")
    decimal_comma: bool = Field(
        default=False, description="Numbers are written as 1234,56 or 1.234,56 instead of 1234.56."
    )
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

    @property
    def spelling(self) -> Spelling:
        """How its values are written in a CSV file."""
        return Spelling(
            formats=tuple(self.formats),
            zone=self.zone,
            decimal_comma=self.decimal_comma,
            true_values=tuple(self.true_values),
            false_values=tuple(self.false_values),
            separator=self.separator,
        )

    def rules(self, spelling: Spelling) -> FieldRules:
        """Compile the rules on its values; raise ValueError for rules that cannot be."""
        return FieldRules(
            self.type,
            spelling,
            enum=self.enum,
            least=self.min,
            most=self.max,
            min_length=self.min_length,
            max_length=self.max_length,
            pattern=self.pattern,
        )

    @field_validator("pattern")
    @classmethod
    def _pattern_is_linear_time(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                Pattern(pattern)
            except ValueError as error:
                raise ValueError(f"{pattern!r} is not RE2 syntax: {error}") from None
        return pattern

    @field_validator("true_values", "false_values")
    @classmethod
    def _words_are_not_blank(cls, words: list[str]) -> list[str]:
        if not all(word.strip(BLANKS) for word in words):
            raise ValueError("a blank cell is no value; set default to give it one")
        return words

    @model_validator(mode="after")
    def _properties_fit_the_type(self) -> Self:
        for name, types in _FOR.items():
            if self.type not in types and getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(f"{name} is for {_listed(types)}; field {self.name!r} has type {self.type}")
        if self.type == "reference" and self.references is None:
            raise ValueError(f"field {self.name!r} of type reference needs references: the record type it refers to")
        true, false = ({_word(word) for word in words} for words in (self.true_values, self.false_values))
        builtin = {meaning: {word for word, value in BOOLEANS.items() if value is meaning} for meaning in (True, False)}
        contradicting = (true & (false | builtin[False])) | (false & builtin[True])
        if contradicting:
            raise ValueError(f"field {self.name!r}: {min(contradicting)!r} would mean both true and false")
        return self

    @model_validator(mode="after")
    def _rules_can_be_kept(self) -> Self:
        try:
            rules = self.rules(self.spelling)
            if self.default is not None:
                rules.check("default", self.default)
        except ValueError as error:
            raise ValueError(f"field {self.name!r}: {error}") from None
        if self.type == "datetime" and self.zone is None:
            for text in self.formats:
                if "%z" not in text:
                    raise ValueError(f"field {self.name!r}: the format {text!r} has no %z, so the field needs a zone")
        return self


def _word(word: str) -> str:
    return word.strip(BLANKS).lower()


def _listed(types: Iterable[str]) -> str:
    *others, last = sorted(types)
    return f"{', '.join(others)} and {last}" if others else last

"""How the files of a template are written: what a template or a job may declare about reading them."""

import codecs
from typing import Literal

from pydantic import Field, field_validator

from longshore.domain.templates.document import Document

Format = Literal["csv", "xlsx", "json", "ndjson"]
Delimiter = Literal[",", ";", "\t", "|", ":", " ", "^", "~", "\x1e", "\x1f"]
Quote = Literal['"', "'", "`", ""]

NOT_FOR_FILES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})
"""Python codecs that turn bytes into text but are no encodings of files."""


class FileOptions(Document):
    """How files are written; what is left out is detected once and frozen into the parse plan."""

    format: Format | None = Field(default=None, description="Detected by the first bytes if left out.")
    encoding: str | None = Field(default=None, description="A Python codec name such as cp1252; UTF-8 if left out.")
    delimiter: Delimiter | None = Field(default=None, description="CSV: detected once per file if left out.")
    quote: Quote | None = Field(default=None, description='CSV: the quote character, " if left out; "" for none.')
    escape: Literal["\\"] | None = Field(
        default=None, description="CSV: takes the meaning from the next character; a doubled quote if left out."
    )
    header_row: int | None = Field(
        default=None, ge=1, description="CSV: line of the header; XLSX: its row. Detected if left out."
    )
    footer_rows: int = Field(default=0, ge=0, le=100, description="Last records that are no data, such as a total.")
    sheet: str | None = Field(default=None, description="XLSX: the one sheet to read; each visible one if left out.")
    path: str | None = Field(
        default=None, description='JSON: where the array of records is, such as "data.items"; detected if left out.'
    )
    null_markers: list[str] = Field(default=[], description="Cells that count as blank, such as NULL or n/a.")

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

    def over(self, declared: "FileOptions") -> "FileOptions":
        """Return `declared` with what these options (of a job) say instead."""
        return declared.model_copy(update=self.model_dump(exclude_unset=True))

"""The catalogue of everything that can be wrong with a row: code, type, title, message and help."""

from collections.abc import Iterable
from typing import NamedTuple

from longshore.domain.catalogue.error_kind import ErrorKind, ErrorType
from longshore.domain.catalogue.json_errors import JSON_ROW_ERRORS
from longshore.domain.catalogue.judging_errors import JUDGING_ROW_ERRORS
from longshore.domain.catalogue.value_errors import VALUE_ERRORS
from longshore.domain.catalogue.workbook_errors import WORKBOOK_ROW_ERRORS

RAW_LIMIT = 500
"""How many characters of a record's text are kept with its error."""

SHOWN_LIMIT = 60
"""How many characters of a value a message quotes."""


class RowError(NamedTuple):
    """One thing wrong with one row; a row may have several.

    `row` is the 1-based data record, `line` the 1-based physical line on which it begins, `column` the 1-based position
    in the file (None for the whole record), `raw_data` at most RAW_LIMIT characters, `timestamp` ISO 8601 UTC.
    """

    row: int
    line: int
    column: int | None
    field: str | None
    error_type: ErrorType
    code: str
    message: str
    raw_data: str
    timestamp: str

    def as_dict(self) -> dict[str, object]:
        """Return the error as the rejects files and the API show it."""
        return self._asdict()


_READING_AND_CHECKING: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind(
            "REQUIRED",
            "validation",
            "Required value missing",
            "{field} is required but the cell is blank; fill it in",
            "The template marks the field as required, or it is part of the key. A blank cell is no value.",
        ),
        ErrorKind(
            "NOT_AN_INTEGER",
            "validation",
            "Not an integer",
            "{field}: {value} is not an integer; write digits only, with a sign if needed",
            "An integer is ASCII digits with an optional sign: no separators, no decimal point, no exponent.",
        ),
        ErrorKind(
            "INTEGER_TOO_LARGE",
            "validation",
            "Integer too large",
            "{field}: {value} is outside the 64-bit range; use type decimal or string for such numbers",
            "Integers lie between -9223372036854775808 and 9223372036854775807, so that every JSON reader keeps them.",
        ),
        ErrorKind(
            "NOT_A_DECIMAL",
            "validation",
            "Not a decimal number",
            "{field}: {value} is not a decimal number; write it like {example}",
            "Digits with an optional sign, decimal point and exponent; no separators, no NaN, no Infinity. Where the "
            "template sets decimal_comma: a comma, and points between groups of three digits.",
        ),
        ErrorKind(
            "DECIMAL_TOO_LONG",
            "validation",
            "Decimal number too long",
            "{field}: {value} cannot be kept exactly; at most 38 significant digits, magnitude 1E-130 to 1E+125",
            "These are the limits of a DynamoDB number. Longshore never rounds; use type string for longer ones.",
        ),
        ErrorKind(
            "NOT_A_BOOLEAN",
            "validation",
            "Not a boolean",
            "{field}: {value} is not a boolean; write true or false (1, 0, yes and no are accepted too)",
            "Upper and lower case do not matter.",
        ),
        ErrorKind(
            "NOT_A_DATE",
            "validation",
            "Not a date",
            "{field}: {value} is not a date; write a real date as {formats}",
            "ISO 8601 calendar dates, and what the template lists under formats; the day must exist.",
        ),
        ErrorKind(
            "NOT_A_DATETIME",
            "validation",
            "Not a date and time",
            "{field}: {value} is not a date and time that can be told exactly; write it as {formats}",
            "ISO 8601 with seconds optional and up to six fractional digits, or what the template lists under formats. "
            "Z or an offset may be left out only if the template sets zone.",
        ),
        ErrorKind(
            "NOT_IN_ENUM",
            "validation",
            "Value not allowed",
            "{field}: {value} is not one of the allowed values {allowed}",
            "The template lists the allowed values under enum; they are compared exactly.",
        ),
        ErrorKind(
            "TOO_SHORT",
            "validation",
            "Value too short",
            "{field}: {value} has a length of {length} in characters; the minimum is {limit}",
            "The template sets min_length; characters are counted, not bytes.",
        ),
        ErrorKind(
            "TOO_LONG",
            "validation",
            "Value too long",
            "{field}: {value} has a length of {length} in characters; the maximum is {limit}",
            "The template sets max_length; characters are counted, not bytes.",
        ),
        ErrorKind(
            "PATTERN_MISMATCH",
            "validation",
            "Value does not match the pattern",
            "{field}: {value} does not match the pattern {pattern}",
            "The template sets pattern (RE2 syntax); the whole value must match it.",
        ),
        ErrorKind(
            "KEY_TOO_LONG",
            "validation",
            "Key too long",
            "the key of this row is {bytes} bytes long; at most {limit} are possible, shorten {key_fields}",
            "Tenant, record type and key values together form the record's key; DynamoDB allows 2,048 bytes.",
        ),
        ErrorKind(
            "ROW_TOO_LARGE",
            "validation",
            "Row too large",
            "this row holds {bytes} bytes of data; at most {limit} fit into a record, shorten its longest cells",
            "A DynamoDB item holds 400 KB, of which Longshore leaves some for names and stamps.",
        ),
        ErrorKind(
            "BROKEN_QUOTES",
            "parse",
            "Quotes broken",
            "the quotes of the record beginning here do not match; double the quotes inside it or close the last one",
            "Only this line is given up, reading goes on at the next. Inside a quoted cell a quote is written twice.",
        ),
        ErrorKind(
            "TOO_FEW_CELLS",
            "parse",
            "Too few cells",
            "the record has {cells} of {columns} cells; add the missing ones or check for lost delimiters",
            "Cells are never moved or padded, because nobody can tell which one is missing.",
        ),
        ErrorKind(
            "TOO_MANY_CELLS",
            "parse",
            "Too many cells",
            "the record has {cells} cells, the header {columns}; remove what is beyond the last column, or in CSV "
            "quote the cells that contain the delimiter",
            "Cells are never moved or dropped, because nobody can tell which one is too many.",
        ),
        ErrorKind(
            "REPEATED_HEADER",
            "parse",
            "Header repeated",
            "this row is the header (line {header_line}) once more; remove it",
            "Each cell is the header of its column, as in files that were put together from several. A header of one "
            "column may be a value, and is taken as one.",
        ),
        ErrorKind(
            "RECORD_TOO_LONG",
            "parse",
            "Record too long",
            "the record is longer than {limit} characters, more than any record may hold; check the line ends",
            "Usually a file without line ends, or one that is no CSV file.",
        ),
        ErrorKind(
            "WRONG_BYTES",
            "parse",
            "Wrong bytes",
            "the bytes {bytes} are not of the file's encoding; correct them, or set file.encoding in the template",
            "A file is refused as a whole (WRONG_ENCODING) where more than one line in ten at its beginning is like "
            "this.",
        ),
        ErrorKind(
            "NUL_CHARACTER",
            "parse",
            "NUL character",
            "the record contains a NUL character; remove it",
            "NUL characters come from damaged or binary files and are no text.",
        ),
        ErrorKind(
            "DUPLICATE_KEY",
            "duplicate",
            "Key met before in the file",
            "the key {key} was met before in row {first_row}; keep one of the two rows",
            "Every row after the first with the same key is rejected, whether or not the first one is valid.",
        ),
        ErrorKind(
            "NOT_UNIQUE",
            "duplicate",
            "Value met before in the file",
            "{fields}: {value} was met before in row {first_row}; in this file it may occur only once",
            "The template marks the field as unique, or lists these fields together under unique. A blank value is "
            "none; every row after the first is rejected, whether or not the first one is valid.",
        ),
        ErrorKind(
            "RULE_BROKEN",
            "validation",
            "Rule of the template broken",
            "{message}",
            "The template states it under rules, see docs/expressions.md; it is judged where its cells are sound.",
        ),
        ErrorKind(
            "RECORD_EXISTS",
            "duplicate",
            "Record exists already",
            "a record with the key {key} exists already; use mode upsert to change it, or remove the row",
            "Mode insert only creates records.",
        ),
        ErrorKind(
            "CONFLICT",
            "system",
            "Record changed by others",
            "the record {key} was changed by a later import or kept changing while it was loaded; import the row again",
            "A record that somebody else has written since is never overwritten by an older run.",
        ),
    )
}

ROW_ERRORS = _READING_AND_CHECKING | VALUE_ERRORS | JUDGING_ROW_ERRORS | JSON_ROW_ERRORS | WORKBOOK_ROW_ERRORS


def row_error(
    code: str,
    *,
    row: int,
    line: int,
    raw: str,
    at: str,
    column: int | None = None,
    field: str | None = None,
    header: str = "",
    **data: object,
) -> RowError:
    """Make the error of a row from the catalogue; `field` (else `header`) and `data` fill its message.

    `at` is its timestamp.
    """
    kind = ROW_ERRORS[code]
    message = kind.message.format(field=field or header, **data)
    return RowError(row, line, column, field, kind.error_type, code, message, raw[:RAW_LIMIT], at)


def shown(value: str) -> str:
    """Quote a value for a message: on one line, control characters escaped, long ones cut."""
    return repr(value) if len(value) <= SHOWN_LIMIT else repr(value[:SHOWN_LIMIT]) + "…"


def listed(values: Iterable[str], at_most: int = 10) -> str:
    """Quote some values for a message, and say how many more there are."""
    names = [shown(value) for value in values]
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return ", ".join(names[:at_most]) + more

"""The catalogue of what makes a whole file unacceptable, and the refusal made from it."""

from longshore.domain.catalogue.error_kind import ErrorKind
from longshore.domain.catalogue.json_errors import JSON_FILE_ERRORS
from longshore.domain.catalogue.judging_errors import JUDGING_FILE_ERRORS
from longshore.domain.catalogue.workbook_errors import WORKBOOK_FILE_ERRORS
from longshore.errors import FileRejected

FILE_ERRORS: dict[str, ErrorKind] = (
    {
        kind.code: kind
        for kind in (
            ErrorKind(
                "EMPTY_FILE",
                "parse",
                "Empty file",
                "the file is empty; it needs a header line and at least one row",
                "A file of nothing but blank lines counts as empty.",
            ),
            ErrorKind(
                "HEADER_ONLY",
                "parse",
                "No rows",
                "the file has a header (line {line}) but no rows; add at least one",
                "",
            ),
            ErrorKind(
                "NOT_TEXT",
                "parse",
                "Nothing that can be read",
                "the file is {kind}; {advice}",
                "Longshore reads CSV, XLSX, JSON, NDJSON, and gzip and ZIP archives of them; the first bytes tell.",
            ),
            ErrorKind(
                "WRONG_ENCODING",
                "parse",
                "Wrong encoding",
                "line {line}, byte {byte} of the file: {problem}; "
                "save it as UTF-8 or set file.encoding in the template",
                "Bytes are counted from 0 at the start of the file. Nothing is replaced or skipped.",
            ),
            ErrorKind(
                "MALFORMED_HEADER",
                "parse",
                "Header unreadable",
                "the header (line {line}) cannot be read: {problem}; correct that line",
                "",
            ),
            ErrorKind(
                "UNKNOWN_COLUMN",
                "parse",
                "Unknown column",
                "{columns} of {place}: not in template {template}; "
                "remove it, add a field for it, or set unknown_columns to ignore",
                "Headers are compared exactly, as confirmed before, without regard to case, spaces, hyphens and "
                "underscores, with the aliases, and by likeness; what may be meant is asked.",
            ),
            ErrorKind(
                "MISSING_COLUMN",
                "parse",
                "Required column missing",
                "{place} lacks {columns}, required by template {template}; add it and fill it in",
                "A column of an optional field may be absent, which leaves the field untouched, unless the template "
                "says missing_columns: reject.",
            ),
            ErrorKind(
                "REPEATED_COLUMN",
                "parse",
                "Column repeated",
                "columns {positions} of {place} are {headers}; keep one of them",
                "Two columns for one field cannot both be right. Nor can two of one header be asked about.",
            ),
            ErrorKind(
                "BLANK_HEADER",
                "parse",
                "Column without a header",
                "column {position} of {place} is blank; name it or remove the column",
                "With unknown_columns set to ignore, such a column is ignored.",
            ),
            ErrorKind(
                "HEADER_QUESTIONS",
                "parse",
                "Columns that only a person can tell",
                "{columns}: each may be one of several fields of template {template}; "
                "confirm which, or correct the header",
                "A person answers by longshore answer, or beforehand by longshore templates mapping.",
            ),
            ErrorKind(
                "TOO_MANY_REJECTED",
                "validation",
                "Too many rows rejected",
                "{rejected} of {rows} rows rejected ({percent}%), more than the {limit} the template allows; "
                "correct them or raise max_rejected_percent or max_rejected_rows",
                "Nothing of the file is loaded.",
            ),
            ErrorKind(
                "TEMPLATE_NOT_FOUND",
                "reference",
                "No such template",
                "there is no template {template}; store it first or upload under the name of one that exists",
                "For a dropped file the template is the second part of its key: tenant/template/file.",
            ),
            ErrorKind(
                "CIRCULAR_DEPENDENCY",
                "reference",
                "Templates depend on each other in a circle",
                "no part can be loaded first, because {record_types} depend on each other; "
                "upload them as separate files or correct depends_on and references",
                "A reference of a record type to itself is no circle.",
            ),
            ErrorKind(
                "TOO_MANY_RECORD_TYPES",
                "validation",
                "Too many record types",
                "the parts write or refer to {record_types} record types; one import may lock {limit}, "
                "split the upload",
                "The locks of an import are taken together, and DynamoDB bounds what one transaction may hold.",
            ),
            ErrorKind(
                "NOTHING_TO_IMPORT",
                "reference",
                "Nothing to import",
                "there was no file under {prefix} when the scheduled time came; upload one before the next time",
                "A schedule imports the newest file under its prefix.",
            ),
            ErrorKind(
                "DUPLICATE_FILE",
                "duplicate",
                "File imported before",
                "the same content was imported before by job {job_id}; use force to import it again",
                "Tenant, template version and SHA-256 of the content are compared.",
            ),
            ErrorKind(
                "FILE_TOO_LARGE",
                "validation",
                "File too large",
                "the file is larger than {limit} bytes; split it, each part with the header",
                "The limit is the setting LONGSHORE_MAX_UPLOAD_BYTES.",
            ),
            ErrorKind(
                "SOURCE_GONE",
                "system",
                "Upload gone",
                "the uploaded object {key} (version {version_id}) is no longer there; upload the file again",
                "",
            ),
        )
    }
    | JUDGING_FILE_ERRORS
    | JSON_FILE_ERRORS
    | WORKBOOK_FILE_ERRORS
)


def file_rejected(code: str, **data: object) -> FileRejected:
    """Make the refusal of a whole file from the catalogue; `data` fills the message and becomes the detail."""
    return FileRejected(code, FILE_ERRORS[code].message.format(**data), data)

"""The part of the catalogues that is about JSON: files that are none or no table, and records that are no rows."""

from longshore.domain.catalogue.error_kind import ErrorKind

JSON_FILE_ERRORS: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind(
            "MALFORMED_JSON",
            "parse",
            "Not valid JSON",
            "line {line}, column {column} of the file: {problem}; correct it there, "
            "or write one record per line (NDJSON), where damage costs only its own line",
            "RFC 8259 is followed strictly: no comments, no trailing commas, no NaN. A damaged record costs only "
            "itself where its end can be told; this message comes where it cannot.",
        ),
        ErrorKind(
            "NOT_A_TABLE",
            "parse",
            "JSON without records",
            "the file is JSON but holds no records: {problem}; write an array of objects, or one object per line",
            "Records are the objects of an array, of one line each (NDJSON), or the file's only object.",
        ),
        ErrorKind(
            "PATH_NOT_FOUND",
            "parse",
            "No array at the path",
            "there is no array of records at the path {path}: {problem}; correct file.path in the template",
            r"Keys are joined by dots, as in data.items; a dot that is part of a key is written \. (backslash, dot).",
        ),
        ErrorKind(
            "AMBIGUOUS_PATH",
            "parse",
            "Several arrays of records",
            "the file has several arrays of objects: {paths}; name one of them as file.path in the template",
            "The array whose keys fit the template best is taken; this message comes where two fit alike.",
        ),
        ErrorKind(
            "TOO_MANY_BLANK_CELLS",
            "validation",
            "Too many blank cells",
            "the records have few keys each, but {columns} columns in all, which is more than {limit} cells; "
            "split the file, or take fields that it lacks out of the template",
            "Each record has a cell for each column. Cells are bounded, so that no file can hold up the others.",
        ),
    )
}

JSON_ROW_ERRORS: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind(
            "MALFORMED_RECORD",
            "parse",
            "Record is not valid JSON",
            "the record cannot be read: {problem} (line {at_line}, column {at_column}); correct it",
            "The record costs only itself: reading goes on at the next line (NDJSON) or the next element (arrays).",
        ),
        ErrorKind(
            "NOT_AN_OBJECT",
            "parse",
            "Record is no object",
            "the record is {kind}, not an object of named values; write it as an object",
            "Rows written as arrays have no names for their values; they are never told by their positions.",
        ),
        ErrorKind(
            "REPEATED_KEY",
            "parse",
            "Key repeated in an object",
            "the key {key} stands twice in one object; keep one of them",
            "RFC 8259 leaves open which of them counts, so neither can be trusted.",
        ),
        ErrorKind(
            "NESTED_TOO_DEEPLY",
            "parse",
            "Record nests too deeply",
            "the record nests objects or arrays more than {limit} levels deep; flatten it",
            "",
        ),
        ErrorKind(
            "UNKNOWN_KEY",
            "parse",
            "Key not known",
            "the key {key} is neither in the template nor in the records at the beginning of the file; "
            "remove it, add a field for it, or set unknown_columns to ignore",
            "Keys at the beginning of the file are judged before anything is read: there UNKNOWN_COLUMN is the answer. "
            "Where unknown keys are kept, a later one that may hold a sensitive value is refused all the same.",
        ),
        ErrorKind(
            "NOT_A_SCALAR",
            "validation",
            "Nested value in a plain field",
            "{field} is {kind}, but takes one plain value; name the value inside by a path such as {path}, "
            "or give the field type json or list",
            "Type json takes any value, type list an array.",
        ),
        ErrorKind(
            "NOT_NESTED",
            "validation",
            "Nothing inside the value",
            "{field} is looked up inside of {path}, which is {kind} here; write an object or array there, or null",
            "An absent key and null are blank, however deep the path goes.",
        ),
        ErrorKind(
            "LONE_SURROGATE",
            "validation",
            "Half a character",
            "half of a surrogate pair (such as \\ud800 alone) is no character; write both halves, or none",
            "It cannot be stored as UTF-8. Programs leave it behind where they cut a text inside an emoji.",
        ),
    )
}

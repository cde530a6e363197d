"""The part of the catalogues that is about archives and workbooks: what is refused whole, and cells that are wrong."""

from longshore.domain.catalogue.error_kind import ErrorKind

WORKBOOK_FILE_ERRORS: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind(
            "DAMAGED_ARCHIVE",
            "parse",
            "Archive damaged",
            "{what} is damaged: {problem}; make it anew and upload it once more",
            "XLSX workbooks are ZIP archives too. Often an upload was cut off.",
        ),
        ErrorKind(
            "UNSAFE_ARCHIVE",
            "validation",
            "Archive not safe to read",
            "{what} is not safe to read: {problem}; make it anew with an ordinary program",
            "Names that lead out of the archive, names that stand twice, entries that overlap, and sizes that are not "
            "the real ones are never made by ordinary programs.",
        ),
        ErrorKind(
            "ARCHIVE_TOO_LARGE",
            "validation",
            "Archive too large once unpacked",
            "{what} has {value}, more than the {limit} that are allowed; split it into several files",
            "Entries, unpacked bytes and the ratio of compression are bounded before anything is read.",
        ),
        ErrorKind(
            "TOO_SLOW_TO_READ",
            "validation",
            "Takes too long to read",
            "{what} takes too long to read; split it into several files",
            "The time is bounded, so that no file can hold up the others.",
        ),
        ErrorKind(
            "ENCRYPTED_FILE",
            "parse",
            "File is encrypted",
            "{what} is encrypted with a password; save it without one and upload it again",
            "Longshore encrypts what it stores and needs no password on the file.",
        ),
        ErrorKind(
            "UNSUPPORTED_COMPRESSION",
            "parse",
            "Compression not supported",
            "{what} is compressed by method {method}; use Deflate, the usual method of ZIP",
            "Stored (0) and Deflate (8) are read.",
        ),
        ErrorKind(
            "NESTED_ARCHIVE",
            "parse",
            "Archive within an archive",
            "{what} is an archive within the archive; put its files into the outer archive instead",
            "A workbook within an archive is read.",
        ),
        ErrorKind(
            "UNSUPPORTED_MEMBER",
            "parse",
            "Not a data file",
            "{what} is no data file; remove it from the archive, or save it as CSV, JSON or XLSX",
            "The suffixes csv, tsv, txt, json, ndjson, jsonl and xlsx are read; folders and the files that "
            "operating systems add are skipped.",
        ),
        ErrorKind(
            "TOO_MANY_PARTS",
            "validation",
            "Too many parts",
            "{what} has {parts} data files or sheets, more than the {limit} that one import takes; split it",
            "",
        ),
        ErrorKind(
            "EMPTY_ARCHIVE",
            "parse",
            "Archive without data",
            "the archive has no data files; put CSV, JSON or XLSX files into it",
            "",
        ),
        ErrorKind(
            "UNSUPPORTED_FORMAT",
            "parse",
            "Format not supported",
            "{what} is {kind}; {advice}",
            "",
        ),
        ErrorKind(
            "DAMAGED_WORKBOOK",
            "parse",
            "Workbook damaged",
            "{what}: {problem}; open the workbook in a spreadsheet program, save it again and upload that",
            "What stands there breaks the rules of Office Open XML (ECMA-376), so no row of it can be trusted.",
        ),
        ErrorKind(
            "SHEET_NOT_FOUND",
            "parse",
            "No such sheet",
            "there is no sheet {sheet}; the workbook has {sheets}; name one of them as file.sheet",
            "Titles are compared exactly first, then without regard to case and spaces around them.",
        ),
        ErrorKind(
            "EMPTY_WORKBOOK",
            "parse",
            "Workbook without data",
            "no visible sheet of the workbook has any value{hidden}; fill one in, or name a hidden one as file.sheet",
            "Sheets that hold only charts are not data.",
        ),
        ErrorKind(
            "SHEET_TOO_LARGE",
            "validation",
            "Sheet too large",
            "{what} has {value}, more than the {limit} that are read; split it, or remove what is no data",
            "Columns, cells and text are bounded, so that no file can hold up the others.",
        ),
    )
}

WORKBOOK_ROW_ERRORS: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind(
            "CELL_ERROR",
            "parse",
            "Cell shows an error",
            "{field}: the cell shows the error {value}; correct its formula or type the value in",
            "Spreadsheets show #DIV/0!, #N/A, #REF!, #VALUE! and the like where a formula has no result.",
        ),
        ErrorKind(
            "FORMULA_WITHOUT_VALUE",
            "parse",
            "Formula without a computed value",
            "{field}: the formula of the cell has no computed value; open the workbook in a spreadsheet program and "
            "save it again",
            "Longshore computes no formulas. Programs that write workbooks often leave that to whoever opens them.",
        ),
        ErrorKind(
            "UNREADABLE_CELL",
            "parse",
            "Cell cannot be read",
            "{field}: {problem}; type the value in again",
            "",
        ),
    )
}

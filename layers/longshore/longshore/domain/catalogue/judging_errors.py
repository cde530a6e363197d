"""The part of the catalogues that is about what only other records, or a tenant's own function, can tell."""

from longshore.domain.catalogue.error_kind import ErrorKind

JUDGING_ROW_ERRORS: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind(
            "REFERENCE_MISSING",
            "reference",
            "Referenced record missing",
            "{field}: there is no {record_type} with the key {value}; import it first, or correct the cell",
            "Neither a record, nor an accepted row of the same job. The key is compared with the value as records keep "
            "it: 7 and not 007 where the key is an integer. A row that refers to a rejected row is rejected too.",
        ),
        ErrorKind(
            "RULE_FUNCTION",
            "validation",
            "Refused by the tenant's rule function",
            "{function}: {message}",
            "The function that the template names under rule_function refused the row; see docs/rule-functions.md.",
        ),
    )
}

JUDGING_FILE_ERRORS: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind(
            "COMPOSITE_REFERENCE",
            "reference",
            "Reference to a key of several fields",
            "{fields} of template {template}: a reference is one value, but the key of {record_type} has several "
            "fields; give that record type a key of one field, or make the reference a string",
            "",
        ),
        ErrorKind(
            "RULE_FUNCTION_NOT_YOURS",
            "validation",
            "Rule function of another owner",
            "{problem}; correct rule_function in the template",
            "The name says to which tenant a function belongs; no other one is ever called.",
        ),
        ErrorKind(
            "RULE_FUNCTION_FAILED",
            "system",
            "Rule function failed",
            "the rule function {function} {problem}; nothing was loaded: correct it, then run longshore retry JOB",
            "The job ends as FAILED, not REJECTED, because nothing is known to be wrong with the file. A retry reads "
            "the same upload again.",
        ),
    )
}

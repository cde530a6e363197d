"""The part of the catalogue that is about single values: of other types than they must be, or out of their bounds."""

from longshore.domain.catalogue.error_kind import ErrorKind

VALUE_ERRORS: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind(
            "MASKED_VALUE_GONE",
            "reference",
            "Value behind the mask gone",
            "{field}: the value behind the mask is no longer kept; type it, or correct the row in the original file",
            "A masked cell of a report takes the value that the import has kept, found by longshore_row_id. Nothing is "
            "kept of a file that was only checked offline, and of imports past the retention time.",
        ),
        ErrorKind(
            "CELL_NOT_READ",
            "validation",
            "Cell still not read",
            "{field}: the cell could not be read in the file that the report is about; type its value over {value}, "
            "or clear the cell if it has none",
            "A report of rejected rows cannot show a cell that holds an error of a spreadsheet, a formula without a "
            "value, half a character or nested JSON. What stands there instead is refused until somebody changes it.",
        ),
        ErrorKind(
            "NOT_A_TIME",
            "validation",
            "Not a time of day",
            "{field}: {value} is not a time of day; write it as {formats}",
            "Hours from 00 to 23, minutes, and if need be seconds with up to six fractional digits.",
        ),
        ErrorKind(
            "NONEXISTENT_LOCAL_TIME",
            "validation",
            "Local time that does not exist",
            "{field}: {value} does not exist in the template's zone, whose clocks go forward then; "
            "write it with its offset, such as +02:00",
            "At the beginning of daylight saving time clocks skip an hour. A time with Z or an offset is always clear.",
        ),
        ErrorKind(
            "AMBIGUOUS_LOCAL_TIME",
            "validation",
            "Local time that occurs twice",
            "{field}: {value} occurs twice in the template's zone, whose clocks go back then; "
            "write it with its offset, such as +02:00",
            "At the end of daylight saving time clocks show an hour twice, and nobody can tell which one is meant.",
        ),
        ErrorKind(
            "NOT_AN_EMAIL",
            "validation",
            "Not an e-mail address",
            "{field}: {value} is not an e-mail address; write it like name@example.com",
            "One address without display name, quotes and comments; the domain has a dot. At most 254 octets.",
        ),
        ErrorKind(
            "NOT_A_PHONE_NUMBER",
            "validation",
            "Not a phone number",
            "{field}: {value} is not a phone number; write it like +49 30 123456, without (0) and extension",
            "After + come 7 to 15 digits with the country code (E.164), otherwise 3 to 15 digits; "
            "spaces, points, hyphens, slashes and brackets may stand between them.",
        ),
        ErrorKind(
            "NOT_A_URL",
            "validation",
            "Not a URL",
            "{field}: {value} is not a web address; write it like https://example.com/page",
            "Absolute, http or https, without spaces, user name and password; at most 8,000 characters.",
        ),
        ErrorKind(
            "NOT_A_UUID",
            "validation",
            "Not a UUID",
            "{field}: {value} is not a UUID; write it like 123e4567-e89b-12d3-a456-426614174000",
            "32 hexadecimal digits with all four hyphens or none, in upper or lower case, in braces or not.",
        ),
        ErrorKind(
            "NOT_JSON",
            "validation",
            "Not JSON",
            'the cell of {field} is not JSON: {value}; write one value, such as {{"size": 12}}, with texts in quotes',
            "RFC 8259, without NaN and Infinity.",
        ),
        ErrorKind(
            "NOT_A_LIST",
            "validation",
            "Not a list",
            "{field}: {value} is not a list of texts; write the items between separators, or as a JSON array of texts",
            "A JSON array may hold texts, numbers, true and false; no arrays and objects.",
        ),
        ErrorKind(
            "TOO_SMALL",
            "validation",
            "Number too small",
            "{field}: {value} is less than {limit}",
            "The template sets min; numbers are compared exactly.",
        ),
        ErrorKind(
            "TOO_LARGE",
            "validation",
            "Number too large",
            "{field}: {value} is greater than {limit}",
            "The template sets max; numbers are compared exactly.",
        ),
        ErrorKind(
            "TOO_EARLY",
            "validation",
            "Date or time too early",
            "{field}: {value} is before {limit}",
            "The template sets min; instants are compared in UTC.",
        ),
        ErrorKind(
            "TOO_LATE",
            "validation",
            "Date or time too late",
            "{field}: {value} is after {limit}",
            "The template sets max; instants are compared in UTC.",
        ),
        ErrorKind(
            "TOO_FEW_ITEMS",
            "validation",
            "Too few items",
            "{field}: the number of items in {value} is {length}; the minimum is {limit}",
            "The template sets min_length, which for a list counts its items.",
        ),
        ErrorKind(
            "TOO_MANY_ITEMS",
            "validation",
            "Too many items",
            "{field}: the number of items in {value} is {length}; the maximum is {limit}",
            "The template sets max_length, which for a list counts its items.",
        ),
        ErrorKind(
            "TRANSFORMED_TOO_LONG",
            "validation",
            "Too long once transformed",
            "{field}: the template's transforms make more than 358,400 characters of {value}; shorten it",
            "No record could hold such a value.",
        ),
    )
}

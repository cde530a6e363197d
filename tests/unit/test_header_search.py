"""Finding the header: declared, told by the template, or the first record; what is skipped for it is said."""

import io

import pytest
from csv_reading import notices, read

from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.template import parse_template
from longshore.errors import FileRejected
from longshore.readers.csv.part import CsvPart
from longshore.readers.csv.plan import detect_unmapped_plan
from longshore.readers.header import normalised
from longshore.readers.stream import HeadedStream
from longshore.readers.validation import plan_part

PERSON = {
    "name": "person",
    "record_type": "person",
    "key": ["id"],
    "fields": [{"name": "id", "required": True}, {"name": "name", "aliases": ["Full name"]}, {"name": "city"}],
}


def detect(text, **file):
    template = parse_template({**PERSON, "file": file})
    return plan_part(CsvPart(HeadedStream(io.BytesIO(text.encode()))), template)


def refused(text, **file):
    with pytest.raises(FileRejected) as refusal:
        detect(text, **file)
    return refusal.value


def rows(text, a_plan):
    return [cells for _, _, cells, _ in read(text.encode(), a_plan)[0]]


@pytest.mark.parametrize(
    "preamble",
    [
        "Customers\n",
        "Report of 1 March 2026\n\nid of the report: 12, name: customers\n\n",
        '"Customers; all, of\nthem"\n,,\n',
        "id,of,the,report\n",
        'no "quotes, closed\n"here\n',
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_lines_before_the_header_that_the_template_knows_are_skipped_and_said(preamble, delimiter):
    header = delimiter.join(["ID", '"Full name"', "city"])
    text = preamble + header + "\n" + delimiter.join(["1", "Ann", "Ulm"]) + "\n"
    plan = detect(text)
    assert (plan.delimiter, plan.header_line) == (delimiter, preamble.count("\n") + 1)
    assert [column.field for column in plan.columns] == ["id", "name", "city"]
    assert rows(text, plan) == [["1", "Ann", "Ulm"]]
    filled = [line for line in preamble.split("\n") if line]
    assert notices(text.encode(), plan) == [("SKIPPED_LINES", 1, len(filled))]


def test_the_first_record_is_the_header_where_nothing_matches_better():
    assert refused("a,b\nid,x\n1,2\n").code == "UNKNOWN_COLUMN"
    text = "id,name,city\nid,name,city\n1,Ann,Ulm\n"
    assert detect(text).header_line == 1, "a header that comes again is a row"
    assert rows(text, detect(text)) == [["id", "name", "city"], ["1", "Ann", "Ulm"]]


def test_one_word_of_a_title_is_no_header():
    assert detect("city,id\nid,1\nUlm,2\n").header_line == 1
    assert refused("number,town\nid,Ulm\n").detail["line"] == 1


def test_the_header_of_a_template_with_one_field_is_found():
    template = parse_template({**PERSON, "fields": [{"name": "id", "required": True}]})
    plan = plan_part(CsvPart(HeadedStream(io.BytesIO(b"Numbers\n\nid\n1\n2\n"))), template)
    assert (plan.header_line, plan.data_line, plan.width) == (3, 4, 1)


def test_without_a_template_the_first_record_that_is_not_blank_is_the_header():
    text = b"\n,,,\n;;\na,b\n1,2\n"
    plan = detect_unmapped_plan(text, True, FileOptions())
    assert (plan.header_line, [column.header for column in plan.columns]) == (4, ["a", "b"])
    assert notices(text, plan) == [("SKIPPED_LINES", 2, 2)]


def test_a_declared_header_row_is_used():
    text = "id,name,city\nthe same for people:\nID,Name,City\n1,Ann,Ulm\n"
    plan = detect(text, header_row=3)
    assert (plan.header_line, plan.data_line) == (3, 4)
    assert rows(text, plan) == [["1", "Ann", "Ulm"]]
    assert notices(text.encode(), plan) == [("SKIPPED_LINES", 1, 2)]


@pytest.mark.parametrize(("row", "says"), [(9, "line 9"), (2, "it is blank"), (4, "its quotes do not match")])
def test_a_declared_header_row_must_be_there(row, says):
    refusal = refused('id,name\n\n1,Ann\n2,"Bob\n', header_row=row)
    assert refusal.code == "MALFORMED_HEADER"
    assert says in str(refusal)


@pytest.mark.parametrize("hint", ["sep=;", "SEP=;\r", '"sep=;"', "sep=;;;;"])
def test_the_line_that_tells_excel_the_delimiter_is_taken_for_what_it_is(hint):
    text = hint + "\nid;name;city\n1;Ann, née Lee;a,b\n"
    plan = detect(text)
    assert (plan.delimiter, plan.header_line) == (";", 2)
    assert rows(text, plan) == [["1", "Ann, née Lee", "a,b"]]
    assert notices(text.encode(), plan) == []


def test_a_declared_delimiter_counts_more_than_the_one_for_excel():
    assert detect("sep=;\nid|name\n1|a;b\n", delimiter="|").delimiter == "|"
    assert refused("sep=;\n").code == "MALFORMED_HEADER"


@pytest.mark.parametrize("delimiter", ["\x1f", "\x1e", "^", "~", ":"])
def test_a_rare_delimiter_is_found_where_it_brings_out_the_columns(delimiter):
    text = delimiter.join(["id", "name", "city"]) + "\n" + delimiter.join(["1", "a,b", "c,d"]) + "\n"
    assert detect(text).delimiter == delimiter
    assert detect_unmapped_plan(text.encode(), True, FileOptions()).delimiter != delimiter


def test_what_is_declared_is_frozen_into_the_plan():
    text = "id;'na''me'\n"
    file = {"quote": "'", "escape": "\\", "footer_rows": 2, "null_markers": ["NULL"], "delimiter": ";"}
    plan = detect_unmapped_plan(text.encode(), True, FileOptions(**file))
    assert (plan.quote, plan.escape, plan.footer_rows, plan.null_markers) == ("'", "\\", 2, ("NULL",))
    assert [column.header for column in plan.columns] == ["id", "na'me"]
    assert detect_unmapped_plan(b'"id"\n', True, FileOptions(quote="")).columns[0].header == '"id"'


def test_wanted_headers_are_compared_in_their_normal_form():
    text = b"Some title, with a comma\nFIRST NAME;Last-Name\n"
    wanted = {normalised(header) for header in ("first_name", "last name")}
    assert detect_unmapped_plan(text, True, FileOptions(), wanted).header_line == 2

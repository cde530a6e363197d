"""A header in the middle of a file, as files have it that were put together from several: one error, and no record."""

import pytest
from report_making import again, as_csv, report, run, template
from workbook_files import Made, cell, header, row, sheet_xml

from longshore.domain.rows.mask import MASK

JOB = "j" + "0" * 24
FIELDS = [{"name": "id", "required": True}, {"name": "name"}, {"name": "qty"}]


def of(fields=FIELDS, **changes):
    return template("id", fields=fields, key=["id"], **changes)


def found(data, a_template=None):
    """The rows that were accepted by id, and the errors as (row, line, column, code)."""
    (part,) = run(data, a_template or of())
    accepted = [record["id"] for record in part.kept.accepted]
    return accepted, [(e["row"], e["line"], e["column"], e["code"]) for e in part.kept.errors]


def test_files_put_together_have_one_error_for_each_further_header():
    one = b"id,name,qty\n1,a,1\n"
    accepted, errors = found(one + b"id,name,qty\n2,b,2\n" + b"id,name,qty\n3,c,3\n")
    assert accepted == ["1", "2", "3"]
    assert errors == [(2, 3, None, "REPEATED_HEADER"), (4, 5, None, "REPEATED_HEADER")]


def test_the_message_says_where_the_header_is():
    (part,) = run(b"id,name,qty\nid,name,qty\n", of())
    assert part.kept.errors[0]["message"] == "this row is the header (line 1) once more; remove it"
    assert part.kept.errors[0]["raw_data"] == "id,name,qty"


def test_no_cell_of_it_is_judged():
    fields = [
        {"name": "id", "type": "integer", "required": True},
        {"name": "name", "enum": ["a"], "unique": True},
        {"name": "qty", "type": "decimal", "min": 0},
    ]
    ruled = of(fields, rules=[{"name": "r", "expression": "id < 5"}])
    accepted, errors = found(b"id,name,qty\n1,a,1\nid,name,qty\nid,name,qty\n2,,2\n", ruled)
    assert accepted == [1, 2]
    assert [code for *_, code in errors] == ["REPEATED_HEADER"] * 2


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_each_of_the_files_may_begin_with_a_byte_order_mark(mark):
    one, two = mark + b"id,name,qty\n1,a,1\n", mark + b"id,name,qty\n2,b,2\n"
    assert found(one + two) == (["1", "2"], [(2, 3, None, "REPEATED_HEADER")])


def test_columns_that_fill_no_field_and_headers_of_other_forms_count_as_they_are_written():
    data = b"ID;Full-Name;;qty\n1;a;;1\nID;Full-Name;;qty\n2;name;;qty\n"
    fields = [FIELDS[0], FIELDS[1] | {"column": "full name"}, FIELDS[2]]
    accepted, errors = found(data, of(fields, unknown_columns="ignore"))
    assert (accepted, [code for *_, code in errors]) == (["1", "2"], ["REPEATED_HEADER"])


def test_a_row_in_which_one_cell_is_another_is_data():
    assert found(b"id,name,qty\nid,name,1\n7,name,qty\n") == (["id", "7"], [])


def test_of_one_column_alone_a_header_may_be_a_value():
    assert found(b"id\n1\nid\n", of(FIELDS[:1])) == (["1", "id"], [])


def test_json_has_no_header():
    data = b'[{"id":"id","name":"name","qty":"qty"},{"id":"1","name":"a","qty":"1"}]'
    assert found(data) == (["id", "1"], [])


def test_a_sheet_may_repeat_its_header_too():
    texts = [("1", "a", "1"), ("id", "name", "qty"), ("2", "b", "2")]
    rows = "".join(
        row(n, *(cell(f"{letter}{n}", text, "inlineStr") for letter, text in zip("ABC", cells, strict=True)))
        for n, cells in enumerate(texts, 2)
    )
    data = Made({"S": sheet_xml(header("id", "name", "qty") + rows)}).bytes()
    assert found(data) == (["1", "2"], [(2, 3, None, "REPEATED_HEADER")])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_header_row_in_a_report_is_refused_again(kind):
    secret = of([FIELDS[0], FIELDS[1] | {"sensitive": True}, FIELDS[2], {"name": "n", "type": "integer"}])
    data = b"id,name,qty,n\n1,a,1,x\nid,name,qty,n\n"
    (part,) = run(report(data, secret, kind, JOB), secret)
    assert [error["code"] for error in part.kept.errors] == ["NOT_AN_INTEGER", "REPEATED_HEADER"]
    assert MASK in part.kept.errors[1]["raw_data"]


def test_without_its_row_a_report_is_imported():
    data = as_csv([["id", "=name", "qty"], ["id", "=name", "qty"], ["1", "=a", "x"]])
    strict = of([FIELDS[0], FIELDS[1] | {"column": "=name"}, FIELDS[2] | {"type": "integer"}])
    lines = report(data, strict, job_id=JOB).splitlines(keepends=True)
    lenient = of([FIELDS[0], FIELDS[1] | {"column": "=name"}, FIELDS[2]])
    assert again(lines[0] + lines[2], lenient) == [{"id": "1", "name": "=a", "qty": "x"}]

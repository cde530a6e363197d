"""What the fuzz and the hostile uploads found, each kept as a case of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workbook_files import Made, cell, data_row, header, row, sheet_xml, strings_xml, text

from longshore.domain.templates.template import parse_template
from longshore.readers.json.plan import MAX_COLUMNS
from tests.fuzz.accounting import judge


def template(*more, **changes):
    fields = [{"name": "id", "required": True}, {"name": "name"}, *more]
    document = {"name": "t", "record_type": "t", "key": ["id"], "fields": fields, "max_rejected_percent": 100}
    return parse_template(document | changes)


@pytest.mark.parametrize("data", [b'[{"id":1}]', b"id,name\n1,x\n", b'\0\0\0\xd8"\0', b"{\0\0\xd8"])
@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_text_without_the_mark_that_its_encoding_needs_is_refused(data, kind, encoding):
    """The codecs raise another error for it than for wrong bytes, and where there are wrong bytes first, only later."""
    (found,) = judge(data, template(file={"format": kind, "encoding": encoding}))
    assert found.refused


@pytest.mark.parametrize("block", [0, 6, 8, 9])
def test_the_line_of_wrong_bytes_is_counted_in_the_order_of_bytes_of_the_file(block):
    """Of a block that is not the first the codec cannot tell its order of bytes."""
    data = b"\xfe\xff" + ("id,name\n" + "a,b\n" * 3).encode("utf-16-be") + b"\xdc\x00\x00\n"
    assert judge(data, template(), block=block)[0].refused.startswith("line 5, byte 42 of the file")


def test_a_sheet_of_nothing_but_cells_without_a_value_that_can_be_used_is_refused():
    sheet = sheet_xml(row(1, cell("A1", "#DIV/0!", "e")) + row(2, cell("A2", "#N/A", "e")))
    assert "cell A1 has no value" in judge(Made({"S": sheet}).bytes(), template())[0].refused


def test_what_stands_above_a_declared_header_may_be_wrong():
    above = row(1, cell("A1", "#DIV/0!", "e"), text("B1", "Title"))
    sheet = sheet_xml(above + header("id", "name", line=2) + data_row(3))
    (found,) = judge(Made({"S": sheet}).bytes(), template(file={"header_row": 2}))
    assert [row[2:] for row in found.rows] == [["3", "name 3"]]


@given(st.integers(1, 400))
def test_a_nul_among_the_shared_strings_moves_no_other(place):
    """Shared strings were kept joined by NUL, and a text that has one shifted those behind it into other cells."""
    texts = [f"text {n}" for n in range(400)]
    texts[place - 1] = "a_x0000_b"
    rows = "".join(row(n, cell(f"A{n}", str(n)), cell(f"B{n}", str(n - 2), "s")) for n in range(2, 402))
    (found,) = judge(
        Made({"S": sheet_xml(header("id", "name") + rows)}, strings=strings_xml(*texts)).bytes(), template()
    )
    assert [row[3] for row in found.rows] == [text.replace("_x0000_", "\0") for text in texts]


def test_a_row_of_data_in_the_place_of_the_header_is_not_quoted_where_fields_are_sensitive():
    """A file without a header line would show its first record as the names of unknown columns."""
    secret = {"name": "iban", "sensitive": True}
    (found,) = judge(b"7,Ann,DE001234\n8,Bob,DE005678\n", template(secret))
    assert found.refused.startswith("column 1, column 2, column 3 of the header (line 1): not in template")
    assert "DE001234" in judge(b"7,Ann,DE001234\n8,Bob,DE005678\n", template())[0].refused
    assert "'colour'" in judge(b"id,name,iban,colour\n7,Ann,DE001234,red\n", template(secret))[0].refused


def test_what_was_not_recognised_as_a_sensitive_column_is_not_shown():
    """Its header is another one, and unknown columns are kept: only its values would be known by nobody."""
    secret = template({"name": "iban", "sensitive": True}, {"name": "n", "type": "integer"}, unknown_columns="keep")
    (found,) = judge(b"id,name,n,Bank details\n7,Ann,1,DE001234\n8,Bob,x,DE005678\n", secret)
    assert found.rows[0][-1] == {"Bank details": "DE001234"}
    assert "DE00" not in str([found.raw, found.errors, found.warnings])
    (found,) = judge(b"id,iban,name,n,Bank\n8,DE005678,Bob,x,BLZ\n", secret)
    assert found.errors[0]["raw_data"].endswith(",Bob,x,BLZ")


def test_keys_of_json_that_occur_once_make_no_column_each():
    """A cell in each record for each of thousands of keys would take a thousand times the memory of the file."""
    records = ",".join(f'{{"id": {n}, "k{n}": {n}, "name": "x"}}' for n in range(3000))
    data = f'[{records}, {{"id": 9999, "iban": 1}}]'.encode()
    (found,) = judge(data, template(unknown_columns="keep"))
    assert len(found.plan["columns"]) <= MAX_COLUMNS + 2
    assert found.rows[2500][2:] == ["2500", "x", {"k2500": "2500"}]
    assert found.rows[5][2:] == ["5", "x", {"k5": "5"}]


def test_a_path_that_cannot_be_stored_refuses_the_file():
    (found,) = judge(b'{"it\\ud800ems": [{"id": 1}, {"id": 2}]}', template())
    assert "half of a surrogate pair" in found.refused


def test_a_list_of_many_wrong_items_has_few_errors():
    tags = {"name": "tags", "type": "list", "enum": ["y"]}
    (found,) = judge(b"id,name,tags\n1,a," + b"x;" * 300_000 + b"\n", template(tags))
    assert [error["code"] for error in found.errors] == ["NOT_IN_ENUM"] * 21
    assert "each of 299980 further items is not" in found.errors[-1]["message"]

"""Detecting the parse plan: what is declared is used, the rest is found once, and what cannot be read is refused."""

import codecs
import io

import pytest
from csv_reading import read
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.parse_plan import plan_from_dict
from longshore.domain.templates.template import parse_template
from longshore.errors import FileRejected
from longshore.readers.csv.part import CsvPart
from longshore.readers.csv.plan import SAMPLE_BYTES
from longshore.readers.stream import HeadedStream
from longshore.readers.validation import plan_part


def template(*names, **changes):
    fields = [{"name": name} for name in names or ("id", "name")]
    fields[0]["required"] = True
    return parse_template({"name": "t", "record_type": "t", "key": [fields[0]["name"]], "fields": fields, **changes})


def detect(data, a_template=None):
    sample = data.encode() if isinstance(data, str) else data
    return plan_part(CsvPart(HeadedStream(io.BytesIO(sample))), a_template or template())


def refused(data, a_template=None):
    with pytest.raises(FileRejected) as refusal:
        detect(data, a_template)
    assert "\n" not in str(refusal.value)
    return refusal.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    text = f'id{delimiter}name\n1{delimiter}"a,b;c|d\te"\n2{delimiter}"two\n,;\t|lines"\n'
    assert detect(text).delimiter == delimiter


def test_the_delimiter_that_finds_the_columns_wins_over_one_that_only_appears():
    assert detect("id;name, first;x\n1;a, b;c\n", template("id", "x", unknown_columns="ignore")).delimiter == ";"


def test_a_file_of_one_column_has_commas_whatever_its_cells_hold():
    assert detect("id\na;b\nc;d\n", template("id")).delimiter == ","


def test_a_declared_delimiter_is_used():
    plan = detect("id,name;id\n1,a;b\n", template(file={"delimiter": ";"}, unknown_columns="ignore"))
    assert (plan.delimiter, [column.header for column in plan.columns]) == (";", ["id,name", "id"])


@pytest.mark.parametrize(
    ("data", "declared", "encoding", "bom"),
    [
        (b"id,name\n1,\xc3\xa9\n", None, "utf-8", False),
        (codecs.BOM_UTF8 + b"id,name\n1,a\n", None, "utf-8-sig", True),
        (codecs.BOM_UTF8 + b"id,name\n1,a\n", "utf8", "utf-8-sig", True),
        (b"id,name\n1,\xe9\n", "latin-1", "iso8859-1", False),
        ("id,name\n1,é\n".encode("utf-16"), "utf-16", "utf-16", True),
        ("id,name\n1,é\n".encode("utf-16"), None, "utf-16", True),
        (codecs.BOM_UTF16_BE + "id,name\n1,é\n".encode("utf-16-be"), None, "utf-16", True),
        ("id,name\n1,é\n".encode("utf-16"), "utf-16-le", "utf-16", True),
        ("id,name\n1,é\n".encode("utf-16-be"), "utf-16-be", "utf-16-be", False),
        ("id,name\n1,é\n".encode("utf-32"), None, "utf-32", True),
    ],
)
def test_the_encoding_is_declared_or_told_by_its_mark_or_utf_8(data, declared, encoding, bom):
    plan = detect(data, template(file={"encoding": declared} if declared else {}))
    assert (plan.encoding, plan.bom) == (encoding, bom)


def test_the_header_may_follow_blank_lines_and_span_several():
    plan = detect('\r\n\r\nid,"na\r\nme"\r\n1,a\r\n', template("id", "n", unknown_columns="ignore"))
    assert (plan.header_line, plan.data_line) == (3, 5)


def test_headers_match_exactly_or_alike_and_say_which():
    a_template = parse_template(
        {
            "name": "t",
            "record_type": "t",
            "key": ["id"],
            "unknown_columns": "ignore",
            "fields": [
                {"name": "id", "required": True},
                {"name": "last", "column": "Last name"},
                {"name": "x", "column": "A-B"},
                {"name": "y", "column": "a b"},
            ],
        }
    )
    plan = detect("ID,LAST_NAME,a b,extra, id\n1,a,b,c,d\n".replace(", id", ""), a_template)
    assert [(c.field, c.reason) for c in plan.columns] == [
        ("id", "normalised"),
        ("last", "normalised"),
        ("y", "exact"),
        (None, "ignored"),
    ]
    plan = detect("A_B,id\n1,a\n", a_template)
    assert plan.columns[0].field is None, "A-B and a b are both like A_B: nobody can tell"
    plan = detect("id,ID\n1,a\n", a_template)
    assert [(c.field, c.reason) for c in plan.columns] == [("id", "exact"), (None, "ignored")]


def test_a_stored_plan_is_the_same_plan():
    plan = detect("id,name\n1,a\n")
    assert plan_from_dict(plan.as_dict()) == plan


@pytest.mark.parametrize(
    ("data", "code", "named"),
    [
        ("", "EMPTY_FILE", "empty"),
        ("\n \r\n".replace(" ", ""), "EMPTY_FILE", "empty"),
        (codecs.BOM_UTF8, "EMPTY_FILE", "empty"),
        (b"PK\x03\x04" + b"x" * 100, "NOT_TEXT", "Excel"),
        (b"\x1f\x8b\x08\x00", "NOT_TEXT", "gzip"),
        (b"id,name\n\x00\x00\x00\x01\x00", "NOT_TEXT", "NUL"),
        (b"id,na\xffme\n" + b"1,a\n" * 20, "WRONG_ENCODING", "line 1, byte 5"),
        ("id,name\n1,a\n".encode("utf-16-le"), "NOT_TEXT", "NUL"),
        (b"id,name\n1,\xff\n", "WRONG_ENCODING", "line 2, byte 10"),
        ('id,"name\n1,a\n', "MALFORMED_HEADER", "line 1"),
        ("x" * SAMPLE_BYTES, "MALFORMED_HEADER", "65536"),
        ("id,name,shoe size\n", "UNKNOWN_COLUMN", "column 3 'shoe size'"),
        ("id,name,\n", "BLANK_HEADER", "column 3"),
        ("name\n", "MISSING_COLUMN", "'id'"),
        ("id,name,id\n", "REPEATED_COLUMN", "1 and 3"),
        ("Id,name,ID\n", "REPEATED_COLUMN", "1 and 3"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(data, code, named):
    refusal = refused(data)
    assert refusal.code == code
    assert named in str(refusal)


@pytest.mark.parametrize(
    ("data", "declared", "says"),
    [
        (codecs.BOM_UTF8 + b"id\n", "cp1252", "a byte order mark of UTF-8, but cp1252 is declared"),
        ("id\n".encode("utf-16"), "utf-8", "a byte order mark of UTF-16-LE, but utf-8 is declared"),
        (codecs.BOM_UTF16_LE + "id\n".encode("utf-16-le"), "utf-16-be", "a byte order mark of UTF-16-LE"),
        ("id\n".encode("utf-16-be"), "utf-16", "no byte order mark"),
    ],
)
def test_a_byte_order_mark_must_agree_with_the_declared_encoding(data, declared, says):
    refusal = refused(data, template("id", file={"encoding": declared}))
    assert refusal.code == "WRONG_ENCODING"
    assert says in str(refusal)


def test_a_few_wrong_bytes_are_damage_and_many_another_encoding():
    rows = ["1,Ann\n"] * 50
    assert (
        detect(("id,name\n" + "".join(rows) + "2,M\udcfcller\n").encode("utf-8", "surrogateescape")).encoding == "utf-8"
    )
    refusal = refused(("id,name\n" + "".join(rows) + "2,M\udcfcller\n" * 6).encode("utf-8", "surrogateescape"))
    assert (refusal.code, refusal.detail["line"]) == ("WRONG_ENCODING", 52)


@pytest.mark.parametrize("hit", [{2}, {0}, {3}, {0, 3}])
@pytest.mark.parametrize("rows", [4, 30])
@pytest.mark.parametrize("cell", ["\0", "a\0", "\0name"])
def test_a_few_nul_characters_cost_only_their_records_however_small_the_file(rows, hit, cell):
    data = "id,name\n" + "".join(f"{n},{cell if n in hit else 'x'}\n" for n in range(rows))
    whole, broken = read(data.encode(), detect(data))
    assert [cells for _, _, cells, _ in whole] == [[str(n), "x"] for n in range(rows) if n not in hit]
    assert [(row, code) for row, _, code, _ in broken] == [(n + 1, "NUL_CHARACTER") for n in sorted(hit)]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=5), max_size=9),
    st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_wide_characters_without_a_mark_are_no_text_however_small_the_file(names, encoding, end):
    text = end.join(["id,name", *names])
    with pytest.raises(FileRejected) as refusal:
        detect(text.encode(encoding, "surrogatepass"))
    assert refusal.value.code in ("NOT_TEXT", "WRONG_ENCODING")


def test_unknown_and_blank_columns_may_be_ignored():
    plan = detect("id,,x\n", template(unknown_columns="ignore"))
    assert [c.field for c in plan.columns] == ["id", None, None]

"""A report of rejected rows: original cells, what is wrong, and the way back into an import."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_part import validated

from longshore.domain.template import parse_template
from longshore.errors import InvalidTemplate
from longshore.readers.csv_reader import read_rows
from longshore.readers.reject_report import write_report

AT = datetime(2026, 3, 1, tzinfo=UTC)
OURS = ["longshore_row_id", "longshore_line", "longshore_codes", "longshore_messages", "longshore_raw"]


def template(*columns, **changes):
    fields = [{"name": f"f{at}", "column": column} for at, column in enumerate(columns)]
    return parse_template(
        {
            "name": "t",
            "record_type": "t",
            "key": ["f0"],
            "fields": [fields[0] | {"required": True}, *fields[1:-1], fields[-1] | changes.pop("last", {})],
            "max_rejected_percent": 100,
            **changes,
        }
    )


class Kept:
    def __init__(self):
        self.accepted, self.errors = [], []

    def rows(self, batch, raw):
        self.accepted += [list(row[2:]) for row in batch["rows"]]

    def rejects(self, rejects):
        self.errors += rejects


def run(data, a_template):
    kept = Kept()
    return validated(io.BytesIO(data), a_template, kept), kept


def report(data, a_template):
    result, kept = run(data, a_template)
    out = io.BytesIO()
    write_report(read_rows(io.BytesIO(data), result.plan), result.plan, kept.errors, "j1", out)
    return out.getvalue()


def cells(content, encoding="utf-8-sig", delimiter=","):
    return list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))


def test_rejected_rows_stand_in_their_columns_with_what_is_wrong():
    data = b'id,n\r\n1,5\r\n2,x\r\n,"a,b"\r\n4,"x"y\r\n5,6,7\r\n'
    header, *rows = cells(report(data, template("id", "n", last={"type": "integer"})))
    assert header == ["id", "n", *OURS]
    assert rows[0][:5] == ["2", "x", "j1#0#2", "3", "NOT_AN_INTEGER"]
    assert rows[0][5].startswith("f1: 'x' is not an integer")
    assert rows[1][:5] == ["", "a,b", "j1#0#3", "4", "REQUIRED | NOT_AN_INTEGER"]
    assert rows[2] == ["", "", "j1#0#4", "5", "BROKEN_QUOTES", rows[2][5], '4,"x"y']
    assert rows[3] == ["", "", "j1#0#5", "6", "TOO_MANY_CELLS", rows[3][5], "5,6,7"]
    assert all(row[6] == "" for row in rows[:2])


def test_it_is_written_as_the_file_was():
    data = "id;n\r\n1;prix 5 €\r\n".encode("cp1252")
    strict = template("id", "n", last={"enum": ["日本"]}, file={"encoding": "cp1252", "delimiter": ";"})
    header, row = cells(report(data, strict), "cp1252", ";")
    assert header[:2] == ["id", "n"]
    assert row[:2] == ["1", "prix 5 €"]
    assert "'??'" in row[5], "what the encoding cannot write is replaced, in messages only"


def test_the_added_columns_are_recognised_wherever_they_stand():
    data = b"longshore_row_id,id,n,longshore_codes\nj1#0#2,2,'=5,X\n"
    result, kept = run(data, template("id", "n"))
    assert kept.accepted == [["2", "=5"]]
    assert [column.reason for column in result.plan.columns] == ["report", "exact", "exact", "report"]


def test_without_row_ids_a_file_is_no_report():
    _, kept = run(b"id,n,longshore_codes\n2,'=5,X\n", template("id", "n", unknown_columns="ignore"))
    assert kept.accepted == [["2", "'=5"]]


def test_a_report_of_a_report_keeps_the_row_ids():
    strict = template("id", "n", last={"enum": ["=ok"]})
    first = report(b"id,n\n1,=bad\n2,=ok\n", strict)
    assert cells(report(first, strict))[1][:3] == ["1", "'=bad", "j1#0#1"]


def test_a_template_cannot_have_the_columns_of_reports():
    with pytest.raises(InvalidTemplate, match="'longshore_row_id' is reserved"):
        template("id", "longshore_row_id")


cell = st.text(
    st.sampled_from(list("'=+-@,;|\t\r\n\" ab0é")) | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=8,
)
header = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), min_size=1, max_size=6
).filter(str.strip)


@given(st.data(), st.sampled_from(",;\t|"), st.lists(header, min_size=2, max_size=4, unique=True))
def test_every_cell_comes_back_byte_for_byte(data, delimiter, headers):
    """Rows rejected for one bad column, reported, and imported by a template that takes them, are what they were."""
    table = data.draw(st.lists(st.tuples(*[cell] * len(headers)), min_size=1, max_size=6))
    rows = [[f"k{at}", *row[1:]] for at, row in enumerate(table)]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([headers, *rows])
    options = {"file": {"delimiter": delimiter}}
    original = out.getvalue().encode()
    refusing = template(*headers, last={"enum": ["\x01no cell is this"], "required": True}, **options)
    _, kept = run(report(original, refusing), template(*headers, **options))
    assert kept.errors == []
    assert kept.accepted == [[text or None for text in row] for row in rows]

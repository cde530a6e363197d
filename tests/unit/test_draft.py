"""A drafted template has types only where nothing is lost, and takes every row that it was drafted from."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_part import validated

from longshore.domain.templates.draft import template_name
from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.template import parse_template
from longshore.errors import FileRejected
from longshore.readers.draft import SAMPLE_ROWS, draft_template

LIMIT = 10**8


def drafted(content, all_text=False, name="people"):
    data = content if isinstance(content, bytes) else content.encode()
    return draft_template(io.BytesIO(data), name, FileOptions(), all_text=all_text, max_bytes=LIMIT)


def type_of(*cells):
    """Return the type proposed for a column of these cells, and the note about it if there is one."""
    out = io.StringIO()
    csv.writer(out).writerows([["key", "x"], *([f"k{at}", cell] for at, cell in enumerate(cells))])
    proposal = drafted(out.getvalue())
    notes = [note for note in proposal.notes if note.startswith("column 2")]
    return proposal.document["fields"][1].get("type", "string"), "".join(notes)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-20", "0", ""], "integer"),
        (["1.5", "2", "-0.25"], "decimal"),
        (["1290.50", "88000", "0.75"], "decimal"),
        (["2026-02-28", ""], "date"),
        (["2026-02-28T10:00Z", "2026-02-28T10:00:01.5+00:00"], "datetime"),
        (["true", "FALSE"], "boolean"),
        (["yes", "no"], "boolean"),
        (["1", "0"], "integer"),
        (["", ""], "string"),
        (["1", "one"], "string"),
        (["2026-02-30"], "string"),
        (["１２"], "string"),
        (["1,5", "2,5"], "string"),
        (["03/04/2026"], "string"),
    ],
)
def test_a_type_is_what_every_cell_is(cells, expected):
    assert type_of(*cells) == (expected, "")


@pytest.mark.parametrize(
    ("cells", "lost"),
    [
        (["12", "01234"], "as integer '01234' in line 3 would lose leading zeros"),
        (["1E5", "20"], "as decimal '1E5' in line 2 would lose its E notation"),
        (["1234567890123456"], "as integer '1234567890123456' in line 2 would lose digits where only 15 are kept"),
        (["0.1234567890123456"], "would lose digits where only 15 are kept"),
        (["+4420"], "would lose its spelling"),
        (["-0"], "would lose its spelling"),
        ([".5"], "would lose its spelling"),
        (["1 ", "2"], "would lose the spaces around it"),
        (["3.9", "3.10"], "as decimal '3.10' in line 3 would lose its last zero"),
        (["2026-02-28T10:00+01:00"], "would lose its offset"),
        (["NO", "NO"], "as boolean it would lose which of 'no' was written"),
        (["yes", "true", "no"], "as boolean it would lose which of 'no', 'true', 'yes' was written"),
    ],
)
def test_what_would_lose_something_stays_a_string_and_says_why(cells, lost):
    field_type, note = type_of(*cells)
    assert field_type == "string"
    assert lost in note


def test_the_key_is_the_first_column_that_is_never_blank_and_never_repeats():
    proposal = drafted("a,b,c,d\n1,x,p,1\n1,,q,2\n")
    assert proposal.document["key"] == ["c"]
    assert [field.get("required", False) for field in proposal.document["fields"]] == [False, False, True, False]
    assert "never blank here, so perhaps required: 'a', 'd'" in proposal.notes


def test_without_such_a_column_a_person_must_choose():
    proposal = drafted("a,b\n1,1\n1,2\n2,1\n")
    assert proposal.document["key"] == []
    assert not proposal.is_complete
    assert any("no column identifies a record" in note for note in proposal.notes)


def test_names_are_made_of_the_headers():
    proposal = drafted("E-mail,2nd,Größe,顧客,name,Name, name\na,b,c,d,e,f,g\n")
    assert [(f["name"], f.get("column", f["name"])) for f in proposal.document["fields"]] == [
        ("e_mail", "E-mail"),
        ("_2nd", "2nd"),
        ("grosse", "Größe"),
        ("column_4", "顧客"),
        ("name", "name"),
        ("name_2", "Name"),
        ("name_3", " name"),
    ]


def test_columns_that_cannot_be_told_apart_are_left_out():
    proposal = drafted("id,x,,x\n1,2,3,4\n")
    assert [field["name"] for field in proposal.document["fields"]] == ["id"]
    assert proposal.document["unknown_columns"] == "ignore"
    assert proposal.notes[1:4] == [
        "column 2 'x' is not the only one of that name: left out",
        "column 3 has no header: left out",
        "column 4 'x' is not the only one of that name: left out",
    ]


def test_all_text_proposes_no_types():
    document = drafted("id,n\n1,2\n", all_text=True).document
    assert not any("type" in field for field in document["fields"])


def test_only_the_beginning_of_a_long_file_is_looked_at_and_it_says_so():
    rows = "".join(f"{n},{'x' * 100}\n" for n in range(3 * SAMPLE_ROWS))
    assert drafted(f"id,t\n{rows}").notes[0].startswith("the first 1")
    assert drafted("id,t\n1,2\n").notes[0] == "all 1 rows were looked at"


def test_a_declared_encoding_becomes_part_of_the_template():
    data = "id,name\n1,Müller\n".encode("cp1252")
    proposal = draft_template(io.BytesIO(data), "x", FileOptions(encoding="cp1252"), all_text=False, max_bytes=LIMIT)
    assert proposal.document["file"] == {"encoding": "cp1252"}


def test_a_file_without_rows_gives_nothing_to_go_by():
    with pytest.raises(FileRejected, match="no rows"):
        drafted("id,name\n")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Contacts 2026", "contacts_2026"),
        ("jobs", "file-jobs"),
        ("2026", "file-2026"),
        ("顧客", "file"),
        ("a-b_c", "a-b_c"),
    ],
)
def test_a_template_name_is_like_the_file_name(text, name):
    assert template_name(text) == name


cells = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "007", "1.50", "1.5", "1e3", "+2", " 3", "true", "no", "yes", "2026-01-31"]),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=5),
)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
def test_the_draft_takes_every_row_that_it_was_drafted_from(table):
    out = io.StringIO()
    csv.writer(out).writerows([["id", "a", "b"], *([f"k{at}", *row] for at, row in enumerate(table))])
    data = out.getvalue().encode()
    template = parse_template(drafted(data).document)
    accepted, rejects = [], []

    class Sink:
        def rows(self, batch, raw):
            accepted.extend(batch["rows"])

        def rejects(self, found):
            rejects.extend(found)

    validated(io.BytesIO(data), template, Sink(), batch_rows=99, max_bytes=LIMIT)
    assert rejects == []
    for row, cells_of_row in zip(accepted, table, strict=True):
        for field, value, cell in zip(template.fields[1:], row[3:], cells_of_row, strict=True):
            if field.type in ("string", "integer", "date"):
                assert ("" if value is None else str(value)) == cell

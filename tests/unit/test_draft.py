"""A drafted template has types only where nothing is lost, and takes every row that it was drafted from."""

import csv
import io
import json

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
        (["1,5", "x"], "string"),
        (["2026-02-28T00:00", "31.12.2026"], "string"),
        (["10:00", "23:59"], "time"),
        (["10:00:00", "23:59:59"], "time"),
        (["ann@example.com", "Bob@EXAMPLE.com"], "email"),
        (["+49 30 1234567", "+44 (20) 7123-4567"], "phone"),
        (["https://example.com/a", "HTTP://example.com"], "url"),
        (["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"], "uuid"),
        (['{"a": 1}', "[1, 2]"], "json"),
        (["12:30", "99:59"], "string"),
        (["030 1234567", "040 7654321"], "string"),
        (["f81d4fae7dec11d0a76500a0c91e6bf6"], "string"),
        (["mailto:a@b.de", "https://b.de"], "string"),
        (["[draft]"], "string"),
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
        (["10:00", "10:00:30"], "as time it would lose whether seconds were written"),
        (
            ["03/04/2026"],
            "as date '03/04/2026' in line 2 may be DD/MM/YYYY or MM/DD/YYYY: set type date and formats to",
        ),
        (["03-04-2026"], "whichever it is"),
        (["31.12.26"], "has no century: set type date and formats to"),
        (["2026-02-28 10:00", "2026-02-28 10:00:01"], "as datetime it needs zone, an IANA zone such as Europe/Berlin"),
        (["31.12.2026 10:00"], 'as datetime it needs formats ["%d.%m.%Y %H:%M"] and zone'),
        (["1/2/2026 1:00 PM"], "and zone, an IANA zone"),
        (["1,5", "2,25", "3"], "if so, set type decimal and decimal_comma"),
        ([*map(str, range(30)), "n/a"], "as integer 'n/a' in line 32 is none, but all before it are"),
    ],
)
def test_what_would_lose_something_stays_a_string_and_says_why(cells, lost):
    field_type, note = type_of(*cells)
    assert field_type == "string"
    assert lost in note


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["31.12.2026", "1.2.2026"], {"type": "date", "formats": ["%d.%m.%Y"]}),
        (["03/04/2026", "13/04/2026"], {"type": "date", "formats": ["%d/%m/%Y"]}),
        (["03/04/2026", "04/13/2026"], {"type": "date", "formats": ["%m/%d/%Y"]}),
        (["3 May 2026", "14 June 2026"], {"type": "date", "formats": ["%d %b %Y"]}),
        (["9:05 AM", "11:30 pm"], {"type": "time", "formats": ["%I:%M %p"]}),
        (["Y", "n", "N"], {"type": "boolean", "true_values": ["y"], "false_values": ["n"]}),
    ],
)
def test_the_spelling_of_a_column_is_proposed_with_its_type(cells, expected):
    out = "id,x\n" + "".join(f'k{at},"{cell}"\n' for at, cell in enumerate(cells))
    field = drafted(out).document["fields"][1]
    assert {name: value for name, value in field.items() if name not in ("name", "required")} == expected


def test_days_that_do_not_exist_are_no_dates():
    assert type_of("31/02/2026", "01/02/2026") == ("string", "")


def test_the_key_is_the_first_column_that_is_never_blank_and_never_repeats():
    proposal = drafted("a,b,c,d,e\n1,x,p,1,k\n1,,q,2,l\n")
    assert proposal.document["key"] == ["c"]
    assert any("It could also be 'd', 'e'" in note for note in proposal.notes)


def test_no_amount_date_or_json_is_proposed_as_the_key():
    proposal = drafted('total,day,data,no\n1.5,2026-01-01,{},a\n2.5,2026-01-02,"[1]",b\n')
    assert [field.get("type", "string") for field in proposal.document["fields"]] == [
        "decimal",
        "date",
        "json",
        "string",
    ]
    assert proposal.document["key"] == ["no"]


def test_a_column_without_blank_cells_is_required():
    proposal = drafted("a,b,c\n1,x,p\n2,,q\n")
    assert [field.get("required", False) for field in proposal.document["fields"]] == [True, False, True]
    assert any(note.startswith("required, because never blank here: 'a', 'c'") for note in proposal.notes)


def test_few_texts_that_come_again_and_again_may_be_an_enum():
    rows = "".join(f"{n},{'open' if n % 3 else 'paid'},{n % 3},t{n % 15}\n" for n in range(60))
    notes = [note for note in drafted(f"id,state,n,t\n{rows}").notes if "enum" in note]
    assert notes == [
        'column 2 \'state\' has only 2 different values: if no others may come, set "enum": ["open", "paid"]'
    ]


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
    st.datetimes().map(lambda at: at.strftime("%d/%m/%Y")),
    st.sampled_from(["y", "n", "13/04/2026", "3 May 2026", "+49 30 123456", "a@b.de", "{}", "10:00", "http://a.de/"]),
    st.uuids().map(str),
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
            accepted.extend(batch.rows)

        def rejects(self, found):
            rejects.extend(found)

    validated(io.BytesIO(data), template, Sink(), batch_rows=99, max_bytes=LIMIT)
    assert rejects == []
    for row, cells_of_row in zip(accepted, table, strict=True):
        for field, value, cell in zip(template.fields[1:], row[3:], cells_of_row, strict=True):
            if field.type in ("string", "integer", "date") and not field.formats:
                assert ("" if value is None else str(value)) == cell


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    cells,
    st.text("a.b", max_size=3),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b.c"]), inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(st.dictionaries(st.sampled_from(["x", "y", "z", "x.a"]), values), min_size=2, max_size=6))
def test_the_draft_of_json_takes_every_record_that_it_was_drafted_from(records):
    data = "".join(json.dumps({"id": f"k{at}"} | record) + "\n" for at, record in enumerate(records)).encode()
    template = parse_template(drafted(data).document)
    rejects = []

    class Sink:
        def rows(self, batch, raw):
            pass

        def rejects(self, found):
            rejects.extend(found)

    validated(io.BytesIO(data), template, Sink(), batch_rows=99, max_bytes=LIMIT)
    assert rejects == []


def test_what_is_nested_in_one_record_of_json_is_json():
    data = '{"id": "a", "v": 1}\n{"id": "b", "v": {"w": 2}}\n{"id": "c", "v": "x"}\n'
    fields = {field["name"]: field.get("type", "string") for field in drafted(data).document["fields"]}
    assert fields == {"id": "string", "v": "json"}

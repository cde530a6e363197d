"""The CSV reader: exact on sound files, and damage costs only the line where it is."""

import json
from pathlib import Path

import pytest
from csv_reading import filled, notices, plan, read, written
from hypothesis import example, given, settings
from hypothesis import strategies as st

from longshore.domain.catalogue.row_errors import RAW_LIMIT
from longshore.errors import FileRejected
from longshore.readers.csv import record_search
from longshore.readers.csv.lines import MAX_RECORD_CHARS

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
CELL = st.text(
    st.sampled_from("ab ,;\t|\"'\r\né€😀\u2028\x0b\x1c\x85") | st.characters(codec="utf-8", exclude_characters="\0")
)


tables = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1))


DELIMITERS = [",", ";", "\t", "|", ":", " ", "^", "~", "\x1e", "\x1f"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"]


@settings(max_examples=400)
@given(
    tables,
    st.sampled_from(DELIMITERS),
    st.sampled_from(['"', "'", "`", ""]),
    st.sampled_from(["", "\\"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.sampled_from(ENCODINGS),
    st.integers(1, 40),
)
@example([["\\", "a"]], ",", "", "\\", "\n", False, "utf-8", 1)
@example([["a\r\n", "\r\n"]], ",", "", "\\", "\r\n", False, "utf-8", 3)
def test_any_table_in_any_dialect_reads_back_equal(table, delimiter, quote, escape, end, quote_all, encoding, block):
    """Without quotes and escapes nothing can hold a delimiter or a line end: such characters are left out."""
    if not quote and not escape:
        table = [["".join(c for c in cell if c not in {delimiter, "\r", "\n"}) for cell in row] for row in table]
    data = written(table, delimiter, end, quote, escape, quote_all).encode(encoding)
    whole, broken = read(data, plan(len(table[0]), delimiter, encoding, quote, escape=escape), block)
    assert [cells for _, _, cells, _ in whole] == filled(table)
    assert broken == []
    assert [row for row, *_ in whole] == list(range(1, len(filled(table)) + 1))


@settings(max_examples=200)
@given(
    st.text(st.sampled_from('ab,"\\\n\r\0é'), max_size=60).map(str.encode) | st.binary(max_size=60), st.integers(1, 20)
)
def test_what_is_read_does_not_depend_on_where_blocks_end(data, block):
    for width in (1, 2):
        assert outcome(data, plan(width), block) == outcome(data, plan(width))
    for more in ({"extra_cells": "keep"}, {"escape": "\\"}, {"footer_rows": 2}, {"quote": ""}):
        assert outcome(data, plan(2, **more), block) == outcome(data, plan(2, **more))


def outcome(data, a_plan, block=1 << 20):
    try:
        return read(data, a_plan, block)
    except FileRejected as refusal:
        return str(refusal)


plain_row = st.lists(st.text("abé \x0b", max_size=4), min_size=3, max_size=3)
telling_cell = st.text("ab", min_size=1, max_size=1).flatmap(
    lambda a: st.text('ab,"\n', max_size=4).map(lambda b: a + b)
)
quoted_row = st.lists(telling_cell, min_size=3, max_size=3)


@settings(max_examples=300)
@given(
    st.lists(quoted_row, max_size=4),
    plain_row,
    st.lists(quoted_row, max_size=4),
    st.text('a"x,\0\udcff', min_size=1),
    st.data(),
)
def test_one_damaged_line_leaves_all_other_rows_unharmed(before, victim, after, dirt, data):
    """A row that itself begins like the end of a quoted cell is beyond what quotes and width can tell."""
    line = written([victim])
    at = data.draw(st.integers(0, len(line) - 1))
    text = written(before) + line[:at] + dirt + line[at:] + written(after)
    damaged = text.encode("utf-8", "surrogateescape")
    whole, broken = read(damaged, plan(3))
    cells = [cells for _, _, cells, _ in whole]
    assert cells[: len(before)] == before
    assert cells[len(cells) - len(after) :] == after
    blank = sum(count for _, _, count in notices(damaged, plan(3)))
    assert len(whole) + len(broken) + blank == len(before) + 1 + len(after)


def test_pieces_of_two_records_are_never_joined_by_a_bare_quote():
    whole, broken = read(b'"","a","a"a\n"\n"",",",",a"\n', plan(3))
    assert [cells for _, _, cells, _ in whole] == [["", ",", ",a"]]
    assert [line for _, line, *_ in broken] == [1, 2]


def test_line_numbers_and_raw_text_are_those_of_the_file():
    text = 'a,b\r\n\r\n1,"x\r\ny"\r\n\n2,z\r3,"q""q"'
    whole, broken = read(text.encode(), plan(2))
    assert whole == [
        (1, 1, ["a", "b"], "a,b"),
        (2, 3, ["1", "x\r\ny"], '1,"x\r\ny"'),
        (3, 6, ["2", "z"], "2,z"),
        (4, 7, ["3", 'q"q'], '3,"q""q"'),
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('2,"unclosed', "BROKEN_QUOTES"),
        ('2,"a"b', "BROKEN_QUOTES"),
        ("2", "TOO_FEW_CELLS"),
        ("2,b,c", "TOO_MANY_CELLS"),
        ("2,\0", "NUL_CHARACTER"),
        ("2," + "x" * MAX_RECORD_CHARS, "RECORD_TOO_LONG"),
    ],
)
def test_a_broken_record_costs_its_first_line_only(line, code):
    text = "1,a\n" + line + "\n" + "".join(f"{n},b\n" for n in range(3, 2000))
    whole, broken = read(text.encode(), plan(2))
    assert broken == [(2, 2, code, line[:RAW_LIMIT])]
    assert [(row, number, cells) for row, number, cells, _ in whole] == [
        (1, 1, ["1", "a"]),
        *((n, n, [str(n), "b"]) for n in range(3, 2000)),
    ]


def test_a_quote_inside_an_unquoted_cell_is_an_ordinary_character():
    whole, broken = read(b'1,5" pipe\n2,6"\n', plan(2))
    assert [cells for _, _, cells, _ in whole] == [["1", '5" pipe'], ["2", '6"']]
    assert broken == []


def test_the_end_of_a_broken_record_is_no_row_of_its_own():
    whole, broken = read(b'1,"b\nc"d,e\n2,f\n', plan(2))
    assert [cells for _, _, cells, _ in whole] == [["2", "f"]]
    assert [(line, code) for _, line, code, _ in broken] == [(1, "BROKEN_QUOTES"), (2, "BROKEN_QUOTES")]


def test_the_search_for_closing_quotes_is_bounded_in_all(monkeypatch):
    """From every line on a quote is open to the end of the file: searching from each would be quadratic."""
    given_lines = []

    class CountingFeed(record_search.Feed):
        def __next__(self):
            given_lines.append(1)
            return super().__next__()

    monkeypatch.setattr(record_search, "Feed", CountingFeed)
    monkeypatch.setattr(record_search, "LOOKAHEAD_CHARS", 10_000)
    lines = 3000
    _, broken = read(b'x",some text,"\n' * lines, plan(2))
    assert len(broken) == lines
    assert len(given_lines) < lines * (record_search.LOOKAHEAD_EARNED + 3)


def test_a_long_quoted_cell_over_many_blocks_is_read_whole():
    cell = "line of text\r\n" * 50_000
    whole, broken = read(written([["1", cell], ["2", "b"]]).encode(), plan(2), block=1 << 16)
    assert [cells for _, _, cells, _ in whole] == [["1", cell], ["2", "b"]]
    assert broken == []


@pytest.mark.parametrize(
    ("data", "encoding", "line", "byte"),
    [
        ("a,b\n1,x\n".encode("utf-16-le") + b"\x00\xdc\n\0", "utf-16-le", 3, 16),
        ("a,b\r\n1,".encode("utf-16") + b"x", "utf-16", 2, 16),
        (b"a,b\n1,\x1b$B\xff\n", "iso2022_jp", 2, 9),
    ],
)
@pytest.mark.parametrize("block", [1, 5, 1000])
def test_a_file_is_refused_where_nothing_behind_wrong_bytes_can_be_trusted(data, encoding, line, byte, block):
    with pytest.raises(FileRejected) as refusal:
        read(data, plan(2, encoding=encoding), block)
    assert refusal.value.code == "WRONG_ENCODING"
    assert (refusal.value.detail["line"], refusal.value.detail["byte"]) == (line, byte)


def corpus(name):
    path = CORPORA / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


ELSEWHERE = {
    "location_coordinates.csv": "the expectation has another phone number than the input",
    "term_weird": "needs a line end of its own (the dialect was lost)",
    "delimiter_tabs": "the expectation is that of several inputs",
    "Bad delimiter (\\n)": "a line end is no delimiter: templates that declare one are refused",
}
DIALECTS = {"quote_change": {"quote": "z"}}
"""Dialects that were lost on the way."""


@pytest.mark.parametrize("case", corpus("csv_small_cases.json"), ids=lambda case: f"{case['set']}-{case['name']}")
def test_small_cases_of_other_parsers(case):
    """Where expectations differ: a blank line is no row (papaparse keeps it), nor is a record of nothing but blank
    cells (a warning counts them), a record of another width than the first is reported (some keep ragged rows), and of
    a malformed record no guess is delivered, only a report."""
    if case["name"] in ELSEWHERE:
        pytest.skip(ELSEWHERE[case["name"]])
    a_plan = plan(
        len(case["rows"][0]) if case["rows"] else 1,
        case["config"].get("delimiter", ","),
        **DIALECTS.get(case["name"], {}),
    )
    whole, broken = read(case["input"].encode(), a_plan)
    if case["malformed"]:
        assert broken[0][1] == 1
        assert all(cells in case["rows"] for _, _, cells, _ in whole)
        return
    rows = filled(case["rows"][:1] if case["name"] == "quote_change" else case["rows"])
    assert [cells for _, _, cells, _ in whole] == [row for row in rows if len(row) == a_plan.width]
    assert len(broken) == sum(len(row) != a_plan.width for row in rows)


BARE_QUOTES = {"BadDoubleQuotes", "BadBareQuote", "BadTrailingQuote"}


@pytest.mark.parametrize("case", corpus("go_csv_errors.json"), ids=lambda case: case["name"])
def test_errors_that_go_reports_are_reported_at_the_same_line(case):
    """Go also refuses quotes inside an unquoted cell; Longshore takes them as they stand: inches are written so."""
    width = case["input"].split("\n")[0].count(",") + 1
    whole, broken = read(case["input"].encode(), plan(width))
    if case["name"] in BARE_QUOTES:
        assert broken == []
        assert len(whole) == 1
    else:
        assert broken[0][1] == case["start_line"]

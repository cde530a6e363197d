"""The CSV reader: exact on sound files, and damage costs only the line where it is."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.parse_plan import Column, ParsePlan
from longshore.domain.row_errors import RAW_LIMIT
from longshore.errors import FileRejected
from longshore.readers import records
from longshore.readers.csv_reader import read_rows
from longshore.readers.lines import MAX_RECORD_CHARS

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
CELL = st.text(
    st.sampled_from("ab ,;\t|\"'\r\né€😀\u2028\x0b\x1c\x85") | st.characters(codec="utf-8", exclude_characters="\0")
)


def plan(width, delimiter=",", encoding="utf-8"):
    columns = tuple(Column(n, f"c{n}", f"c{n}", "exact") for n in range(1, width + 1))
    return ParsePlan("csv", encoding, False, delimiter, '"', 1, 1, columns)


class Trickle(io.BytesIO):
    """Gives a few bytes at a time, so that blocks end anywhere."""

    def __init__(self, data, size):
        super().__init__(data)
        self.block = size

    def read(self, size=-1, /):
        return super().read(self.block)


def read(data, a_plan, block=1 << 20):
    chunks = list(read_rows(Trickle(data, block), a_plan))
    whole = [(r, n, list(c), t) for k in chunks for r, n, c, t in zip(k.rows, k.lines, k.cells, k.raw, strict=True)]
    broken = [(b.row, b.line, b.code, b.raw) for k in chunks for b in k.broken]
    return whole, broken


def written(table, delimiter=",", end="\n", quote_all=True):
    """Write a table as RFC 4180 says; csv.writer of Python 3.11 leaves a lone CR unquoted."""

    def cell(text):
        bare = not quote_all and text and not set(text) & {delimiter, '"', "\r", "\n"}
        return text if bare else '"' + text.replace('"', '""') + '"'

    return "".join(delimiter.join(map(cell, row)) + end for row in table)


tables = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1))


@settings(max_examples=200)
@given(
    tables,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.integers(1, 40),
)
def test_any_table_in_any_dialect_reads_back_equal(table, delimiter, end, quote_all, block):
    text = written(table, delimiter, end, quote_all)
    whole, broken = read(text.encode(), plan(len(table[0]), delimiter), block)
    assert [cells for _, _, cells, _ in whole] == table
    assert broken == []
    assert [row for row, *_ in whole] == list(range(1, len(table) + 1))


@settings(max_examples=200)
@given(
    st.text(st.sampled_from('ab,"\n\r\0é'), max_size=60).map(str.encode) | st.binary(max_size=60), st.integers(1, 20)
)
def test_what_is_read_does_not_depend_on_where_blocks_end(data, block):
    for width in (1, 2):
        assert outcome(data, plan(width), block) == outcome(data, plan(width))


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
    st.text('a"x,', min_size=1),
    st.data(),
)
def test_one_damaged_line_leaves_all_other_rows_unharmed(before, victim, after, dirt, data):
    """A row that itself begins like the end of a quoted cell is beyond what quotes and width can tell."""
    line = written([victim])
    at = data.draw(st.integers(0, len(line) - 1))
    text = written(before) + line[:at] + dirt + line[at:] + written(after)
    whole, broken = read(text.encode(), plan(3))
    cells = [cells for _, _, cells, _ in whole]
    assert cells[: len(before)] == before
    assert cells[len(cells) - len(after) :] == after
    assert len(whole) + len(broken) == len(before) + 1 + len(after)


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

    class CountingFeed(records.Feed):
        def __next__(self):
            given_lines.append(1)
            return super().__next__()

    monkeypatch.setattr(records, "Feed", CountingFeed)
    monkeypatch.setattr(records, "LOOKAHEAD_CHARS", 10_000)
    lines = 3000
    _, broken = read(b'x",some text,"\n' * lines, plan(2))
    assert len(broken) == lines
    assert len(given_lines) < lines * (records.LOOKAHEAD_EARNED + 3)


def test_a_long_quoted_cell_over_many_blocks_is_read_whole():
    cell = "line of text\r\n" * 50_000
    whole, broken = read(written([["1", cell], ["2", "b"]]).encode(), plan(2), block=1 << 16)
    assert [cells for _, _, cells, _ in whole] == [["1", cell], ["2", "b"]]
    assert broken == []


@pytest.mark.parametrize(
    ("data", "encoding", "line", "byte"),
    [
        (b"a,b\n1,\xff\n", "utf-8", 2, 6),
        (b"a,b\r\n1,x\r\n2,\xe2\x82", "utf-8", 3, 12),
        (b"\xef\xbb\xbfa,b\n1,\xe9t\xe9\n", "utf-8-sig", 2, 9),
        (b"a,b\n1,\x81\n", "cp1252", 2, 6),
    ],
)
@pytest.mark.parametrize("block", [1, 5, 1000])
def test_wrong_bytes_are_refused_with_line_and_byte(data, encoding, line, byte, block):
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
    "quote_change": "needs another quote character (the dialect was lost)",
    "delimiter_tabs": "the expectation is that of several inputs",
}


@pytest.mark.parametrize("case", corpus("csv_small_cases.json"), ids=lambda case: f"{case['set']}-{case['name']}")
def test_small_cases_of_other_parsers(case):
    """Where expectations differ: a blank line is no row (papaparse keeps it), a record of another width than the first
    is reported (some keep ragged rows), and of a malformed record no guess is delivered, only a report."""
    delimiter = case["config"].get("delimiter", ",")
    if case["name"] in ELSEWHERE or delimiter not in (",", ";", "\t", "|"):
        pytest.skip(ELSEWHERE.get(case["name"], f"{delimiter!r} is no delimiter that templates can declare"))
    width = len(case["rows"][0]) if case["rows"] else 1
    rows = [row for row in case["rows"] if row != [""] or '""' in case["input"]]
    whole, broken = read(case["input"].encode(), plan(width, delimiter))
    if case["malformed"]:
        assert broken[0][1] == 1
        assert all(cells in case["rows"] for _, _, cells, _ in whole)
    else:
        assert [cells for _, _, cells, _ in whole] == [row for row in rows if len(row) == width]
        assert len(broken) == sum(len(row) != width for row in rows)


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

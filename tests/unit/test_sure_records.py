"""Records read in few steps are those that the careful search finds, with the same lines and texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.catalogue.row_errors import RAW_LIMIT
from longshore.readers.csv.dialect import Syntax
from longshore.readers.csv.raw_lines import LineIndex, RawLines
from longshore.readers.csv.records import RecordReader
from longshore.readers.csv.sure_records import SureReader

WIDTH = 3
PIECES = ('"', '""', ",", "\n", "\r\n", "\r", "a", "b b", "é", '"x\ny"', '"x, ""y"""', "1,2,3\n", '"1","2","3"\r\n')
TABLES = st.lists(st.lists(st.sampled_from(["", "a", 'q"q', "l\nf", "c\r\nf", "d,d"]), min_size=3, max_size=3))


class Careful(RecordReader):
    """Takes nothing for sure."""

    def _sure(self, text, final):
        return None


def read(reader, blocks):
    chunks = [reader.feed(block, final=at == len(blocks) - 1) for at, block in enumerate(blocks)]
    rows = [
        row for chunk in chunks for row in zip(chunk.rows, chunk.lines, map(tuple, chunk.cells), chunk.raw, strict=True)
    ]
    blank = sum(notice.data["count"] for chunk in chunks for notice in chunk.notices)
    return rows, [broken for chunk in chunks for broken in chunk.broken], blank


def as_text(table, quoted=(), end="\r\n"):
    """Write a table; the `quoted` columns are quoted even where they need not be."""

    def cell(at, text):
        return f'"{text.replace(chr(34), chr(34) * 2)}"' if at in quoted or set(text) & set('"\r\n,') else text

    return "".join(",".join(cell(at, text) for at, text in enumerate(row)) + end for row in table)


def sure(text, width=WIDTH, delimiter=",", line=1):
    return SureReader(delimiter, '"', width).read(text, line)


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), min_size=1, max_size=3), st.integers(1, 4))
def test_any_text_reads_the_same(texts, width):
    """Blocks are whole lines, as LineDecoder gives them."""
    blocks = [text + "\n" for text in texts]
    syntax = Syntax(",")
    assert read(RecordReader(syntax, width, 2), blocks) == read(Careful(syntax, width, 2), blocks)


@given(TABLES.filter(bool), st.sets(st.sampled_from(range(WIDTH))), st.sampled_from(["\n", "\r\n"]))
def test_sound_tables_are_sure(table, quoted, end):
    text = as_text(table, quoted, end)
    found = sure(text, line=7)
    assert found is not None
    assert list(map(list, zip(*found.columns, strict=True))) == table
    assert found.stop == text.count("\n")
    texts = [as_text([row], quoted, "") for row in table]
    assert list(found.at_lines) == [7 + "\n".join([*texts[:at], ""]).count("\n") for at in range(len(table))]
    assert list(found.raw) == [found.raw[at] for at in range(len(table))] == list(found.raw[:]) == texts
    assert found.longest >= max(map(len, texts))


@given(st.lists(TABLES.filter(bool), min_size=1), st.lists(st.sets(st.sampled_from(range(WIDTH))), min_size=1))
def test_which_columns_are_quoted_may_change(tables, quoted):
    reader = SureReader(",", '"', WIDTH)
    for at, table in enumerate(tables):
        found = reader.read(as_text(table, quoted[at % len(quoted)]), 1)
        assert found is not None
        assert list(map(list, zip(*found.columns, strict=True))) == table


def test_line_ends_may_be_of_both_kinds():
    found = sure("1,2,3\r\n4,5,6\n7,8,9")
    assert found is not None
    assert found.columns == [["1", "4", "7"], ["2", "5", "8"], ["3", "6", "9"]]
    assert list(found.raw) == ["1,2,3", "4,5,6", "7,8,9"]


def test_an_open_record_is_the_rest():
    found = sure('1,2,3\n"4","5","6\n7\n')
    assert found is not None
    assert (list(found.raw), found.stop, found.rest) == (["1,2,3"], 1, '"4","5","6\n7\n')


@pytest.mark.parametrize(
    "text",
    [
        'a,5" pipe,c\n',
        'a,"b"c,d\n',
        'a, "b",c\n',
        "a,b\n",
        "a,b,c,d\n",
        "a,b\na,b,c,d\n",
        "a,b\nc,d,e\nf,g,h,i\n",
        "a,b,c\n\na,b,c\n",
        "a,b,c\ra,b,c\n",
        'a,b,c"\nd,e,f"\n',
        '"a\rb",c,d\n',
        '"a","b","c"\n"d","e"\n',
        '"a","b","c"\n"d","e","f","g"\n',
        '"a","b","c"\n"d","e"""",f"\n',
    ],
)
def test_what_may_be_something_else_is_not_sure(text):
    assert sure(text) is None


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=9), min_size=1), st.sampled_from([1, 600]))
def test_lines_are_found_by_their_number(lines, times):
    """Lines of many lengths: some have several of the windows that are counted, and some windows have many lines."""
    lines = [line * (times if at % 3 else 1) for at, line in enumerate(lines)]
    index = LineIndex("".join(f"{line}\r\n" for line in lines))
    raw = RawLines(index, range(len(lines)))
    assert index.size == len(raw) == len(lines)
    assert [raw[at] for at in range(len(lines))] == [line[:RAW_LIMIT] for line in lines] == list(raw)
    assert raw[-1] == lines[-1][:RAW_LIMIT]
    assert index.longest >= max(map(len, lines))
    ends = [index.begin(at) for at in range(len(lines) + 1)]
    assert all(index.reach(a, b) >= ends[b] - ends[a] for b in range(len(ends)) for a in range(b))


@given(
    st.lists(st.sampled_from(["", "a", "b" * 700, "c" * 5000]), min_size=1, max_size=9), st.lists(st.integers(0, 9999))
)
def test_lines_are_found_in_any_order(kinds, asked):
    lines = [f"{kind}{number}" for number in range(300) for kind in kinds]
    raw = RawLines(LineIndex("".join(f"{line}\n" for line in lines)), range(len(lines)))
    wanted = [at % len(lines) for at in asked]
    assert [raw[at] for at in wanted] == [lines[at][:RAW_LIMIT] for at in wanted]


def test_long_records_of_many_lines_are_not_thought_short():
    cell = "x" * 3000
    records = [f'1,"{f"{cell}{end}" * lines}",3' for lines in (2, 9, 40) for end in ("\n", "\r\n")]
    found = sure("".join(f"{record}\na,b,c\n" for record in records))
    assert found is not None
    assert max(map(len, records)) <= found.longest <= 2 * max(map(len, records))


def test_there_is_no_record_beyond_the_last():
    with pytest.raises(IndexError):
        RawLines(LineIndex("a\n"), range(1))[1]

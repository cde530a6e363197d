"""Records read in few steps are those that the careful search finds, with the same lines and texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.readers.csv.dialect import Syntax
from longshore.readers.csv.records import RecordReader
from longshore.readers.csv.sure_records import sure_records

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
    return rows, [broken for chunk in chunks for broken in chunk.broken], [n for chunk in chunks for n in chunk.notices]


def as_text(table):
    cells = [
        [f'"{cell.replace(chr(34), chr(34) * 2)}"' if set(cell) & set('"\r\n,') else cell for cell in row]
        for row in table
    ]
    return "".join(",".join(row) + "\r\n" for row in cells)


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), min_size=1, max_size=3))
def test_any_text_reads_the_same(texts):
    """Blocks are whole lines, as LineDecoder gives them."""
    blocks = [text + "\n" for text in texts]
    syntax = Syntax(",")
    assert read(RecordReader(syntax, WIDTH, 2), blocks) == read(Careful(syntax, WIDTH, 2), blocks)


@given(TABLES.filter(bool))
def test_sound_tables_are_sure(table):
    found = sure_records(as_text(table), ",", '"', WIDTH)
    assert found is not None
    assert list(map(list, zip(*found.columns, strict=True))) == table
    assert found.stop == as_text(table).count("\n")


def test_an_open_record_is_the_rest():
    found = sure_records('1,2,3\n"4","5","6\n7\n', ",", '"', WIDTH)
    assert found is not None
    assert (found.texts, found.stop, found.rest) == (["1,2,3"], 1, '"4","5","6\n7\n')


@pytest.mark.parametrize(
    "text",
    [
        'a,5" pipe,c\n',
        'a,"b"c,d\n',
        'a, "b",c\n',
        "a,b\n",
        "a,b,c,d\n",
        "a,b,c\n\na,b,c\n",
        "a,b,c\ra,b,c\n",
        'a,b,c"\nd,e,f"\n',
    ],
)
def test_what_may_be_something_else_is_not_sure(text):
    assert sure_records(text, ",", '"', WIDTH) is None

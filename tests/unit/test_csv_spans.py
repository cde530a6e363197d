"""The span of a chunk, read again by itself, gives the chunk's records; so does a range of adjacent spans."""

from dataclasses import replace
from itertools import pairwise

import pytest
from csv_reading import Trickle, chunks, plan
from hypothesis import assume, given
from hypothesis import strategies as st

from longshore.domain.chunk import Span
from longshore.domain.parse_plan import Column
from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.csv.spans import read_span
from longshore.readers.encoding import is_bytewise

WIDTH = 3
RECORDS = (
    "1,2,3",
    "é,b b,",
    '"q","x, ""y""",z',
    '"several\nlines","of\r\none",record',
    ",,",
    "",
    "too,few",
    "one,too,many,cells",
    'a,5" pipe,c',
    'open,"quote,c',
    '"b"c,d,e',
    "\ufeffa,b,c",
    "漢,字,\U0001f600",
    "nul,\0,x",
    'a,"' + "x" * 40 + '",c',
    '"',
    "a\\,b,c,d",
)
SOUND = RECORDS[:6]
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
BLOCKS = st.integers(min_value=1, max_value=90)


def texts(records):
    """Records with line ends, which may all be of one kind."""
    line = st.tuples(st.sampled_from(records), ENDS).map("".join)
    mixed = st.lists(line, max_size=25).map("".join)
    alike = st.tuples(st.lists(st.sampled_from(records), max_size=25), ENDS).map(lambda t: t[1].join(t[0]) + t[1])
    return mixed | alike | alike.map(str.rstrip)


def records_of(found):
    rows = (
        [row for k in found for row in zip(k.rows, k.lines, map(tuple, k.cells), k.raw, strict=True)],
        [broken for k in found for broken in k.broken],
    )
    blank = sum(notice.data["count"] for k in found for notice in k.notices if notice.code == "BLANK_ROWS")
    extra = [(k.rows[at], cells) for k in found for at, cells in sorted(k.extra.items())]
    return rows, blank, extra


def over(found):
    """The span from the first to the last of some chunks."""
    first, last = found[0].span, found[-1].span
    return Span(first.offset, last.offset + last.length - first.offset, first.first_line, first.first_row)


def again(data, a_plan, span, block):
    return list(read_span(Trickle(data[span.offset : span.offset + span.length], block), a_plan, span))


@given(
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    st.sampled_from(["", "a,b,c\n", "title\r\n\r\na,b,c\r\n"]),
    texts(RECORDS),
    st.sampled_from(["reject", "keep"]),
    st.sampled_from(["", "\\"]),
    BLOCKS,
    BLOCKS,
)
def test_a_span_has_the_records_of_its_chunk(encoding, head, text, extra_cells, escape, block, other_block):
    data = (head + text).encode(encoding, "replace")
    lines = head.count("\n")
    a_plan = replace(plan(WIDTH, encoding=encoding, extra_cells=extra_cells, escape=escape), data_line=lines + 1)
    found = [k for k in chunks(data, a_plan, block) if "SKIPPED_LINES" not in [n.code for n in k.notices]]
    placed = [chunk for chunk in found if chunk.span]
    for chunk in placed:
        assert records_of(again(data, a_plan, chunk.span, other_block)) == records_of([chunk])
    for at, chunk in enumerate(found):
        run = found[at : at + 4]
        if all(chunk.span for chunk in run):
            assert records_of(again(data, a_plan, over(run), other_block)) == records_of(run)


@given(texts(SOUND), BLOCKS, st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
def test_sound_records_all_have_spans_side_by_side(text, block, encoding):
    data = text.encode(encoding)
    found = chunks(data, plan(WIDTH, encoding=encoding), block)
    assume(found)
    spans = [chunk.span for chunk in found]
    assert None not in spans
    assert all(one.offset + one.length == next_one.offset for one, next_one in pairwise(spans))
    assert spans[0].offset == (3 if encoding == "utf-8-sig" else 0)
    assert spans[-1].offset + spans[-1].length == len(data) or not text.rstrip("\r\n").endswith(text[-1:])


def test_after_lookahead_in_vain_spans_come_back():
    data = b'1,"2,3\n' + b"a,b,c\n" * 2000
    found = chunks(data, plan(WIDTH), block=500)
    assert found[0].broken
    assert found[0].span is None or records_of(again(data, plan(WIDTH), found[0].span, 99)) == records_of([found[0]])
    assert found[-1].span


@pytest.mark.parametrize("more", [{"compression": "gzip"}, {"member": "a.csv"}])
def test_there_are_none_in_what_is_packed(more):
    assert [chunk.span for chunk in chunks(b"1,2,3\n", plan(WIDTH, **more))] == [None]


def test_there_are_none_of_a_report():
    a_plan = plan(WIDTH)
    a_plan = replace(a_plan, columns=(*a_plan.columns[:2], Column(3, "longshore_row_id", None, "report")))
    assert [chunk.span for chunk in chunks(b"1,2,3\n", a_plan)] == [None]


def test_there_are_none_where_bytes_cannot_be_counted():
    for encoding in ("utf-16", "shift_jis", "gb18030", "iso2022_jp"):
        data = "1,2,3\nあ,b,c\n".encode(encoding)
        assert [chunk.span for chunk in chunks(data, plan(WIDTH, encoding=encoding))] == [None]
    assert [chunk.span for chunk in chunks(b"1,2,3\n\xff,b,c\n", plan(WIDTH))] == [None]


def test_there_are_none_after_a_line_of_which_only_a_part_is_kept():
    data = b"a" * 2 * MAX_RECORD_CHARS + b"\n1,2,3\n"
    assert all(chunk.span is None for chunk in chunks(data, plan(WIDTH), 1 << 16))


def test_a_chunk_of_which_the_footer_is_left_out_has_none():
    found = chunks(b"1,2,3\na,b,c\nd,e,f\nsum,,6\n", plan(WIDTH, footer_rows=1), 14)
    assert [(list(chunk.rows), chunk.span) for chunk in found if chunk.rows] == [
        ([1, 2], Span(0, 12, 1, 1)),
        ([3], None),
    ]


def test_encodings_whose_characters_are_known_to_have_so_many_bytes():
    assert all(map(is_bytewise, ("utf-8", "utf-8-sig", "ascii", "latin-1", "cp1252", "cp1251", "koi8-r", "mac-roman")))
    assert not any(map(is_bytewise, ("utf-16", "utf-16-le", "utf-7", "gbk", "big5", "shift_jis", "iso2022_jp", "hz")))

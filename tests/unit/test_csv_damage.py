"""Polluted CSV of every kind: damage costs the records that it stands in, and each of them is reported."""

import random

import pytest
from csv_reading import chunks, notices, plan, read, written
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.catalogue.row_errors import ROW_ERRORS
from longshore.errors import FileRejected
from longshore.readers.csv.lines import MAX_RECORD_CHARS


def damaged(text):
    return text.encode("utf-8", "surrogateescape")


def cells_of(whole):
    return [cells for _, _, cells, _ in whole]


def codes(broken):
    return [(line, code) for _, line, code, _ in broken]


def test_line_ends_may_be_mixed():
    whole, broken = read(b'1,a\r\n2,b\n3,c\r4,"d\ne"\r\n\n\r\r\n5,f', plan(2))
    assert cells_of(whole) == [["1", "a"], ["2", "b"], ["3", "c"], ["4", "d\ne"], ["5", "f"]]
    assert [line for _, line, *_ in whole] == [1, 2, 3, 4, 9]
    assert broken == []


def test_only_line_feeds_and_carriage_returns_end_a_line():
    text = "1,a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i\n2,z\n"
    assert cells_of(read(text.encode(), plan(2))[0]) == [["1", text[2:-5]], ["2", "z"]]


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_wrong_bytes_cost_the_records_that_they_stand_in(block):
    data = b'1,a\n2,M\xfcller\n3,"x\n\xe2\x82y"\n4,\xc3\xa9\n5,\xe9'
    whole, broken = read(data, plan(2), block)
    assert cells_of(whole) == [["1", "a"], ["4", "é"]]
    assert broken == [
        (2, 2, "WRONG_BYTES", "2,M\ufffdller"),
        (3, 3, "WRONG_BYTES", '3,"x'),
        (4, 4, "WRONG_BYTES", '\ufffd\ufffdy"'),
        (6, 6, "WRONG_BYTES", "5,\ufffd"),
    ]
    first = next(b for chunk in chunks(data, plan(2), block) for b in chunk.broken)
    assert "the bytes fc are not" in ROW_ERRORS[first.code].message.format(**first.data)


def test_damage_is_found_in_encodings_of_one_byte_and_of_several():
    assert codes(read(b"1,a\n2,\x81\n3,c\n", plan(2, encoding="cp1252"))[1]) == [(2, "WRONG_BYTES")]
    assert codes(read(b"1,a\n2,\x81\xff\n3,c\n", plan(2, encoding="shift_jis"))[1]) == [(2, "WRONG_BYTES")]
    assert codes(read(b"\xef\xbb\xbf\xff,a\n2,b\n", plan(2, encoding="utf-8-sig"))[1]) == [(1, "WRONG_BYTES")]


def test_a_byte_order_mark_in_the_middle_is_a_character_like_any_other():
    """Files that were joined have one; it is kept, because nothing is altered in silence."""
    assert cells_of(read("1,a\n\ufeff2,b\n".encode(), plan(2))[0]) == [["1", "a"], ["\ufeff2", "b"]]


def test_a_line_without_end_is_one_broken_record():
    whole, broken = read(b"1,a\n2," + b"x" * (3 * MAX_RECORD_CHARS) + b"\n3,c\n", plan(2), block=1 << 16)
    assert cells_of(whole) == [["1", "a"], ["3", "c"]]
    assert codes(broken) == [(2, "RECORD_TOO_LONG")]


def test_the_longest_record_is_read():
    cell = "x" * (MAX_RECORD_CHARS - 2)
    assert cells_of(read(f"1,{cell}\n2,b\n".encode(), plan(2), block=1 << 16)[0]) == [["1", cell], ["2", "b"]]
    assert codes(read(f"11,{cell}\n2,b\n".encode(), plan(2), block=1 << 16)[1]) == [(1, "RECORD_TOO_LONG")]


def test_one_cell_a_line_is_too_few_on_every_line():
    whole, broken = read(b"1\na\n2\nb\n", plan(2))
    assert whole == []
    assert codes(broken) == [(n, "TOO_FEW_CELLS") for n in range(1, 5)]


def test_ragged_rows_are_reported_each():
    whole, broken = read(b'1,a\n2\n3,c,d\n"4",e,"f"\n5,"g"\n', plan(2))
    assert cells_of(whole) == [["1", "a"], ["5", "g"]]
    assert codes(broken) == [(2, "TOO_FEW_CELLS"), (3, "TOO_MANY_CELLS"), (4, "TOO_MANY_CELLS")]


def test_records_of_nothing_but_blank_cells_are_no_rows():
    data = b'1,a\n,\n,,,,\n\n"",""\n" "\n2,b\n'
    whole, broken = read(data, plan(2))
    assert [(row, line) for row, line, *_ in whole] == [(1, 1), (2, 7)]
    assert codes(broken) == []
    assert cells_of(read(b"1,a\n , \n2,b\n", plan(2))[0])[1] == [" ", " "], "what was written there is kept"
    assert notices(data, plan(2)) == [("BLANK_ROWS", 2, 4)]


def test_extra_cells_are_ignored_or_kept():
    data = b'1,a,x,,"y"\n2,b\n3,c,\n4\n"5",d,z\n'
    whole, broken = read(data, plan(2, extra_cells="ignore"))
    assert cells_of(whole) == [["1", "a"], ["2", "b"], ["3", "c"], ["5", "d"]]
    assert codes(broken) == [(4, "TOO_FEW_CELLS")]
    (chunk,) = chunks(data, plan(2, extra_cells="keep"))
    assert dict(chunk.extra) == {0: {"column_3": "x", "column_5": "y"}, 3: {"column_3": "z"}}
    assert [list(cells) for cells in chunk.cells] == cells_of(whole)


def test_extra_cells_are_no_excuse_for_joined_records():
    """A stray quote that joins two lines makes more cells than the header has."""
    whole, broken = read(b'1,"a\n2,",b\n3,c\n', plan(2, extra_cells="ignore"))
    assert cells_of(whole) == [["2", '"'], ["3", "c"]] or cells_of(whole) == [["3", "c"]]
    assert broken[0][1] == 1


@pytest.mark.parametrize("block", [1, 9, 1 << 20])
def test_the_footer_is_left_out_whatever_it_looks_like(block):
    data = b'1,a\n2,"b\nc"\n3,d\n\nTotal\n"sum",6\n\n'
    whole, broken = read(data, plan(2, footer_rows=2), block)
    assert cells_of(whole) == [["1", "a"], ["2", "b\nc"], ["3", "d"]]
    assert broken == []
    assert notices(data, plan(2, footer_rows=2), block) == [("SKIPPED_LINES", 6, 2)]
    assert read(data, plan(2, footer_rows=100), block) == ([], [])


def test_null_of_mysql_survives_its_escapes():
    data = b'\\N,"a\\"b\\\\",\\N\nN,\\\\N,"\\N"\n'
    whole, broken = read(data, plan(3, escape="\\", null_markers=("\\N",)))
    assert cells_of(whole) == [["\\N", 'a"b\\', "\\N"], ["N", "\\N", "N"]]
    assert whole[0][3] == data.decode().split("\n")[0]
    assert broken == []


@settings(max_examples=300)
@given(
    st.binary(max_size=200) | st.text(st.sampled_from("a,;\"'\\\n\r\0\udcff "), max_size=120).map(damaged),
    st.integers(1, 4),
    st.sampled_from(['"', "'", ""]),
    st.sampled_from(["", "\\"]),
    st.sampled_from(["utf-8", "latin-1", "cp1252", "utf-16", "shift_jis"]),
)
def test_every_line_of_any_bytes_is_a_row_or_rejected_or_blank(data, width, quote, escape, encoding):
    a_plan = plan(width, quote=quote, escape=escape, encoding=encoding)
    try:
        whole, broken = read(data, a_plan)
    except FileRejected:  # where nothing behind the wrong bytes can be trusted
        return
    assert sorted(row for row, *_ in [*whole, *broken]) == list(range(1, len(whole) + len(broken) + 1))
    assert all(len(cells) == width and any(cells) for cells in cells_of(whole))
    text = data.decode(encoding, "surrogateescape")
    inner = sum(count(raw) for *_, raw in whole)
    blank = sum(n for _, _, n in notices(data, a_plan))
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line]
    assert len(whole) + len(broken) + blank <= len(lines)
    assert len(whole) + len(broken) + blank + inner >= len(lines)


def count(raw):
    return raw.replace("\r\n", "\n").replace("\r", "\n").count("\n")


@pytest.mark.parametrize("kind", ["quote", "ragged", "nul", "bytes", "cut"])
def test_a_large_file_with_damage_here_and_there_loses_nothing_else(kind):
    chance = random.Random(kind)
    table = [
        [str(n), f"name {n}", "multi\nline" if n % 7 == 0 else "plain", 'q"q' if n % 11 == 0 else ""]
        for n in range(6000)
    ]
    rows = [written([cells], quote_all=n % 3 == 0).encode() for n, cells in enumerate(table)]
    damage = {
        "quote": lambda row: row.replace(b"name", b'na"me"', 1),
        "ragged": lambda row: row.replace(b",", b"", 1),
        "nul": lambda row: row.replace(b"n", b"\0", 1),
        "bytes": lambda row: row.replace(b"n", b"\xfe", 1),
        "cut": lambda row: row[:3],
    }[kind]
    hit = {n for n in chance.sample(range(6000), 60) if n % 7 and n % 3 == 1 and n % 11}
    data = b"".join(damage(row) if n in hit else row for n, row in enumerate(rows))
    whole, broken = read(data, plan(4), block=1 << 15)
    if kind == "quote":  # a quote inside an unquoted cell is an ordinary character
        assert broken == []
        assert [cells[0] for cells in cells_of(whole)] == [cells[0] for cells in table]
    elif kind == "cut":  # and the line end with it: the next record is the rest of the same line
        assert {row for row in map(tuple, table) if int(row[0]) not in hit and int(row[0]) - 1 not in hit} <= set(
            map(tuple, cells_of(whole))
        )
    else:
        assert cells_of(whole) == [cells for n, cells in enumerate(table) if n not in hit]
        assert len(broken) == len(hit)

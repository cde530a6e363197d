"""Whatever is written as JSON reads back equal, damage stays where it is, and no bytes at all do any harm."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st
from json_reading import read

from longshore.errors import FileRejected

KEY = st.text(st.sampled_from('ab.\\ é"') | st.characters(codec="utf-8"), min_size=1, max_size=5)
SCALAR = (
    st.text(st.characters(codec="utf-8"))
    | st.integers()
    | st.booleans()
    | st.none()
    | st.decimals(allow_nan=False, allow_infinity=False)
    .map(float)
    .filter(lambda number: number == number and abs(number) != float("inf"))
)
RECORDS = st.lists(KEY, min_size=1, max_size=5, unique=True).flatmap(
    lambda keys: st.lists(st.fixed_dictionaries(dict.fromkeys(keys, SCALAR)), min_size=1, max_size=8)
)
LAYOUT = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 1, 4, "\t"]),
        "separators": st.sampled_from([None, (",", ":"), (" , ", " : "), (",\r\n", ":\n")]),
        "ensure_ascii": st.booleans(),
    }
)


def text_of(value):
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def escaped(key):
    return key.replace("\\", "\\\\").replace(".", "\\.")


def expected(records):
    rows = [{escaped(key): text_of(value) for key, value in record.items()} for record in records]
    return [row for row in rows if any(row.values())]


def outcome(data, **how):
    try:
        found = read(data, **how)
    except FileRejected as refused:
        return refused.code, str(refused)
    return found.rows, found.broken, found.faults and len(found.faults)


@given(RECORDS.filter(expected), LAYOUT, st.integers(1, 40))
def test_records_of_an_array_in_any_layout_read_back_equal(records, layout, block):
    found = read(json.dumps(records, **layout), format="json", block=block)
    assert found.cells == expected(records)
    assert not found.broken
    assert not found.faults


@given(RECORDS.filter(expected), st.booleans(), st.sampled_from(["\n", "\r\n", "\n\n"]), st.integers(1, 40))
def test_records_on_lines_read_back_equal(records, ascii_only, end, block):
    data = end.join(json.dumps(record, ensure_ascii=ascii_only) for record in records)
    found = read(data, format="ndjson", block=block)
    assert found.cells == expected(records)
    assert [cells for _, _, cells in found.rows] == found.cells


@given(RECORDS.filter(lambda records: len(expected(records)) == len(records)), st.text(), st.data())
def test_one_damaged_line_leaves_the_others_unharmed(records, junk, data):
    lines = [json.dumps(record) for record in records]
    at = data.draw(st.integers(0, len(lines)))
    lines.insert(at, '{"x' + junk.replace("\n", " ").replace('"', "") + "{")
    found = read("\n".join(lines), format="ndjson")
    assert found.cells == expected(records)
    assert [line for _, line, _ in found.broken] == [at + 1]
    assert sorted(row for row, _, _ in found.rows + found.broken) == list(range(1, len(lines) + 1))


@given(RECORDS.filter(expected), LAYOUT, st.data())
def test_what_is_read_does_not_depend_on_where_blocks_end(records, layout, data):
    text = json.dumps(records, **layout).encode()
    at = data.draw(st.integers(0, len(text)))
    damaged = text[:at] + data.draw(st.sampled_from([b"", b'"', b"}", b"{", b",", b"x", b"\n"])) + text[at + 1 :]
    assert outcome(damaged, block=1) == outcome(damaged, block=1 << 20)
    assert outcome(damaged, block=7) == outcome(damaged)


PIECES = st.sampled_from(
    [b"[", b"]", b"{", b"}", b'"', b":", b",", b"\n", b"\\", b"1", b"-", b"null", b"\xff", b'{"a":1}', b'{"a":']
)


@settings(max_examples=500)
@given(st.binary(max_size=200) | st.lists(PIECES, max_size=40).map(b"".join), st.sampled_from([None, "json", "ndjson"]))
@example(b"[" * 200_000, None)
@example(b'{"a":' * 200_000, None)
@example(b'[{"a":"\\ud800"},{"\\ud800":1}]', None)
def test_no_bytes_do_harm(data, form):
    options = {"format": form} if form else {}
    assert outcome(data, **options) == outcome(data, block=3, **options)

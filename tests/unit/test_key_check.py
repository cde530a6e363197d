"""The keys of rows, made of columns with a few wrong cells: what a naive check row by row says."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.catalogue.row_errors import shown
from longshore.domain.records import record_key
from longshore.domain.rows.key_check import KEY_BYTES, KeyCheck
from longshore.domain.rows.part_keys import PartKeys
from longshore.domain.rows.positions import without
from longshore.domain.templates.template import parse_template

TEXTS = st.sampled_from(["a", "b", "#", "a#b", "%23", "é", "x" * 2040, "漢" * 680])
CELLS = st.tuples(TEXTS | st.text(max_size=2), st.integers(0, 2), st.booleans())


def key_check(fields):
    types = {"text": "string", "number": "integer"}
    document = {"name": "t", "record_type": "r", "key": fields}
    document["fields"] = [{"name": name, "type": types[name], "required": True} for name in fields]
    return KeyCheck(parse_template(document), "demo", PartKeys(BytesIO()))


def naive(fields, rows):
    first, found = {}, []
    for number, row in enumerate(rows, start=1):
        if row[2]:
            continue
        full = record_key("demo", "r", [{"text": row[0], "number": row[1]}[name] for name in fields])
        key = full.removeprefix("demo#r#")
        if key in first:
            found.append((number, "DUPLICATE_KEY", shown(key), str(first[key])))
        if len(full.encode()) > KEY_BYTES:
            found.append((number, "KEY_TOO_LONG", len(full.encode())))
        first.setdefault(key, number)
    return found


@given(
    st.sampled_from([["text"], ["number"], ["text", "number"], ["number", "text"]]),
    st.lists(CELLS, max_size=60),
    st.integers(1, 40),
)
def test_keys_are_found_to_be_repeated_or_too_long_as_row_by_row(fields, rows, cut):
    check, found = key_check(fields), []
    for start in range(0, len(rows), cut):
        chunk = rows[start : start + cut]
        wrong = {at for at, row in enumerate(chunk) if row[2]}
        columns = {"text": [row[0] for row in chunk], "number": [row[1] for row in chunk]}
        for name in fields:
            columns[name] = [None if at in wrong else value for at, value in enumerate(columns[name])]
        faults = check.check(columns, range(start + 1, start + 1 + len(chunk)), wrong)
        for at in sorted(faults):
            for fault in faults[at]:
                told = [fault.data["key"], fault.data["first_row"]] if "key" in fault.data else [fault.data["bytes"]]
                found.append((start + 1 + at, fault.code, *told))
    assert found == naive(fields, rows)


@given(st.lists(st.integers(), max_size=40), st.sets(st.integers(0, 39)))
def test_columns_without_some_positions(column, positions):
    positions = {at for at in positions if at < len(column)}
    left = [value for at, value in enumerate(column) if at not in positions]
    assert without(positions, [column, range(len(column))])[0] == left
    assert len(without(positions, [column, range(len(column))])[1]) == len(left)

"""JSON whose records have few keys each of very many: nothing is lost, and no file costs more than its size is worth.

Cells of all columns are looked up in the first chunk, which begins as the sample; later only those that are there.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_reading import read, read_as

from longshore.errors import FileRejected
from longshore.readers.json import cells
from longshore.readers.json.plan import MAX_COLUMNS, SURE_COLUMNS

ID = {"name": "id"}
RECORDS = 20_000


def lines(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def kept(found):
    """Return what was read of each record: the cells of its columns that have a value, and what no column takes."""
    rows = []
    for chunk in found.chunks:
        for at, texts in enumerate(chunk.cells):
            columns = {c.header: text for c, text in zip(found.plan.columns, texts, strict=True) if text}
            rows.append(columns | chunk.extra.get(at, {}))
    return rows


@pytest.mark.parametrize("form", ["lines", "array"])
def test_a_new_key_in_every_record_costs_no_column_for_each(form, monkeypatch):
    monkeypatch.setattr(cells, "MAX_CELLS", 50 * RECORDS)
    records = [{"id": n, f"k{n}": 1} for n in range(RECORDS)]
    found = read_as([ID], lines(records) if form == "lines" else json.dumps(records), unknown_columns="keep")
    assert len(found.plan.columns) == SURE_COLUMNS
    assert kept(found) == [{name: str(value) for name, value in record.items()} for record in records]


def test_a_new_key_in_an_inner_object_of_every_record(monkeypatch):
    monkeypatch.setattr(cells, "MAX_CELLS", 75 * RECORDS)
    found = read_as([ID], lines({"id": n, "m": {f"k{n}": {"v": 1}}} for n in range(RECORDS)), unknown_columns="keep")
    assert len(found.plan.columns) == SURE_COLUMNS
    assert kept(found)[0] == {"id": "0", "m.k0.v": "1"}
    assert kept(found)[-1] == {"id": str(RECORDS - 1), f"m.k{RECORDS - 1}": '{"v":1}'}


def test_what_every_tenth_record_has_is_a_column_however_many_there_are():
    often = {f"o{n}": 1 for n in range(300)}
    found = read(lines([{f"r{n}": 1} | (often if n % 5 == 0 else {}) for n in range(200)]))
    headers = {column.header for column in found.plan.columns}
    assert often.keys() <= headers
    assert len(headers) < MAX_COLUMNS


def test_a_wanted_key_is_a_column_however_late_it_comes():
    records = [{"id": n, f"k{n}": 1} for n in range(500)] + [{"id": 500, "rare": "x"}]
    found = read_as([ID, {"name": "rare"}], lines(records), unknown_columns="ignore")
    assert found.cells[-1]["rare"] == "x"
    assert found.cells[0]["rare"] == ""


def test_too_many_blank_cells_refuse_the_file(monkeypatch):
    monkeypatch.setattr(cells, "MAX_CELLS", 100_000)
    fields = [ID, *({"name": f"f{n}"} for n in range(99))]
    with pytest.raises(FileRejected) as refused:
        read_as(fields, lines({"id": n} for n in range(RECORDS)))
    assert refused.value.code == "TOO_MANY_BLANK_CELLS"
    assert "100 columns in all, which is more than 100000 cells" in str(refused.value)


def test_a_dense_file_of_many_columns_is_no_such_case(monkeypatch):
    monkeypatch.setattr(cells, "MAX_CELLS", 200 * 300)
    records = [{f"k{n}": str(row) for n in range(300)} for row in range(200)]
    assert kept(read(lines(records))) == records


records = st.lists(
    st.dictionaries(
        st.integers(0, 400).map("k{}".format), st.text("abc", min_size=1, max_size=3), min_size=1, max_size=4
    ),
    min_size=1,
    max_size=300,
)


@given(records)
def test_every_value_of_every_record_is_there_whatever_keys_are_columns(made):
    numbered = [{"id": str(n), **record} for n, record in enumerate(made)]
    assert kept(read_as([ID], lines(numbered), unknown_columns="keep")) == numbered

"""The JSON reader: values by their paths, numbers as written, and damage that costs only its own record."""

import pytest
from json_reading import read, read_as

from longshore.errors import FileRejected
from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.json.plan import SAMPLE_BYTES

ID = {"name": "id"}


def refusal(data, **options):
    with pytest.raises(FileRejected) as refused:
        read(data, **options)
    return refused.value


@pytest.mark.parametrize(
    ("data", "form", "path"),
    [
        ('[{"a":1},{"a":2}]', "json", ""),
        ('{"a":1}\n{"a":2}\n', "ndjson", ""),
        ('{"a":1}\r\n\r\n{"a":2}', "ndjson", ""),
        ('{"n":2,"data":{"items":[{"a":1},{"a":2}]},"next":null}', "json", "data.items"),
        ('{"data":[\n{"a":1},\n{"a":2}\n]}', "json", "data"),
        ('{"a.b":[{"a":1},{"a":2}]}', "json", r"a\.b"),
    ],
)
def test_the_layout_is_detected(data, form, path):
    found = read(data)
    assert (found.plan.format, found.plan.path) == (form, path)
    assert found.cells == [{"a": "1"}, {"a": "2"}]


def test_a_file_of_one_object_is_one_record():
    assert read('{\n "a": 1,\n "b": "x"\n}').rows == [(1, 1, {"a": "1", "b": "x"})]


def test_the_array_that_fits_the_template_is_taken():
    data = '{"errors":[{"code":1}],"people":[{"id":7}]}'
    assert read(data, frozenset({"id"})).plan.path == "people"
    assert refusal(data).code == "AMBIGUOUS_PATH"
    assert read(data, path="errors").cells == [{"code": "1"}]
    assert refusal(data, path="missing.there").code == "PATH_NOT_FOUND"


def test_an_object_that_fits_better_than_its_array_is_the_record():
    assert read('{"id":1,"tags":[{"n":1}]}', frozenset({"id", "tags"})).cells == [{"id": "1", "tags": '[{"n":1}]'}]


def test_cells_are_texts_as_they_are_written():
    big = "123456789012345678901234567890"
    data = f'[{{"n":1.50,"e":1E400,"big":{big},"z":-0,"t":true,"o":null,"s":"0\\u0000é"}}]'
    assert read(data).cells == [
        {"n": "1.50", "e": "1E400", "big": big, "z": "-0", "t": "true", "o": "", "s": "0\0é"},
    ]


def test_nested_values_are_looked_up_by_path():
    fields = [ID, {"name": "city", "column": "address.city"}, {"name": "first", "column": "tags.0"}]
    fields += [{"name": "dotted", "column": r"a\.b"}]
    data = '[{"id":1,"address":{"city":"Oslo"},"tags":["x"],"a.b":2},{"id":2,"address":null},{"id":3,"tags":[]}]'
    assert [list(cells.values()) for cells in read_as(fields, data).cells] == [
        ["1", "Oslo", "x", "2"],
        ["2", "", "", ""],
        ["3", "", "", ""],
    ]


def test_json_and_list_fields_take_nested_values_with_numbers_as_written():
    fields = [ID, {"name": "any", "type": "json"}, {"name": "tags", "type": "list"}]
    data = '[{"id":1,"any":{"a": [1.0, "1.0", null]},"tags":["x", 2.50]},{"id":2,"any":"text","tags":"x;y"}]'
    assert read_as(fields, data).cells == [
        {"id": "1", "any": '{"a":[1.0,"1.0",null]}', "tags": '["x",2.50]'},
        {"id": "2", "any": '"text"', "tags": "x;y"},
    ]


def test_a_nested_value_in_a_plain_field_is_a_fault_of_the_cell():
    fields = [ID, {"name": "city", "column": "address.city"}, {"name": "name"}, {"name": "tags", "type": "list"}]
    found = read_as(fields, '[{"id":1,"address":"Oslo","name":{"first":"A"},"tags":{}},{"id":2,"name":["A"]}]')
    headers = [column.header for column in found.plan.columns]
    assert sorted((fault.at, headers[fault.column - 1], fault.code) for fault in found.faults) == [
        (0, "address.city", "NOT_NESTED"),
        (0, "name", "NOT_A_SCALAR"),
        (0, "tags", "NOT_A_SCALAR"),
        (1, "name", "NOT_A_SCALAR"),
    ]
    assert all(set(cells.values()) <= {"", "1", "2"} for cells in found.cells)


def test_half_a_character_is_a_fault_of_the_cell():
    found = read('[{"a":"\\ud83d\\ude00"},{"a":"\\ud83d"}]')
    assert found.cells == [{"a": "😀"}, {"a": ""}]
    assert [(fault.at, fault.column, fault.code) for fault in found.faults] == [(1, 1, "LONE_SURROGATE")]


def test_a_field_whose_key_comes_late_or_never_is_blank_until_then():
    fields = [ID, {"name": "late"}, {"name": "never", "required": True}]
    data = "[" + '{"id":1},' * SAMPLE_BYTES + '{"id":2,"late":"x"}]'
    found = read_as(fields, data)
    assert found.cells[0] == {"id": "1", "late": "", "never": ""}
    assert found.cells[-1] == {"id": "2", "late": "x", "never": ""}


@pytest.mark.parametrize(
    ("policy", "codes", "extra"),
    [("reject", ["UNKNOWN_KEY"], {}), ("ignore", [], {}), ("keep", [], {"new.key": "[1.0]"})],
)
def test_keys_met_after_the_sample_follow_the_policy(policy, codes, extra):
    data = '{"id":1,"new":{}}\n' if policy == "keep" else '{"id":1}\n'
    late = '{"id":2,"new":{"key":[1.0]}}' if policy == "keep" else '{"id":2,"new":[1.0]}'
    found = read_as([ID], data * SAMPLE_BYTES + late, unknown_columns=policy)
    last = found.chunks[-1]
    assert [fault.code for fault in found.faults] == codes
    assert all(fault.column is None for fault in found.faults)
    if policy == "keep":
        assert found.cells[-1] == {"id": "2", "new": '{"key":[1.0]}'}
    else:
        assert last.extra == extra


def test_records_without_any_value_are_no_rows():
    found = read('[{"a":1},{},{"a":null},{"a":01},{"a":2}]')
    assert [(row, cells["a"]) for row, _, cells in found.rows] == [(1, "1"), (3, "2")]
    assert found.broken == [(2, 1, "MALFORMED_RECORD")]
    assert [notice.code for notice in found.notices] == ["BLANK_ROWS", "BLANK_ROWS"]


BAD = ["{bad}", '{"a":01}', '{"a":NaN}', '{"a":1,}', '{"a":1,"a":2}', '{"a":"x\ty"}', "{'a':1}", "7", '["x"]', "null"]


@pytest.mark.parametrize("bad", [*BAD, '{"a":"x', '{"a":1', '{"a":1}}', '{"a":"Joe "the" Doe"}'])
def test_a_damaged_line_costs_only_itself(bad):
    found = read(f'{{"a":1}}\n{bad}\n{{"a":3}}\n')
    assert found.rows == [(1, 1, {"a": "1"}), (3, 3, {"a": "3"})]
    assert [(row, line) for row, line, _ in found.broken] == [(2, 2)]


@pytest.mark.parametrize("gap", ["", " ", "\n", "\n  "])
@pytest.mark.parametrize("bad", BAD)
def test_a_damaged_element_costs_only_itself(bad, gap):
    found = read(f'[{gap}{{"a":1}},{gap}{bad},{gap}{{"a":3}}]')
    assert [(row, cells) for row, _, cells in found.rows] == [(1, {"a": "1"}), (3, {"a": "3"})]
    assert [row for row, _, _ in found.broken] == [2]


@pytest.mark.parametrize("gap", ["\n", "\n  "])
@pytest.mark.parametrize("bad", ['{"a":"x', '{"a":1', '{"a":[1}', '{"a":"x"y}', '{"a":1} 5'])
def test_where_each_record_begins_a_line_an_open_one_ends_before_the_next(bad, gap):
    found = read(f'[{gap}{{"a":1}},{gap}{bad},{gap}{{"a":3}},{gap}{{"a":4}}\n]')
    assert [cells["a"] for cells in found.cells] == ["1", "3", "4"]
    assert [(row, line) for row, line, _ in found.broken] == [(2, 3)]


@pytest.mark.parametrize(
    "bad", ['{"a":"x', '{"a":1', '{"a":[1}', '{"a":1}}', '{"a":1} {"a":2}', '{"a":"Joe "the" Doe"}', ""]
)
def test_where_its_end_cannot_be_told_the_file_is_refused_with_the_place(bad):
    refused = refusal(f'[{{"a":1}},{bad},{{"a":3}}]')
    assert refused.code == "MALFORMED_JSON"
    assert refused.detail["line"] == 1
    assert refused.detail["column"] >= 10


@pytest.mark.parametrize("data", ['{"a":[{"b":1}]', '[{"a":1}] x', '{"a":[{"b":1}],"c":}', '[{"a":1}', '[{"a":1},]'])
def test_what_is_around_the_records_must_be_json_too(data):
    assert refusal(data).code == "MALFORMED_JSON"


@pytest.mark.parametrize("data", ["[]", "5", '"x"', "[1,2]", "[[1,2],[3,4]]", "{}", "[{}]"])
def test_json_without_records_is_no_table(data):
    assert refusal(data).code == "NOT_A_TABLE"


def test_a_record_that_nests_too_deeply_costs_only_itself():
    deep = "[" * 101 + "]" * 101
    assert read(f'[{{"a":1}},{{"a":{deep}}},{{"a":3}}]').broken == [(2, 1, "NESTED_TOO_DEEPLY")]
    deeper = "[" * 100_000
    assert refusal(f'[{{"a":1}},{{"a":{deeper}}}]').code == "MALFORMED_JSON"


@pytest.mark.parametrize("form", ['[{{"a":1}},{},{{"a":3}}]', '{{"a":1}}\n{}\n{{"a":3}}'])
def test_a_record_that_is_too_long_costs_only_itself(form):
    long = '{"a":"' + "x" * MAX_RECORD_CHARS + '"}'
    found = read(form.format(long), block=50_000)
    assert [cells["a"] for cells in found.cells] == ["1", "3"]
    assert [(row, code) for row, _, code in found.broken] == [(2, "RECORD_TOO_LONG")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("block", [1, 3, 1 << 20])
def test_encodings_are_told_by_their_mark(encoding, block):
    assert read('[{"a":"é😀"}]'.encode(encoding), block=block).cells == [{"a": "é😀"}]


def test_other_encodings_are_declared():
    assert read('[{"a":"é"}]'.encode("cp1252"), encoding="cp1252").cells == [{"a": "é"}]
    assert read('[{"a":"é"}]'.encode("utf-16-be"), encoding="utf-16-be").cells == [{"a": "é"}]


def test_a_wrong_encoding_is_refused_with_its_place():
    refused = refusal(b'[{"a":1},\n{"a":"\xe9"}]')
    assert (refused.code, refused.detail["line"], refused.detail["byte"]) == ("WRONG_ENCODING", 2, 16)

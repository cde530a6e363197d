"""Whether a file is NDJSON or one document: however a document is broken into lines, and whichever line is damaged."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from json_reading import read

from longshore.errors import FileRejected
from longshore.readers.json.layout import LINES_TRIED, is_lines

SCALARS = st.none() | st.booleans() | st.integers(0, 99) | st.text(st.sampled_from('ab{}[],:" é\\'), max_size=4)
KEYS = st.sampled_from(["id", "a", "b", "{"])
OBJECTS = st.recursive(
    st.dictionaries(KEYS, SCALARS, max_size=3),
    lambda inner: st.dictionaries(KEYS, SCALARS | inner | st.lists(inner, max_size=3), max_size=3),
    max_leaves=6,
)
DOCUMENTS = (
    st.lists(OBJECTS, min_size=1, max_size=5)
    | st.lists(OBJECTS, max_size=5).map(lambda records: {"n": 1, "f": records})
    | st.lists(OBJECTS, max_size=5).map(lambda records: {"f": {"g": records}, "end": None})
)
GAPS = st.sampled_from(["", "", " ", "\n", "\r\n", "\n  ", "\n\n\t"])
INDENTED = st.builds(
    json.dumps,
    DOCUMENTS,
    indent=st.sampled_from([None, 0, 1, 4, "\t"]),
    separators=st.sampled_from([None, (",", ":"), (",\n", ":\n"), ("\n,", ": "), ("\n,\r\n", "\n:\n")]),
)


def pieces(value):
    """The tokens of a document."""
    if isinstance(value, dict):
        inside = [[json.dumps(key), ":", *pieces(item)] for key, item in value.items()]
    elif isinstance(value, list):
        inside = [pieces(item) for item in value]
    else:
        return [json.dumps(value)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    joined = [token for item in inside for token in (",", *item)][1:]
    return [opening, *joined, closing]


@st.composite
def spaced(draw):
    """A document with any white space between its tokens, and now and then line ends around whole objects only."""
    value = draw(DOCUMENTS)
    if draw(st.booleans()):
        return "".join(token + draw(GAPS) for token in pieces(value))
    around = {token: (draw(GAPS), draw(GAPS)) for token in "{}[],:"}
    return "".join(token.join(around.get(token, ("", ""))) for token in pieces(value))


@given(INDENTED | spaced())
@example('{"x":1,"f":[\n{"id":1},{"id":2}]}')
@example('{"f":[{"id":1},\n{"id":2}]}')
@example('{"f":[\n{"id":1}]}')
@example("[\n{}\n,\n{}\n]")
@example("{}\n\n")
def test_a_document_is_never_taken_for_lines(text):
    assert not is_lines(text, complete=True)


@given(INDENTED | spaced(), st.data())
def test_a_document_that_goes_on_behind_the_sample_is_never_taken_for_lines(text, data):
    sample = text[: data.draw(st.integers(0, len(text.rstrip()) - 1))]
    assert not is_lines(sample, complete=False)


@pytest.mark.parametrize(
    "text", ['{"x":1,"f":[\n{"id":1},{"id":2}]}', '{"f":[{"id":1},\n{"id":2}]}', '{"x":{},"f":[\n{"id":1}\n,{"id":2}]}']
)
def test_an_array_with_line_ends_anywhere_in_it_is_read(text):
    found = read(text)
    assert (found.plan.format, found.plan.path) == ("json", "f")
    assert found.cells == [{"id": "1"}, {"id": "2"}]


@given(st.lists(OBJECTS, min_size=2, max_size=8), st.sampled_from(["\n", "\r\n", " \n\n"]), st.booleans())
def test_objects_on_lines_are_lines(records, end, complete):
    assert is_lines(end.join(map(json.dumps, records)) + end, complete)


DAMAGE = st.sampled_from(
    ["{'a':1}", "{bad}", '{"a":01}', '{"a":1,}', '{"a":1}}', '{"a":"x', '{"a":1', "{", "}", "#", "7"]
)


@given(st.lists(OBJECTS, min_size=2, max_size=8), DAMAGE | st.text(st.characters(exclude_characters="\n")), st.data())
def test_one_damaged_line_leaves_a_file_of_lines_what_it_is(records, damage, data):
    lines = list(map(json.dumps, records))
    lines.insert(data.draw(st.integers(0, len(lines))), damage)
    assert is_lines("\n".join(lines), complete=True)


@given(st.lists(OBJECTS, min_size=3, max_size=8), st.data())
def test_one_line_that_is_cut_off_leaves_a_file_of_lines_what_it_is(records, data):
    lines = list(map(json.dumps, records))
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
    assert is_lines("\n".join(lines), complete=True)


@pytest.mark.parametrize(
    "first", ["{bad}", '{"a":1', '{"a":"x', '{"a":1}}', "{'a':1}", "[", '{"a":NaN}', '{"a":1,"a":2}']
)
def test_a_damaged_first_line_costs_only_itself(first):
    found = read(f'{first}\n{{"a":2}}\n{{"a":3}}\n')
    assert found.plan.format == "ndjson"
    assert found.rows == [(2, 2, {"a": "2"}), (3, 3, {"a": "3"})]
    assert [line for _, line, _ in found.broken] == [1]


def test_after_a_sound_first_line_all_others_may_be_damaged():
    found = read('{"a":1}\n{"a":\n{"a"\n{\n')
    assert [cells for _, _, cells in found.rows] == [{"a": "1"}]
    assert [line for _, line, _ in found.broken] == [2, 3, 4]


@pytest.mark.parametrize(
    "seen", ['{"f":[\n{"id":1}\n', "[\n{}\n,\n{}\n", '{"f":[\n{"id":1}\n,', '[{"id":1},\n{"id":2}\n']
)
def test_a_document_is_told_where_half_of_its_lines_are_objects(seen):
    assert not is_lines(seen, complete=False)
    assert not is_lines(seen, complete=True)


def test_a_document_that_was_cut_off_is_told_from_lines():
    with pytest.raises(FileRejected) as refused:
        read('{"f":[\n{"id":1}')
    assert refused.value.code == "MALFORMED_JSON"
    assert "line 2" in str(refused.value)


def test_what_comes_after_the_first_lines_does_not_count():
    sound = '{"a":1}\n' * LINES_TRIED
    assert is_lines("{bad}\n" + sound + "{bad}\n" * 10 * LINES_TRIED, complete=True)

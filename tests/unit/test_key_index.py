"""The key index: every repetition is found with its first row, and nothing else is."""

from io import BytesIO
from tempfile import TemporaryFile

from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.rows.key_index import KeyIndex


def added(index, keys, cut):
    """Add keys in pieces of some length as rows 1, 2, 3 and so on; return what was found, by row."""
    found = []
    for start in range(0, len(keys), cut):
        part = keys[start : start + cut]
        rows = range(start + 1, start + 1 + len(part))
        found += [(rows[at], row) for at, row in index.add(part, rows)]
    return found


@given(st.lists(st.text(max_size=2) | st.sampled_from(["a", "b"]), max_size=200), st.integers(1, 50))
def test_each_repetition_is_found_with_its_first_row(keys, cut):
    first, expected = {}, []
    for row, key in enumerate(keys, start=1):
        if key in first:
            expected.append((row, first[key]))
        first.setdefault(key, row)
    assert added(KeyIndex(BytesIO()), keys, cut) == expected


def test_of_many_keys_no_two_are_taken_for_one_although_their_short_tags_are_equal():
    keys = [f"k{n}" for n in range(200_000)]
    with TemporaryFile() as log:
        assert added(KeyIndex(log), [*keys, "k77777", "k0"], 1700) == [(200_001, 77_778), (200_002, 1)]


def test_entries_are_found_again_after_more_than_their_short_numbers_can_tell_apart():
    keys = [f"k{n}" for n in range(2000)]
    with TemporaryFile() as log:
        index = KeyIndex(log)
        index._count = 2**24 - 1000  # as if so many had been added; the file has a hole there
        log.seek(16 * index._count)
        assert added(index, [*keys, *keys], 100)[::500] == [(row + 2000, row) for row in range(1, 2001, 500)]

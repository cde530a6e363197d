"""The key index: every repetition is found with its first row, and nothing else is, in whatever order the keys come."""

import random
from io import BytesIO
from tempfile import TemporaryFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.rows import key_buckets, key_pages
from longshore.domain.rows.key_index import KeyIndex


def added(index, keys, cut):
    """Add keys in pieces of some length as rows 1, 2, 3 and so on; return what was found, by row."""
    found = []
    for start in range(0, len(keys), cut):
        part = keys[start : start + cut]
        rows = range(start + 1, start + 1 + len(part))
        found += [(rows[at], row) for at, row in index.add(part, rows)]
    return found


def expected(keys):
    first, found = {}, []
    for row, key in enumerate(keys, start=1):
        if key in first:
            found.append((row, first[key]))
        first.setdefault(key, row)
    return found


@given(st.lists(st.text(max_size=2) | st.sampled_from(["a", "b"]), max_size=200), st.integers(1, 50))
def test_each_repetition_is_found_with_its_first_row(keys, cut):
    assert added(KeyIndex(BytesIO()), keys, cut) == expected(keys)


SPELLINGS = [
    str,
    "{:08}".format,
    "{:07}-é".format,
    "{:040}".format,
    "{:0100}".format,
    "{0}\n".format,
    "{0}\ud800#".format,
    lambda number: "x" * (number % 70) + str(number),
]


def runs(draw):
    """Numbers as real files have them: some runs upwards, downwards or in no order, with a few changes."""
    numbers = []
    for _ in range(draw.randint(1, 5)):
        start, size = draw.randrange(3000), draw.choice([3, 70, 700, 1500])
        run = list(range(start, start + size * draw.choice([1, 1, 3])))[:size]
        match draw.randrange(4):
            case 0:
                run.reverse()
            case 1:
                draw.shuffle(run)
        numbers += run
    for _ in range(draw.choice([0, 5, 100])):
        at = draw.randrange(len(numbers))
        if draw.random() < 0.5:
            numbers[at] = draw.choice(numbers)
        else:
            numbers.insert(at, draw.randrange(5000))
    return numbers


@settings(max_examples=150)
@given(st.randoms(use_true_random=False), st.sampled_from(SPELLINGS), st.sampled_from([40, 300, 740, 2000]))
def test_the_order_of_the_keys_makes_no_difference(draw, spelling, cut):
    keys = [spelling(number) for number in runs(draw)]
    assert added(KeyIndex(BytesIO()), keys, cut) == expected(keys)


@settings(max_examples=40)
@given(st.randoms(use_true_random=False), st.sampled_from(SPELLINGS))
def test_nor_does_it_that_the_file_of_keys_is_large_and_pages_share_their_marks(draw, spelling):
    keys = [spelling(number) for number in runs(draw)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_pages, "_ROOMY", 0)
        patch.setattr(key_buckets, "_MARKS", 3)
        assert added(KeyIndex(BytesIO()), keys, 300) == expected(keys)


@pytest.mark.parametrize("shuffled", [False, True])
def test_of_many_keys_no_two_are_taken_for_one_although_their_tags_are_equal(shuffled):
    keys = [f"k{n}" for n in range(200_000)]
    if shuffled:
        random.Random(4).shuffle(keys)
    with TemporaryFile() as log:
        found = added(KeyIndex(log), [*keys, keys[77_777], keys[0]], 1700)
        assert found == [(200_001, 77_778), (200_002, 1)]
        assert log.seek(0, 2) <= 20 * len(keys)


def test_rows_beyond_32_bits_are_named():
    index = KeyIndex(BytesIO())
    assert index.add(["a", "b"], [2**32 - 1, 2**32]) == []
    assert index.add(["b", "a"], [2**32 + 1, 2**32 + 2]) == [(0, 2**32), (1, 2**32 - 1)]


def test_a_key_that_is_repeated_in_every_row_is_kept_once():
    with TemporaryFile() as log:
        assert len(added(KeyIndex(log), ["a", "b", "a"] * 20_000, 700)) == 59_998
        assert log.seek(0, 2) < 100

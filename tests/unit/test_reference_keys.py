"""Which keys may be referred to: records, and rows whose own references lead somewhere."""

from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.steps.reference_keys import AT_ONCE, ReferenceKeys, SelfReferences

KEYS = st.sampled_from("abcdefgh")


def naive(rows: dict[str, set[str]], records: set[str]) -> set[str]:
    """Throw out rows until all that are left refer to each other or to records."""
    left = dict(rows)
    while lost := [key for key, refs in left.items() if refs - left.keys() - records]:
        for key in lost:
            del left[key]
    return left.keys() | records


def settled(rows, records, pieces=1):
    asked = []

    def existing(keys):
        asked.extend(keys)
        return records & set(keys)

    with SelfReferences() as references:
        added = list(rows.items())
        for start in range(0, len(added), pieces):
            references.add(added[start : start + pieces])
        found = list(references.settled(existing))
    return set(found), asked


@settings(max_examples=400)
@given(st.dictionaries(KEYS, st.sets(KEYS, max_size=2), max_size=8), st.sets(KEYS), st.integers(1, 3))
def test_what_is_left_is_what_a_naive_search_leaves(rows, records, pieces):
    found, asked = settled(rows, records, pieces)
    assert found - records == naive(rows, records) - records
    referred_to = set().union(*rows.values()) if rows else set()
    assert referred_to & found == referred_to & naive(rows, records)
    assert len(asked) == len(set(asked)), "nothing is asked twice"


def test_nothing_is_asked_about_rows_that_are_there():
    rows = {str(n): {str(n + 1)} for n in range(5000)} | {"5000": set()}
    found, asked = settled(rows, set(), 700)
    assert (len(found), asked) == (5001, [])


def test_a_long_chain_falls_with_its_last_row_and_is_asked_about_in_few_questions():
    rows = {str(n): {str(n + 1)} for n in range(5000)}
    found, asked = settled(rows, {"2500"}, 700)
    assert {key for key in found if int(key) > 2500} == set()
    assert found == {str(n) for n in range(2501)}
    assert len(asked) == 5000


def test_accepted_keys_are_known_by_record_type():
    with ReferenceKeys() as keys:
        keys.add("country", (str(n) for n in range(3 * AT_ONCE)))
        keys.add("country", ["7", "ä\0b"])
        assert keys.among("country", [*map(str, range(2500, 4000)), "ä\0b"]) == {*map(str, range(2500, 3000)), "ä\0b"}
        assert keys.among("region", ["7"]) == set()

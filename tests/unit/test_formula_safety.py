"""Reports cannot make a spreadsheet compute anything, and every cell survives the way there and back."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.formula_safety import protected, restored

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
VECTORS = CORPORA / "csv_injection_vectors.json"
STRINGS = CORPORA / "strings"
TRIGGER = re.compile(r"[=+\-@\t\r\n＝＋－＠]")

tricky = st.text(st.sampled_from(list("'=+-@\t\r\n,;|\" a1é＝–\u200b\ufeff")), max_size=12) | st.text(max_size=20)


@given(tricky)
def test_a_cell_comes_back_as_it_was(text):
    assert restored(protected(text)) == text


@given(tricky, tricky)
def test_two_cells_never_look_the_same(one, other):
    assert (protected(one) == protected(other)) == (one == other)


@given(tricky)
def test_nothing_begins_like_a_formula_in_any_country(text):
    """Wherever a spreadsheet may cut the cell, no piece begins like a formula, quotes and blanks aside."""
    for piece in re.split(r"[,;|\t\r\n]", protected(text)):
        assert not re.match(r'[\s"\u200b\ufeff]*[=+\-@＝＋－＠]', piece)


@pytest.mark.parametrize("text", ["", "Ann", "a=b", "'tis", "O'Neil", "x - y", "1,5", "ana@example.com", "a;b", "'"])
def test_what_is_harmless_stays_as_it_is(text):
    assert protected(text) == text
    assert restored(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("=1+1", "'=1+1"), ("-5", "'-5"), ("'=x", "''=x"), ("  @x", "'  @x"), ("\tx", "'\tx"), ("a;=x", "a;'=x")],
)
def test_an_apostrophe_makes_it_text(text, shown):
    assert protected(text) == shown


def test_a_cell_that_a_person_typed_into_a_report_is_taken_as_typed():
    assert restored("-5") == "-5"


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared injection vectors are not here")
def test_known_attacks_are_neutralised_and_restored():
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    for _, text in [*vectors["attack"], *vectors["legit"]]:
        shown = protected(text)
        assert not TRIGGER.match(shown.lstrip(" ")), text
        assert restored(shown) == text


@pytest.mark.skipif(not STRINGS.is_dir(), reason="the shared naughty strings are not here")
def test_naughty_strings_survive():
    texts = [line for path in STRINGS.iterdir() for line in path.read_text(encoding="utf-8").splitlines()]
    assert texts
    assert [restored(protected(text)) for text in texts] == texts

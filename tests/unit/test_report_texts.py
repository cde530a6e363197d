"""Whatever text a cell holds, it comes back from a report byte for byte, from CSV and from XLSX."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from report_making import REFUSED, again, as_csv, report, template

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
KINDS = pytest.mark.parametrize("kind", ["csv", "xlsx"])


def naughty():
    path = CORPORA / "strings" / "blns.json"
    return [text for text in json.loads(path.read_text(encoding="utf-8")) if text.strip() and "\0" not in text]


def attacks():
    vectors = json.loads((CORPORA / "csv_injection_vectors.json").read_text(encoding="utf-8"))
    return [text for _, text in [*vectors["attack"], *vectors["legit"]]]


HARD = [
    "'=1+1",
    "=cmd|' /C calc'!A0",
    "-1",
    "''",
    "'",
    "'''=x",
    "_x0041_",
    "_x005F_x0041_",
    " x ",
    "a\nb",
    "a\r\nb\r",
    "\t-x",
    "x\x0by",
]


@KINDS
@pytest.mark.parametrize("texts", [lambda: HARD, naughty, attacks], ids=["hard", "naughty", "attacks"])
def test_hard_texts_survive_byte_for_byte(kind, texts):
    if texts is not None and not CORPORA.is_dir() and texts in (naughty, attacks):
        pytest.skip("the shared corpora are not here")
    rows = [[str(at), text] for at, text in enumerate(texts())]
    made = report(as_csv([["id", "n"], *rows]), template("id", "n", last=REFUSED), kind)
    found = again(made, template("id", "n"))
    assert [[row["f0"], row["f1"]] for row in found] == rows


cell = st.text(
    st.sampled_from(list("'=+-@,;|\t\r\n\" ab0é_x00041"))
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=8,
)
header = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), min_size=1, max_size=6
).filter(str.strip)


@given(
    st.data(),
    st.sampled_from(",;\t|"),
    st.lists(header, min_size=2, max_size=4, unique=True),
    st.sampled_from(["csv", "xlsx"]),
)
@examples(max_examples=60)
def test_every_cell_comes_back_byte_for_byte(data, delimiter, headers, kind):
    """Rows rejected for one bad column, reported, and imported by a template that takes them, are what they were."""
    table = data.draw(st.lists(st.tuples(*[cell] * len(headers)), min_size=1, max_size=6))
    rows = [[f"k{at}", *row[1:]] for at, row in enumerate(table)]
    options = {"file": {"delimiter": delimiter}}
    made = report(as_csv([headers, *rows], delimiter), template(*headers, last=REFUSED, **options), kind)
    expected = [{f"f{at}": text for at, text in enumerate(row) if text} for row in rows]
    assert again(made, template(*headers, **options)) == expected

"""Whatever is uploaded, under whatever template: it is refused in one line, or every row of it is accounted for."""

import csv
import io
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from longshore.domain.templates.template import parse_template
from tests.fuzz.accounting import judge
from tests.fuzz.made_files import FORMATS, Even
from tests.fuzz.made_templates import made_template
from tests.fuzz.trial import Trial, run, try_one

KEYED = parse_template(
    {
        "name": "t",
        "record_type": "t",
        "key": ["f0"],
        "fields": [{"name": "f0", "required": True}, {"name": "f1"}, {"name": "f2"}],
        "max_rejected_percent": 100,
    }
)
SEEDS = st.integers(0, 2**40)


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=60)
@given(seed=SEEDS)
def test_a_made_upload_whole_or_damaged_keeps_every_promise(kind, seed):
    """The seed also tries it: `python -m tests.fuzz 0 SEED`."""
    run(seed, kind)


STARTS = [
    b"",
    b"f0,f1\n",
    b"[",
    b'{"f0":',
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"\xff\xfe",
    b"\xef\xbb\xbff0;f1\r\n",
    b"sep=;\n",
]


@settings(max_examples=300)
@given(st.sampled_from(STARTS), st.binary(max_size=300), SEEDS)
@example(b"", b"", 0)
def test_any_bytes_at_all_keep_every_promise(start, data, seed):
    chance = random.Random(seed)
    try_one(Trial(start + data, made_template(chance), False), chance)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12)
ROWS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=12).map(
    lambda rows: [["f0", "f1", "f2"], *([f"k{at}", *cells] for at, cells in enumerate(rows))]
)


@pytest.mark.parametrize("kind", ["json", "ndjson", "xlsx"])
@settings(max_examples=60)
@given(rows=ROWS)
def test_a_table_of_any_texts_is_checked_as_it_was_written(kind, rows):
    data = FORMATS[kind](Even(0), rows, KEYED)
    (found,) = judge(data, KEYED)
    assert not found.refused
    assert found.errors == []
    read = [[row[2], row[3] or "", row[4] or ""] for row in found.rows]
    assert read == rows[1:]


DIALECTS = st.fixed_dictionaries(
    {"delimiter": st.sampled_from([",", ";", "\t", "|"]), "quote": st.sampled_from(['"', "'"])}
)


@settings(max_examples=150)
@given(
    ROWS, DIALECTS, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])
)
def test_a_table_written_in_any_dialect_is_checked_as_it_was_written(rows, dialect, end, encoding):
    out = io.StringIO()
    kind = csv.writer(
        out, delimiter=dialect["delimiter"], quotechar=dialect["quote"], lineterminator=end, quoting=csv.QUOTE_ALL
    )
    kind.writerows(rows)
    template = KEYED.model_copy(update={"file": KEYED.file.model_copy(update={"quote": dialect["quote"]})})
    (found,) = judge(out.getvalue().encode(encoding), template)
    assert not found.refused
    assert found.errors == []
    assert [[row[2], row[3] or "", row[4] or ""] for row in found.rows] == rows[1:]

"""Vectors from elsewhere through the whole of reading and checking: no crash, no lost row, no altered text."""

import csv
import io
import json
from pathlib import Path

import pytest

from longshore.domain.templates.template import parse_template
from tests.fuzz.accounting import Trickle, judge
from tests.fuzz.made_files import FORMATS, Even

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not here")


def keyed(width=1, **changes):
    fields = [{"name": f"f{at}", "required": not at} for at in range(width + 1)]
    document = {"name": "t", "record_type": "t", "key": ["f0"], "fields": fields, "max_rejected_percent": 100}
    return parse_template(document | changes)


def vectors(name):
    path = CORPORA / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def naughty():
    attacks = [text for group in vectors("csv_injection_vectors.json").values() for _, text in group]
    return [*vectors("strings/blns.json"), *attacks]


def as_csv(rows):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("kind", ["csv", "json", "ndjson", "xlsx"])
def test_every_naughty_string_and_every_attack_is_imported_as_it_is(kind):
    rows = [["f0", "f1"], *([f"k{at}", text] for at, text in enumerate(naughty()))]
    data = as_csv(rows) if kind == "csv" else FORMATS[kind](Even(0), rows, keyed())
    (found,) = judge(data, keyed())
    assert [[row[2], row[3] or ""] for row in found.rows] == rows[1:]
    assert (found.refused, found.errors) == ("", [])


def test_every_file_of_the_json_suite_is_refused_or_accounted_for():
    template = keyed(unknown_columns="keep")
    paths = sorted((CORPORA / "json").glob("*.json"))
    judged = {path.stem: judge(path.read_bytes(), template)[0] for path in paths}
    assert len(judged) > 300
    assert [name for name, found in judged.items() if not found.refused and not found.errors] == []


@pytest.mark.parametrize("case", vectors("csv_small_cases.json"), ids=lambda case: f"{case['set']}-{case['name']}")
def test_small_cases_lose_no_row_and_make_none_up(case):
    """What each case must give is tested with the reader; here each goes all the way, with its first line as data."""
    delimiter = case["config"].get("delimiter", ",")
    if len(delimiter) > 1 or delimiter == "\n":
        pytest.skip("no template declares such a delimiter")
    width = len(case["rows"][0]) if case["rows"] else 1
    header = delimiter.join(f"f{at}" for at in range(width))
    template = keyed(width - 1, file={"delimiter": delimiter, "header_row": 1}, key=["f0"])
    data = f"{header}\n{case['input']}".encode()
    (found,) = judge(data, template)
    (again,) = judge(data, template, block=1)
    assert again == found
    if case["malformed"]:
        assert found.errors
    if not case["malformed"] and case["name"] not in LOST:
        assert all([value or "" for value in row[2:]] in case["rows"] for row in found.rows)


LOST = {"location_coordinates.csv", "term_weird", "quote_change", "delimiter_tabs"}
"""Their dialects or expectations were lost on the way: see the test of the reader."""


@pytest.mark.parametrize("case", vectors("go_csv_errors.json"), ids=lambda case: case["name"])
def test_errors_that_go_reports_leave_the_rows_around_them_alone(case):
    """A sound row before and one after; a field that Go takes from neither may be missing."""
    width = case["input"].split("\n")[0].count(",") + 1
    sound = [",".join([key, *["x"] * (width - 1)]) for key in ("before", "after")]
    header = ",".join(f"f{at}" for at in range(width))
    data = f"{header}\n{sound[0]}\n{case['input']}\n{sound[1]}\n".encode()
    (found,) = judge(data, keyed(width - 1))
    keys = [row[2] for row in found.rows]
    assert "before" in keys
    assert "after" in keys
    assert all(error["line"] >= case["start_line"] + 2 for error in found.errors)


def test_a_file_may_come_a_byte_at_a_time():
    rows = [["f0", "f1"], *([f"k{at}", text] for at, text in enumerate(naughty()))]
    assert Trickle(b"abc", 1).read(100) == b"a"
    assert judge(as_csv(rows), keyed(), block=1) == judge(as_csv(rows), keyed())

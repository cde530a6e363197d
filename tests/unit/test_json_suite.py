"""The parser is strict by RFC 8259: JSONTestSuite, y_ accepted, n_ refused, i_ either."""

from pathlib import Path

import pytest
from json_reading import read

from longshore.errors import FileRejected

SUITE = Path(__file__).parents[3] / "shared" / "corpora" / "json"
NO_JSON = {"MALFORMED_JSON", "MALFORMED_RECORD", "WRONG_ENCODING", "EMPTY_FILE"}


def verdict(path):
    """Return the rows that were read, and the codes of everything that was wrong."""
    try:
        found = read(path.read_bytes())
    except FileRejected as refused:
        return [], {refused.code}
    return found.rows, {code for _, _, code in found.broken} | {fault.code for fault in found.faults}


def cases(kind):
    paths = sorted(SUITE.glob(f"{kind}_*.json"))
    absent = pytest.param(None, marks=pytest.mark.skip(reason="the corpora are not here"))
    return pytest.mark.parametrize("path", paths or [absent], ids=lambda path: path and path.stem)


@cases("y")
def test_what_is_json_is_accepted_by_the_parser(path):
    rows, codes = verdict(path)
    assert not codes & NO_JSON
    assert rows or codes <= {"NOT_A_TABLE", "NOT_AN_OBJECT", "REPEATED_KEY"}


@cases("n")
def test_what_is_no_json_is_refused(path):
    rows, codes = verdict(path)
    assert not rows
    assert codes & NO_JSON


@cases("i")
def test_what_rfc_8259_leaves_open_does_no_harm(path):
    rows, codes = verdict(path)
    assert rows or codes


@pytest.mark.skipif(not SUITE.exists(), reason="the corpora are not here")
def test_json_that_is_no_table_has_an_answer_of_its_own():
    codes = [verdict(path)[1] for path in SUITE.glob("y_*.json")]
    assert codes.count({"NOT_A_TABLE"}) == 83

"""The page of all errors is the catalogues', and the catalogues are fit for a page."""

import re
from pathlib import Path

import pytest

from longshore.domain.catalogue.error_page import error_page
from longshore.domain.catalogue.file_errors import FILE_ERRORS
from longshore.domain.catalogue.row_errors import ROW_ERRORS, row_error

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
REGENERATE = (
    "write it anew: python -c 'from longshore.domain.catalogue.error_page import error_page; "
    'print(error_page(), end="")\' > docs/errors.md'
)


def test_the_page_is_the_catalogues():
    assert PAGE.read_text(encoding="utf-8") == error_page(), REGENERATE


def test_a_code_means_one_thing():
    assert not ROW_ERRORS.keys() & FILE_ERRORS.keys()


@pytest.mark.parametrize(
    ("code", "data", "message"),
    [
        ("TOO_FEW_CELLS", {"cells": 1, "columns": 2}, "the record has 1 of 2 cells; "),
        ("TOO_MANY_CELLS", {"cells": 2, "columns": 1}, "the record has 2 cells, the header 1; "),
        ("TOO_SHORT", {"value": "'x'", "length": 1, "limit": 2}, "f: 'x' has a length of 1 in characters; "),
        ("TOO_FEW_ITEMS", {"value": "'x'", "length": 1, "limit": 2}, "f: the number of items in 'x' is 1; "),
        ("TOO_MANY_ITEMS", {"value": "'x;y'", "length": 2, "limit": 1}, "f: the number of items in 'x;y' is 2; "),
    ],
)
def test_a_message_reads_well_where_a_number_is_one(code, data, message):
    said = row_error(code, row=1, line=2, raw="", at="", field="f", **data).message
    assert said.startswith(message)
    assert not re.search(r"\b1 \w+s\b|\b1 are\b", said)


def test_the_advice_for_a_row_with_too_many_cells_fits_a_workbook_too():
    advice = ROW_ERRORS["TOO_MANY_CELLS"].message.partition("; ")[2]
    assert advice == "remove what is beyond the last column, or in CSV quote the cells that contain the delimiter"


@pytest.mark.parametrize("kind", [*ROW_ERRORS.values(), *FILE_ERRORS.values()], ids=lambda kind: kind.code)
def test_an_entry_says_what_and_what_to_do(kind):
    assert kind.title
    assert "\n" not in kind.message
    assert not kind.message.endswith("."), "a message is followed by a raw text, or by more errors"
    assert f"### {kind.code}\n\n{kind.title} ({kind.error_type})." in error_page()

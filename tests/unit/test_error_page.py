"""The page of all errors is the catalogues', and the catalogues are fit for a page."""

from pathlib import Path

import pytest

from longshore.domain.catalogue.error_page import error_page
from longshore.domain.catalogue.file_errors import FILE_ERRORS
from longshore.domain.catalogue.row_errors import ROW_ERRORS

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
REGENERATE = (
    "write it anew: python -c 'from longshore.domain.catalogue.error_page import error_page; "
    'print(error_page(), end="")\' > docs/errors.md'
)


def test_the_page_is_the_catalogues():
    assert PAGE.read_text(encoding="utf-8") == error_page(), REGENERATE


def test_a_code_means_one_thing():
    assert not ROW_ERRORS.keys() & FILE_ERRORS.keys()


@pytest.mark.parametrize("kind", [*ROW_ERRORS.values(), *FILE_ERRORS.values()], ids=lambda kind: kind.code)
def test_an_entry_says_what_and_what_to_do(kind):
    assert kind.title
    assert "\n" not in kind.message
    assert not kind.message.endswith("."), "a message is followed by a raw text, or by more errors"
    assert f"### {kind.code}\n\n{kind.title} ({kind.error_type})." in error_page()

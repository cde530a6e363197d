"""Without a template the header below titles is found only where the lines below it leave no doubt."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.templates.file_options import FileOptions
from longshore.readers.preamble import likely_plan
from longshore.readers.upload import Upload

TABLE = "id;name;total\n1;Ann;2\n2;Bob;3\n3;Cy;4\n"


def header_line(text, **options):
    declared = FileOptions(**options)
    with Upload(io.BytesIO(text.encode()), declared, 10**7) as upload:
        return likely_plan(upload.parts[0], declared).header_line


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("", 1),
        ("\n\n", 3),
        ("Sales 2026\n", 2),
        ("Sales 2026\nPrinted: 1 May, 2026\n\n", 4),
        ("Sales;\n;;\n", 3),
        ("Sales 2026\n\n", 3),
        ('"Sales\n2026"\n', 3),
        ('5" pipes, all of them\n', 2),
    ],
)
def test_titles_fill_a_cell_or_two(above, line):
    assert header_line(above + TABLE) == line


@pytest.mark.parametrize(
    "text",
    [
        "name\nSmith, John\nDoe, Jane\nRoe, Ann\n",
        "a,b,c\n1,2,3,4\n5,6,7,8\n",
        "a,b\n1,2,3\n4,5,6\n",
        "a,b,c\n1,2\n3,4,5,6\n7\n",
        "title\nx,y,z\n",
        "title\n",
        "a,b,c\n",
    ],
)
def test_what_leaves_a_doubt_is_read_from_its_first_line(text):
    assert header_line(text) == 1


def test_a_declared_row_is_the_header():
    assert header_line("Sales 2026\n" + TABLE, header_row=1) == 1


cell = st.text(st.sampled_from("abc 1;,|"), min_size=1, max_size=6).filter(str.strip)


@given(st.lists(st.lists(cell, min_size=1, max_size=4), min_size=1, max_size=8))
def test_a_table_whose_rows_are_as_wide_as_its_header_begins_at_its_first_line(rows):
    lines = ["\t".join(["h"] * len(rows[0])), *("\t".join((row * 4)[: len(rows[0])]) for row in rows)]
    assert header_line("\n".join(lines) + "\n", delimiter="\t") == 1

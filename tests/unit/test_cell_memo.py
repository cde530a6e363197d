"""The memo of a column: what it remembers changes nothing but how often cells are looked at."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.cells.cell_memo import LONGEST, PAUSE, REMEMBERED, CellMemo
from longshore.domain.cells.columns import FieldCheck, column_check
from longshore.domain.templates.template_field import TemplateField

FIELDS = [
    TemplateField(name="f", type="boolean", required=True, null_markers=["-"]),
    TemplateField(name="f", type="integer", min=0, max=10, default="7", null_markers=["-"]),
    TemplateField(name="f", type="decimal", transforms=[{"trim": True}], max=1.5, required=True),
    TemplateField(name="f", enum=["a", "b"], transforms=[{"case": "lower"}]),
    TemplateField(name="f", transforms=[{"trim": True}], max_length=2, default="no"),
    TemplateField(name="f", type="date", formats=["%d/%m/%Y", "%m/%d/%Y"], required=True),
    TemplateField(name="f", type="datetime", zone="Europe/Berlin"),
    TemplateField(name="f", type="list", transforms=[{"trim": True}]),
    TemplateField(name="f", type="email", transforms=[{"case": "lower"}], sensitive=True),
]
CELLS = st.sampled_from(
    [
        *[
            "",
            " ",
            "-",
            "1",
            "1.50",
            "0",
            "007",
            "11",
            "yes",
            "No",
            "a",
            "A",
            " b",
            "a;b",
            "abc",
            "a\nb",
            "a@b.de",
            "A@b.de",
        ],
        *["01/02/2026", "13/02/2026", "2026-03-29T02:30:00", "2026-07-01T12:00:00", "2026-02-30", "x" * (LONGEST + 1)],
    ]
)


class Counted:
    """Refuses "bad" and remarks upon "odd"; notes what it is asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, column):
        self.asked += column
        faults = {at: ["wrong"] for at, cell in enumerate(column) if cell == "bad"}
        return [cell.upper() for cell in column], faults, [(at, "ODD", c) for at, c in enumerate(column) if c == "odd"]


@settings(max_examples=200)
@given(
    st.sampled_from(FIELDS),
    st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=4),
    st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=30), min_size=1, max_size=4),
)
def test_columns_of_few_texts_agree_with_the_slow_function_however_many_came_before(field, texts, picks):
    check, slow = column_check(field, ["n/a"]), FieldCheck(field, ["n/a"])
    for known in texts:
        for pick in picks:
            column = [known[at % len(known)] for at in pick]
            values, faults, remarks = check(column)
            expected = list(map(slow, column))
            assert {at: values[at] for at in range(len(column)) if at not in faults} == {
                at: cell.value for at, cell in enumerate(expected) if not cell.faults
            }
            assert faults == {at: cell.faults for at, cell in enumerate(expected) if cell.faults}
            assert [(at, code) for at, code, _ in remarks] == [
                (at, code) for at, cell in enumerate(expected) for code in cell.remarks
            ]


def test_a_cell_is_checked_once():
    inner = Counted()
    memo = CellMemo(inner)
    first = memo(["a", "b"] * 10)
    assert first == (["A", "B"] * 10, {}, [])
    asked = len(inner.asked)
    assert memo(("b", "a", "a")) == (["B", "A", "A"], {}, ())
    assert len(inner.asked) == asked


def test_cells_about_which_there_is_something_to_say_are_asked_about_each_time():
    inner = Counted()
    memo = CellMemo(inner)
    column = ["a", "odd", "a", "a", "bad", *["a"] * 20, "odd"]
    for _ in range(3):
        values, faults, remarks = memo(column)
        assert values == [cell.upper() for cell in column]
        assert faults == {4: ["wrong"]}
        assert remarks == [(1, "ODD", "odd"), (25, "ODD", "odd")]
    assert inner.asked == [*column, *["odd", "bad", "odd"] * 2]


def test_a_column_of_many_texts_is_not_remembered_but_tried_again_later():
    inner = Counted()
    memo = CellMemo(inner)
    many, few = [f"t{n}" for n in range(40)], ["a", "b"] * 20
    memo(many)
    for _ in range(PAUSE):
        memo(few)
    assert len(inner.asked) == 40 * (PAUSE + 1)
    for _ in range(5):
        memo(few)
    assert len(inner.asked) == 40 * (PAUSE + 2)


def test_it_is_given_up_where_too_many_cells_are_new():
    inner = Counted()
    memo = CellMemo(inner)
    memo(["a"] * 40)
    new = [*["a"] * 20, *(f"t{n}" for n in range(20))]
    assert memo(new) == ([cell.upper() for cell in new], {}, [])
    inner.asked.clear()
    memo(["a"] * 40)
    assert len(inner.asked) == 40


@pytest.mark.parametrize("length", [LONGEST, LONGEST + 1])
def test_long_cells_are_not_remembered(length):
    inner = Counted()
    memo = CellMemo(inner)
    cell = "x" * length
    for _ in range(3):
        assert memo([*["a"] * 20, cell])[0] == [*["A"] * 20, cell.upper()]
    assert inner.asked.count(cell) == (1 if length == LONGEST else 3)


def test_no_more_cells_are_remembered_than_are_allowed():
    inner = Counted()
    memo = CellMemo(inner)
    column = [f"t{n}" for n in range(REMEMBERED + 10)] * 6
    assert memo(column) == ([cell.upper() for cell in column], {}, [])
    inner.asked.clear()
    assert memo(column)[0] == [cell.upper() for cell in column]
    assert len(inner.asked) == 10 * 6


def test_rows_do_not_share_lists():
    values = column_check(TemplateField(name="f", type="list"))(["a;b"] * 50).values
    assert len(set(map(id, values))) == 50

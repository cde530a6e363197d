"""One damaged record costs itself: every other row of the file is checked as if it were not there."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook_files import Made, cell, data_row, header, row, sheet_xml, strings_xml, styles_xml, text

from longshore.domain.templates.template import parse_template
from tests.fuzz.accounting import judge

TEMPLATE = parse_template(
    {
        "name": "t",
        "record_type": "t",
        "key": ["id"],
        "fields": [{"name": "id", "required": True}, {"name": "name"}, {"name": "n", "type": "integer"}],
        "max_rejected_percent": 100,
    }
)


def damaged_lines(chance, line):
    """Damage that width, quotes or bytes can tell, in a file long enough that wrong bytes are no other encoding."""
    return chance.choice(
        [
            line.replace(b",", b"", 1),
            line + b",more",
            line.replace(b",", b',"', 1),
            line.replace(b",", b',"open', 1),
            b'"' + line,
            line[:1] + b"\0" + line[1:],
            line[:1] + b"\xff" + line[1:],
            line.replace(b",", b',"x"y,', 1),
            b",".join([line] * 40),
        ]
    )


@settings(max_examples=150)
@given(st.integers(25, 60), st.integers(0, 2**32), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_one_damaged_line_of_csv_costs_its_own_row_only(count, seed, end, quoted):
    chance = random.Random(seed)
    cells = [[b"k%d" % n, b"two\nlines" if quoted and n % 5 == 0 else b"name %d" % n, b"%d" % n] for n in range(count)]
    lines = [b",".join(b'"%s"' % text if b"\n" in text else text for text in row) for row in cells]
    victim = chance.choice([n for n in range(count) if b"\n" not in cells[n][1]])
    hurt = [damaged_lines(chance, line) if n == victim else line for n, line in enumerate(lines)]
    (found,) = judge(end.join([b"id,name,n", *hurt, b""]), TEMPLATE, batch_rows=9)
    kept = [[row[2].encode(), row[3].encode(), b"%d" % row[4]] for row in found.rows]
    assert kept == [row for n, row in enumerate(cells) if n != victim]
    assert {error["row"] for error in found.errors} == {victim + 1}


CELLS = {
    "no such shared string": cell("B{}", "99999", "s"),
    "a shared string before the first": cell("B{}", "-1", "s"),
    "no number of a shared string": cell("B{}", "x", "s"),
    "no number": cell("B{}", "1.2.3"),
    "an error": cell("B{}", "#DIV/0!", "e"),
    "no boolean": cell("B{}", "maybe", "b"),
    "of no known kind": cell("B{}", "1", "q"),
    "a formula without value": '<c r="B{}"><f>A1</f></c>',
    "beyond every date": cell("B{}", "1e300", "", 1),
    "too long": text("B{}", "x" * 2_000_000),
}


@pytest.mark.parametrize("damage", CELLS)
@pytest.mark.parametrize("line", [2, 700, 1500])
def test_one_damaged_cell_of_a_workbook_costs_its_own_row_only(damage, line):
    wrong = row(line, cell(f"A{line}", str(line)), CELLS[damage].format(line))
    rows = "".join(wrong if n == line else data_row(n) for n in range(2, 1501))
    sheet = sheet_xml(header("id", "name") + rows)
    made = Made({"S": sheet}, strings=strings_xml("zero"), styles=styles_xml(14)).bytes()
    (found,) = judge(made, TEMPLATE, batch_rows=100)
    assert [row[1:4] for row in found.rows] == [[n, str(n), f"name {n}"] for n in range(2, 1501) if n != line]
    assert {error["line"] for error in found.errors} == {line}


@pytest.mark.parametrize(
    "damage", ['{"id": "x", ', '{"id": "x"}}', '{"id" "x"}', '"x"', "{'id': 'x'}", '{"id": "\\x"}']
)
@pytest.mark.parametrize("at", [0, 3, 2999])
def test_one_damaged_line_of_ndjson_costs_its_own_row_only(damage, at):
    lines = [f'{{"id": "k{n}", "name": "x", "n": {n}}}' for n in range(3000)]
    lines[at] = damage
    (found,) = judge(("\n".join(lines) + "\n").encode(), TEMPLATE.model_copy(update={"file": NDJSON}))
    assert [row[4] for row in found.rows] == [n for n in range(3000) if n != at]
    assert {error["row"] for error in found.errors} == {at + 1}


NDJSON = TEMPLATE.file.model_copy(update={"format": "ndjson"})

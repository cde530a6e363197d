"""Rows are read the same in whatever form they come, and however their forms change from one piece to the next."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.domain.catalogue.row_errors import RAW_LIMIT
from longshore.errors import FileRejected
from longshore.readers.workbook.block import block_of
from longshore.readers.workbook.cells import CellKinds
from longshore.readers.workbook.formats import Styles, read_styles
from longshore.readers.workbook.raw import raw_texts
from longshore.readers.workbook.scan import SheetScan
from longshore.readers.workbook.sheet import SheetReader
from longshore.readers.workbook.strings import SharedStrings

WIDTH = 3
PIECE = 300
STYLES = (
    b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>'
    b'<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>'
)
USUAL = [
    "<c{r}><v>{n}</v></c>",
    '<c{r} t="s"><v>{s}</v></c>',
    '<c{r} s="2"><v>{n}.25</v></c>',
    '<c{r} s="1"><v>{n}</v></c>',
]
OTHERS = st.sampled_from(
    [
        "",
        "<c{r}/>",
        '<c{r} s="1"/>',
        '<c{r} t="s"><v>9</v></c>',
        '<c{r} t="b"><v>1</v></c>',
        '<c{r} t="e"><v>#N/A</v></c>',
        '<c{r} t="str"><v>a &lt; b</v></c>',
        '<c{r} t="inlineStr"><is><t>in &#233; line</t></is></c>',
        '<c{r} t="inlineStr"><is><r><t>rich</t></r></is></c>',
        "<c{r}><f>A1&lt;2</f><v>5</v></c>",
        "<c{r}><f>A1</f></c>",
        "<c{r}><v>1.50</v></c>",
        "<c{r}><v>1E5</v></c>",
        '<c{r} s="0"><v>12.0</v></c>',
        '<c{r} s="2&quot; t=&quot;b"><v>1</v></c>',
        '<c{r} s="2"><v>45000</v></c>',
        '<c{r} cm="1"><v>7</v></c>',
    ]
)
MOSTLY_USUAL = st.one_of(*[st.sampled_from(USUAL)] * 4, OTHERS)
ROWS = st.lists(st.tuples(MOSTLY_USUAL, st.integers(0, WIDTH), st.integers(0, 70_000)), min_size=20, max_size=80)


class Trickle:
    """A member of an archive that gives little at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        given_now, self._data = self._data[:PIECE], self._data[PIECE:]
        return given_now


def kinds() -> CellKinds:
    strings = SharedStrings()
    strings.extend(["zero", "one", "two"])
    return CellKinds(read_styles(STYLES) or Styles(), strings, date1904=False)


def sheet(rows: list[str]) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{"".join(rows)}</sheetData></worksheet>'.encode()


def row(number: int, odd: str, odd_at: int, n: int) -> str:
    """Return a row of usual cells, but for one of them."""
    texts = [odd if at == odd_at else USUAL[at] for at in range(WIDTH)]
    cells = [text.format(r=f' r="{"ABC"[at]}{number}"', n=n, s=n % 3) for at, text in enumerate(texts)]
    return f'<row r="{number}">{"".join(cells)}</row>'


def scan(data: bytes) -> SheetScan:
    member: Any = Trickle(data)
    return SheetScan(member, kinds(), "the sheet", WIDTH, 1)


@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_rows_of_changing_forms_are_read_as_by_the_parser(rows):
    data = sheet([row(number, *odd) for number, odd in enumerate(rows, 1)])
    exact = block_of(SheetReader(kinds(), "the sheet").feed(data, final=True), WIDTH)
    lines, cells, faults, formulas = [], [], {}, 0
    for block in scan(data).blocks():
        lines += block.lines
        cells += zip(*block.columns, strict=True) if block.lines else []
        faults |= block.faults
        formulas += sum(notice.data.get("count", 1) for notice in block.notices if notice.code == "FORMULA")
    assert lines == exact.lines
    assert cells == (list(zip(*exact.columns, strict=True)) if exact.lines else [])
    assert told(faults) == told(exact.faults)
    assert formulas == sum(notice.code == "FORMULA" for notice in exact.notices)


def told(faults: dict[int, Any]) -> dict[int, Any]:
    return {line: sorted((at, bad.code, str(bad.data)) for at, bad in found) for line, found in faults.items()}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B40"><v>5</t></is></c>',
        '<c r="B40" t="inlineStr"><is><t>5</v></c>',
        '<c r="B40" t="s"><v>1</v></x></c>',
        '<c r="B40" <><v>1</v></c>',
    ],
)
def test_tags_that_do_not_match_are_refused_wherever_they_stand(cell):
    usual = [row(number, USUAL[0], 0, 7) for number in range(1, 80)]
    usual[39] = f'<row r="40"><c r="A40"><v>1</v></c>{cell}</row>'
    with pytest.raises(FileRejected) as refused:
        list(scan(sheet(usual)).blocks())
    assert refused.value.code == "DAMAGED_WORKBOOK"


def test_raw_texts_are_lines_of_csv():
    columns = [["1", 'say "x"', "a,b", "two\nlines", ""], ["é", "plain", "c\rd", '"', ""]]
    texts, chars = raw_texts(columns)
    assert texts == ["1,é", '"say ""x""",plain', '"a,b","c\rd"', '"two\nlines",""""', ","]
    assert chars == [2, 12, 6, 10, 0]
    long, _ = raw_texts([["x" * 1000, "y"], [",", "z"]])
    assert long == ["x" * RAW_LIMIT, "y,z"]

"""Whatever openpyxl writes is read back equal, both ways of reading agree, and damage is refused or harmless."""

import random
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook_files import Made, Seen, header, row, seen, sheet_xml, strings_xml, styles_xml

from longshore.errors import FileRejected

XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*map(chr, range(32)), "\x7f", "\ufffe", "\uffff"]),
    max_size=20,
).filter(lambda text: not text.startswith("=") and text not in openpyxl.cell.cell.ERROR_CODES)
DATETIMES = st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1)).map(lambda at: at.replace(microsecond=0))
VALUES = st.one_of(
    st.none(),
    XML_TEXT,
    st.sampled_from(["007", "1e5", "_x000D_", "_x0041_", " a ", "two\nlines", "a_xZZZZ_", "]]>", "&amp;", "<!-- -->"]),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(-1e300, 1e300),
    st.decimals(-(10**6), 10**6, places=2).map(float),
    st.booleans(),
    DATETIMES,
    st.dates(date(1900, 3, 1), date(9999, 12, 31)),
    st.times().map(lambda at: at.replace(microsecond=0)),
)
TABLES = st.integers(1, 6).flatmap(lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), max_size=8))


def written(rows: list[list[Any]], write_only: bool) -> bytes:
    book = openpyxl.Workbook(write_only=write_only)
    sheet = book.create_sheet("S") if write_only else book.active
    for values in rows:
        sheet.append(values)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def canonical(value: Any) -> str | float:
    """Return the text that a value of openpyxl must become; a float stays one, of which openpyxl writes 16 digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def same(text: str, value: Any) -> bool:
    expected = canonical(value)
    if isinstance(expected, float):
        return float(text) == float(f"{expected:.16g}") and "e" not in text.lower() and not text.endswith(".0")
    return text == unescaped(expected)


def unescaped(text: str) -> str:
    """openpyxl writes texts that look like escapes as they are, so they are escapes."""
    return text.replace("_x000D_", "\r").replace("_x0041_", "A")


@settings(max_examples=60, deadline=None)
@given(TABLES, st.booleans())
def test_a_table_that_openpyxl_writes_is_read_back_equal(rows, write_only):
    width = len(rows[0]) if rows else 1
    data = written([[f"column {n}" for n in range(width)], *rows], write_only)
    got = seen(data, options={"header_row": 1})
    filled = [row for row in rows if any(canonical(value) != "" for value in row)]
    assert got.faults == []
    assert got.broken == []
    assert len(got.cells) == len(filled)
    for texts, values in zip(got.cells, filled, strict=True):
        assert all(map(same, texts, values)), (texts, values)


def with_comments(data: bytes) -> bytes:
    """Return a workbook with a comment at the beginning of its sheets and strings: patterns may not read them."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            xml = source.read(name)
            for tag in (b"<sheetData>", b"<si>"):
                xml = xml.replace(tag, b"<!-- exact -->" + tag if tag == b"<si>" else tag + b"<!-- exact -->", 1)
            target.writestr(name, xml)
    return out.getvalue()


def told(got: Seen) -> list[Any]:
    counts = {code: sum(n for _, n in got.noticed(code)) for code in ("FORMULA", "MANY_DIGITS", "BLANK_ROWS")}
    faults = [(line, fault.column, fault.code, str(fault.data)) for line, fault in got.faults]
    return [got.cells, got.lines, got.raw, sorted(faults), got.broken, got.extra, counts]


CELLS = st.builds(
    "<c{}{}>{}</c>".format,
    st.sampled_from(["", ' s="1"', ' s="2"', ' s="3"']),
    st.sampled_from(["", ' t="n"', ' t="s"', ' t="str"', ' t="b"', ' t="e"', ' t="inlineStr"', ' t="d"', ' t="q"']),
    st.builds(
        "{}{}".format,
        st.sampled_from(["", "", "<f>A1</f>", '<f t="shared" si="0"/>']),
        st.one_of(
            st.sampled_from(["", "<v/>", "<v></v>", "<v>0</v>", "<v>1</v>", "<v>-1</v>", "<v>007</v>", "<v>x</v>"]),
            st.sampled_from(["<v>45000</v>", "<v>45000.5</v>", "<v>60</v>", "<v>0.5</v>", "<v>-0</v>", "<v>1_0</v>"]),
            st.sampled_from(["<v>1E5</v>", "<v> 7 </v>", "<v>&#49;</v>", "<v>12.10</v>", "<v>1.</v>", "<v>٣</v>"]),
            st.sampled_from(["<is><t>a</t></is>", "<is><t> a &lt; b </t></is>", "<is><r><t>r</t></r></is>"]),
            st.floats(allow_nan=False).map("<v>{!r}</v>".format),
        ),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8), st.data())
def test_the_fast_and_the_exact_way_give_the_same(table, data):
    rows = "".join(
        row(n, *(xml.replace("<c", f'<c r="{chr(65 + at)}{n}"', 1) for at, xml in enumerate(cells)))
        for n, cells in enumerate(table, 2)
    )
    made = Made(
        {"S": sheet_xml(header("a", "b", "c", "d") + rows)},
        strings=strings_xml("zero", "<si><r><t>rich</t></r></si>"),
        styles=styles_xml(14, 22, "h:mm"),
    ).bytes()
    fast, exact = seen(made), seen(with_comments(made))
    assert told(fast) == told(exact)


REFERENCE = [["id", "name", "on"], *([n, f"name {n}", datetime(2026, 1, 1) + timedelta(n)] for n in range(300))]


class Short(bytes):
    """Bytes that are not shown where a test fails."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


@pytest.fixture(scope="module")
def workbook() -> bytes:
    return Short(written(REFERENCE, write_only=False))


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_damage_to_a_workbook_is_refused_or_harmless(workbook, seed):
    chance = random.Random(seed)
    damaged = bytearray(workbook)
    for _ in range(chance.randint(1, 20)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    if chance.random() < 0.3:
        del damaged[chance.randrange(len(damaged)) :]
    try:
        got = seen(bytes(damaged))
    except FileRejected:
        return
    assert len(got.cells) == 300


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_damage_inside_of_the_xml_ends_in_a_refusal_or_in_rows(workbook, seed):
    chance = random.Random(seed)
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook)) as source, zipfile.ZipFile(out, "w") as target:
        victim = chance.choice([name for name in source.namelist() if "theme" not in name and "docProps" not in name])
        for name in source.namelist():
            xml = bytearray(source.read(name))
            for _ in range(chance.randint(1, 5) if name == victim else 0):
                at = chance.randrange(len(xml))
                xml[at : at + chance.randint(0, 3)] = chance.choice(
                    [b"", b"<", b">", b'"', b"&", b"\0", b"\xff", b"9", b"-", b"/", b"<c>", b"</row>", b"<!--", b"]]>"]
                )
            target.writestr(name, bytes(xml))
    with suppress(FileRejected):
        got = seen(out.getvalue())
        assert len(got.cells) + len(got.broken) <= 301


def test_openpyxl_reads_the_same(workbook):
    sheet = openpyxl.load_workbook(BytesIO(workbook), read_only=True, data_only=True).worksheets[0]
    theirs = [tuple(map(canonical, values)) for values in sheet.iter_rows(min_row=2, values_only=True)]
    ours = [(float(number), name, at) for number, name, at in seen(workbook).cells]
    assert ours == theirs

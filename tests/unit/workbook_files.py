"""Workbooks made by hand, for what openpyxl does not write, and what readers give of any workbook."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import chain
from typing import Any

import pytest

from longshore.domain.chunk import Broken, CellFault, Notice
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.errors import FileRejected
from longshore.readers.header import normalised
from longshore.readers.workbook.workbook import Workbook

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATION = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def sheet_xml(rows: str, after: str = "", root: str = f'worksheet xmlns="{TRANSITIONAL}"') -> str:
    """The XML of a sheet around its rows."""
    prefix = root.partition("worksheet")[0]
    return f"{DECLARATION}<{root}><{prefix}sheetData>{rows}</{prefix}sheetData>{after}</{prefix}worksheet>"


def strings_xml(*entries: str) -> str:
    """The XML of shared strings; an entry that begins with < is taken as it is."""
    items = "".join(entry if entry.startswith("<") else f"<si><t>{entry}</t></si>" for entry in entries)
    return f'{DECLARATION}<sst xmlns="{TRANSITIONAL}">{items}</sst>'


def styles_xml(*formats: str | int) -> str:
    """The XML of styles: the first cell style is General, each other one has a built-in or a custom number format."""
    custom = {text: 164 + at for at, text in enumerate(f for f in formats if isinstance(f, str))}
    codes = "".join(f'<numFmt numFmtId="{number}" formatCode="{escaped(text)}"/>' for text, number in custom.items())
    xfs = "".join(f'<xf numFmtId="{custom[f] if isinstance(f, str) else f}"/>' for f in (0, *formats))
    return f'<styleSheet xmlns="{TRANSITIONAL}"><numFmts>{codes}</numFmts><cellXfs>{xfs}</cellXfs></styleSheet>'


def escaped(text: str) -> str:
    """Return a text as it stands in XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@dataclass(frozen=True)
class Made:
    """A workbook of sheets given by title; `parts` are further files of it, or replace its own."""

    sheets: Mapping[str, str]
    strings: str = ""
    styles: str = ""
    states: Mapping[str, str] = field(default_factory=dict)
    properties: str = ""
    namespace: str = TRANSITIONAL
    relation: str = RELATION
    base: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        """Return the file."""
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in (self._files() | dict(self.parts)).items():
                archive.writestr(name, text)
        return out.getvalue()

    def _files(self) -> dict[str, str]:
        files = {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations({"rId1": (f"{self.relation}/officeDocument", "xl/workbook.xml")}),
            "xl/workbook.xml": self._workbook(),
        }
        targets = {
            f"rId{n}": (f"{self.relation}/worksheet", f"{self.base}worksheets/sheet{n}.xml")
            for n in range(1, len(self.sheets) + 1)
        }
        files |= {f"xl/worksheets/sheet{n}.xml": xml for n, xml in enumerate(self.sheets.values(), 1)}
        if self.strings:
            targets["rIdStrings"] = (f"{self.relation}/sharedStrings", f"{self.base}sharedStrings.xml")
            files["xl/sharedStrings.xml"] = self.strings
        if self.styles:
            targets["rIdStyles"] = (f"{self.relation}/styles", f"{self.base}styles.xml")
            files["xl/styles.xml"] = self.styles
        return files | {"xl/_rels/workbook.xml.rels": relations(targets)}

    def _workbook(self) -> str:
        sheets = "".join(
            f'<sheet name="{escaped(title)}" sheetId="{n}" state="{self.states.get(title, "visible")}" r:id="rId{n}"/>'
            for n, title in enumerate(self.sheets, 1)
        )
        return (
            f'{DECLARATION}<workbook xmlns="{self.namespace}" xmlns:r="{self.relation}">'
            f"<workbookPr {self.properties}/><sheets>{sheets}</sheets></workbook>"
        )


def relations(targets: Mapping[str, tuple[str, str]]) -> str:
    """The XML of a part's relations: type and target by id."""
    lines = "".join(f'<Relationship Id="{k}" Type="{t}" Target="{to}"/>' for k, (t, to) in targets.items())
    return f'<Relationships xmlns="{PACKAGE}">{lines}</Relationships>'


@dataclass(frozen=True)
class Seen:
    """Everything that a workbook's sheet gave."""

    plan: ParsePlan
    cells: list[tuple[str, ...]]
    lines: list[int]
    rows: list[int]
    raw: list[str]
    broken: list[Broken]
    faults: list[tuple[int, CellFault]]
    notices: list[Notice]
    extra: dict[int, Mapping[str, str]]

    def noticed(self, code: str) -> list[tuple[int, int]]:
        """Return line and count of the notices of a kind."""
        return [(n.line, n.data.get("count", 1)) for n in self.notices if n.code == code]


def seen(
    data: bytes,
    sheet: str | None = None,
    wanted: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    extra_cells: Any = "reject",
    unknown_columns: Any = "reject",
) -> Seen:
    """Read a sheet (the first one if none is named) of a workbook."""
    workbook = Workbook(BytesIO(data))
    title = next((entry.title for entry in workbook.sheets), "") if sheet is None else sheet
    plan = workbook.unmapped_plan(title, FileOptions(**(options or {})), set(map(normalised, wanted)))
    plan = replace(plan, extra_cells=extra_cells, unknown_columns=unknown_columns)
    chunks = list(workbook.read_rows(plan))
    return Seen(
        plan,
        [tuple(cells) for chunk in chunks for cells in chunk.cells],
        list(chain.from_iterable(chunk.lines for chunk in chunks)),
        list(chain.from_iterable(chunk.rows for chunk in chunks)),
        list(chain.from_iterable(chunk.raw for chunk in chunks)),
        list(chain.from_iterable(chunk.broken for chunk in chunks)),
        [(chunk.lines[fault.at], fault) for chunk in chunks for fault in chunk.faults],
        list(chain.from_iterable(chunk.notices for chunk in chunks)),
        {chunk.lines[at]: texts for chunk in chunks for at, texts in chunk.extra.items()},
    )


def cell(place: str, value: str, kind: str = "", style: int = 0) -> str:
    """The XML of a cell, its attributes in the order in which Excel writes them."""
    s = f' s="{style}"' if style else ""
    t = f' t="{kind}"' if kind else ""
    inner = f"<is><t>{value}</t></is>" if kind == "inlineStr" else f"<v>{value}</v>"
    return f'<c r="{place}"{s}{t}>{inner}</c>'


def row(number: int, *cells: str) -> str:
    """The XML of a row."""
    return f'<row r="{number}">{"".join(cells)}</row>'


def header(*titles: str, line: int = 1) -> str:
    """The XML of a row of texts."""
    return row(line, *(cell(f"{chr(65 + at)}{line}", title, "inlineStr") for at, title in enumerate(titles)))


def text(place: str, value: str) -> str:
    """The XML of a cell with a text of its own."""
    return cell(place, value, "inlineStr")


def data_row(number: int) -> str:
    """A row of the columns id and name."""
    return row(number, cell(f"A{number}", str(number)), text(f"B{number}", f"name {number}"))


def rejected(code: str, data: bytes, **given: Any) -> FileRejected:
    """Read a sheet and return why the whole workbook is refused."""
    with pytest.raises(FileRejected) as caught:
        seen(data, **given)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)
    return caught.value

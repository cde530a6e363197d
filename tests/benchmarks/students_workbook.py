"""The students' file as a workbook, laid out as Excel does it: shared strings, typed cells, styles for dates."""

import zipfile
from datetime import datetime
from itertools import islice
from pathlib import Path
from xml.sax.saxutils import escape

from tests.benchmarks.students import FIELDS, HEADER, rows

_EPOCH = datetime(1899, 12, 30)
_BORN_ON, _ENROLLED_AT, _ACTIVE = FIELDS.index("born_on"), FIELDS.index("enrolled_at"), FIELDS.index("active")
_CREDITS = FIELDS.index("credits")
_NUMBERS = {FIELDS.index("balance"), _CREDITS}
_LETTERS = "ABCDEFGHIJKL"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FORMATS = {_BORN_ON: "%d/%m/%Y", _ENROLLED_AT: "%Y-%m-%dT%H:%M:%S"}

_FIXED = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SPREADSHEET}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SPREADSHEET}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SPREADSHEET}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr date1904="false"/>'
    '<sheets><sheet name="students" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="164" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_STYLES = {_BORN_ON: 1, _ENROLLED_AT: 2}


class _Strings(dict[str, int]):
    """Gives each distinct text its number."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number


def write_workbook(path: Path, count: int) -> None:
    """Write a workbook of so many students."""
    strings = _Strings()
    lines = [_row(1, HEADER, strings), *(_row(n, row, strings) for n, row in enumerate(islice(rows(), count), start=2))]
    sheet = f'<worksheet xmlns="{_MAIN}"><dimension ref="A1:L{count + 1}"/><sheetData>{"".join(lines)}</sheetData>'
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in _FIXED.items():
            archive.writestr(name, content)
        archive.writestr("xl/worksheets/sheet1.xml", sheet + "</worksheet>")
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}" uniqueCount="{len(strings)}">{items}</sst>')


def _row(number: int, cells: list[str], strings: _Strings) -> str:
    written = (_cell(f"{_LETTERS[at]}{number}", at, text, strings) for at, text in enumerate(cells) if text)
    return f'<row r="{number}">{"".join(written)}</row>'


def _cell(place: str, at: int, text: str, strings: _Strings) -> str:
    """Return a cell of the type that Excel would give it; what is no value of its column is text."""
    if at in _FORMATS:
        try:
            moment = datetime.strptime(text, _FORMATS[at])
        except ValueError:
            pass
        else:
            since = moment - _EPOCH
            return f'<c r="{place}" s="{_STYLES[at]}"><v>{since.days + since.seconds / 86_400!r}</v></c>'
    if at in _NUMBERS and text.replace(".", "", 1).removeprefix("-").isdigit() and not (at == _CREDITS and "." in text):
        return f'<c r="{place}"><v>{float(text):.15g}</v></c>'
    if at == _ACTIVE and text in ("true", "false"):
        return f'<c r="{place}" t="b"><v>{int(text == "true")}</v></c>'
    return f'<c r="{place}" t="s"><v>{strings[text]}</v></c>'

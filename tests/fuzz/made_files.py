"""Files of every format and dialect, made by chance for a template; cells fit their fields, mostly."""

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

from longshore.domain.templates.template import Template
from longshore.domain.templates.template_field import TemplateField

FITTING: dict[str, list[str]] = {
    "string": ["red", "green", "x", "007", "ä ö", "a,b", 'say "hi"', "two\nlines", "=1+1", "aa a"],
    "integer": ["1", "42", "-3", "+7", "007", "9223372036854775807"],
    "decimal": ["1.5", "-0.25", "12", "1E5", "0.00000001", "1234567890123456.7"],
    "boolean": ["true", "false", "1", "0", "yes", "no", "TRUE"],
    "date": ["2026-03-01", "2024-02-29", "01/02/2026", "13/12/2025"],
    "datetime": ["2026-03-01T12:30:00Z", "2026-03-01 12:30:00+02:00", "01/02/2026 10:30", "2026-03-29T02:30:00"],
    "time": ["12:30", "23:59:59", "00:00:00.5"],
    "email": ["ana@example.com", "a.b+c@sub.example.org"],
    "phone": ["+49 30 123456", "030/123456", "(555) 123-4567"],
    "url": ["https://example.com/a?b=c#d", "http://localhost:8080"],
    "uuid": ["12345678-1234-5678-1234-567812345678", "{12345678123456781234567812345678}"],
    "json": ['{"a": [1, 2.50, null]}', "[]", "1e400", '"x"'],
    "list": ["a;b", "a", ";;a", "a | b,c"],
    "reference": ["r1", "r2"],
}


class Even(random.Random):
    """Chances that are all the same: small ones never come true, so a table is written with nothing odd in it."""

    def random(self) -> float:
        """Return what no share of less than four in five is greater than."""
        return 0.8


SECRET = "S3CR3T"
"""What half of the sensitive cells begin with: it may be shown nowhere."""

ODD = [
    *("", "", " ", "\t", "NULL", "-", "n/a", "'", '"', '""', "\\", "\ufeff", "\x00", "\u2028", "\x85", "\u202e", "NaN"),
    *("1_000", "１２", "1e999999999", "-" * 400, "x" * 700, "9" * 400, "99999999999999999999", "0000-00-00", "#DIV/0!"),
    *(
        "2026-02-30",
        "2026-03-01T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "24:00",
        "[" * 300,
    ),
    *('{"a":1,"a":2}', "\r", "a\r\nb", "•••••", "{0}", "%s", "\U0010ffff", "e\u0301", "ß", "İ", "=cmd|' /C calc'!A0"),
]


def made_rows(chance: random.Random, template: Template) -> list[list[str]]:
    """Return a table with its header: the columns of the template, perhaps fewer, more, or in another order."""
    fields: list[TemplateField | None] = list(template.fields)
    if chance.random() < 0.2:
        fields.insert(chance.randint(0, len(fields)), None)
    if chance.random() < 0.15:
        chance.shuffle(fields)
    if chance.random() < 0.15 and len(fields) > 1:
        fields.pop()
    header = [field.header if field else chance.choice(["more", "", "f00"]) for field in fields]
    count = chance.choices([0, 1, 2, 3, 5, 9, 20, 2500], [4, 20, 20, 20, 30, 30, 30, 1])[0]
    return [header, *([_cell(chance, field, at) for field in fields] for at in range(count))]


def _cell(chance: random.Random, field: TemplateField | None, row: int) -> str:
    if chance.random() < 0.1:
        return chance.choice(ODD)
    if field is None:
        return chance.choice(ODD + FITTING["string"])
    if field.sensitive and chance.random() < 0.5:
        return f"{SECRET} {row}"
    text = chance.choice(FITTING[field.type])
    return f"{text}{row}" if field.name == "f0" and field.type == "string" else text


def as_csv(chance: random.Random, rows: list[list[str]], template: Template) -> bytes:
    """Write a table in any dialect, the declared one where the template declares one."""
    options = template.file
    delimiter = options.delimiter or chance.choice([",", ",", ",", ";", "\t", "|"])
    quote = '"' if options.quote is None else options.quote
    end = chance.choice(["\n", "\n", "\r\n", "\r"])
    every = chance.random() < 0.3

    def cell(text: str) -> str:
        special = {delimiter, quote, "\r", "\n"}
        if quote and (every or set(text) & special):
            if options.escape:
                text = text.replace("\\", "\\\\").replace(quote, "\\" + quote)
            else:
                text = text.replace(quote, quote * 2)
            return f"{quote}{text}{quote}"
        return text

    lines = [delimiter.join(map(cell, row)) for row in rows]
    before = ["Report of today", ""][: chance.randint(0, 2)] if chance.random() < 0.1 else []
    after = ["", "Total"][: chance.randint(0, 2)] if chance.random() < 0.1 else []
    text = end.join([*before, *lines, *after]) + (end if chance.random() < 0.8 else "")
    encoding = options.encoding or chance.choice(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "cp1252"])
    return text.encode(encoding, "replace")


def as_json(chance: random.Random, rows: list[list[str]], template: Template) -> bytes:
    """Write a table as JSON: an array, or one inside of an object."""
    records = _records(chance, rows)
    path = template.file.path or chance.choice(["", "", "data", "data.items"])
    document: Any = records
    for key in reversed(path.split(".") if path else []):
        document = {"count": len(records), key: document}
    indent = chance.choice([None, None, 2])
    ascii_only = chance.random() < 0.5
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    return text.encode(template.file.encoding or "utf-8", "replace")


def as_ndjson(chance: random.Random, rows: list[list[str]], template: Template) -> bytes:
    """Write a table as one object a line."""
    ascii_only = chance.random() < 0.5
    text = "".join(json.dumps(record, ensure_ascii=ascii_only) + "\n" for record in _records(chance, rows))
    return text.encode(template.file.encoding or "utf-8", "replace")


def _records(chance: random.Random, rows: list[list[str]]) -> list[Any]:
    records: list[Any] = []
    for cells in rows[1:]:
        record: dict[str, Any] = {}
        for path, text in zip(rows[0], cells, strict=True):
            at = record
            *outer, last = path.split(".")
            for key in outer:
                at = at.setdefault(key, {})
            at[last] = _json_value(chance, text)
        records.append(record)
    if len(records) > 1 and chance.random() < 0.05:
        records[chance.randrange(1, len(records))] = chance.choice([None, 1, "x", [], {}])
    return records


def _json_value(chance: random.Random, text: str) -> Any:
    if chance.random() < 0.05:
        return chance.choice([None, True, 1, -0.0, 1.5, 10**30, [], {}, ["a", "b"], {"a": {"b": 1}}, "\ud800"])
    if text.removeprefix("-").isdecimal() and text.isascii() and chance.random() < 0.5:
        return int(text)
    return text


PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FORMAT_CODES = '<xf numFmtId="0"/><xf numFmtId="14"/>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def as_xlsx(chance: random.Random, rows: list[list[str]], template: Template) -> bytes:
    """Write a table as a workbook, with cells of every kind, and perhaps a second sheet."""
    sheets = ["S1", "S2"][: 2 if chance.random() < 0.15 else 1]
    shared: list[str] = []
    files = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *(("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)),
                *(("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")),
            ]
        ),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        + "".join(f'<sheet name="{title}" sheetId="{n}" r:id="rId{n}"/>' for n, title in enumerate(sheets, 1))
        + "</sheets></workbook>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs>{FORMAT_CODES}</cellXfs></styleSheet>',
    }
    for n in range(1, len(sheets) + 1):
        lines = "".join(_sheet_row(chance, at, cells, shared) for at, cells in enumerate(rows, 1))
        files[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'
    items = "".join(f"<si><t>{_xml(text)}</t></si>" for text in shared)
    files["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{items}</sst>'
    return packed({name: text.encode() for name, text in files.items()})


def _relations(targets: list[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{lines}</Relationships>'


def _sheet_row(chance: random.Random, line: int, cells: list[str], shared: list[str]) -> str:
    made = [_sheet_cell(chance, f"{chr(65 + at)}{line}", text, shared) for at, text in enumerate(cells)]
    return f'<row r="{line}">{"".join(made)}</row>'


def _sheet_cell(chance: random.Random, place: str, text: str, shared: list[str]) -> str:
    if not text and chance.random() < 0.7:
        return ""
    if text.removeprefix("-").isdecimal() and text.isascii() and chance.random() < 0.6:
        return f'<c r="{place}" s="{chance.choice("0001")}"><v>{text}</v></c>'
    if not place.endswith("1") and chance.random() < 0.03:
        return chance.choice(
            [
                f'<c r="{place}" t="e"><v>#DIV/0!</v></c>',
                f'<c r="{place}"><f>A1</f></c>',
                f'<c r="{place}" t="b"><v>1</v></c>',
                f'<c r="{place}" t="s"><v>99999</v></c>',
                f'<c r="{place}" t="d"><v>2026-03-01</v></c>',
            ]
        )
    if chance.random() < 0.5:
        shared.append(text)
        return f'<c r="{place}" t="s"><v>{len(shared) - 1}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{_xml(text)}</t></is></c>'


def _xml(text: str) -> str:
    """Return a text as it stands in XML; what XML lacks is escaped as workbooks do it (ECMA-376 part 1, 22.9.2.19)."""
    escaped = text.replace("_x", "_x005F_x").replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"_x{ord(c):04X}_" if c < " " or c in "\ufffe\uffff" else c for c in escaped)


def packed(files: dict[str, bytes]) -> bytes:
    """Return a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def as_gzip(chance: random.Random, rows: list[list[str]], template: Template) -> bytes:
    """Write a table as packed text, in one member or in several."""
    data = chance.choice([as_csv, as_json, as_ndjson])(chance, rows, template)
    cut = chance.randint(0, len(data)) if chance.random() < 0.3 else len(data)
    return b"".join(gzip.compress(piece, 1, mtime=0) for piece in (data[:cut], data[cut:]) if piece)


def as_zip(chance: random.Random, rows: list[list[str]], template: Template) -> bytes:
    """Write a table once or twice into an archive."""
    kinds = chance.choices([("csv", as_csv), ("json", as_json), ("ndjson", as_ndjson), ("xlsx", as_xlsx)], k=2)
    count = chance.randint(1, 2)
    return packed({f"{n}.{ext}": write(chance, rows, template) for n, (ext, write) in enumerate(kinds[:count])})


FORMATS: dict[str, Callable[[random.Random, list[list[str]], Template], bytes]] = {
    "csv": as_csv,
    "json": as_json,
    "ndjson": as_ndjson,
    "xlsx": as_xlsx,
    "gzip": as_gzip,
    "zip": as_zip,
}


def made_file(chance: random.Random, kind: str, template: Template) -> bytes:
    """Return a file of a format for a template."""
    return FORMATS[kind](chance, made_rows(chance, template), template)

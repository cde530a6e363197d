"""A ZIP archive of several files: which of them are parts, and what is refused by its name."""

import gzip
import zipfile
from contextlib import ExitStack
from io import BytesIO

import pytest
from workbook_files import Made, data_row, header, sheet_xml

from longshore.domain.templates.file_options import FileOptions
from longshore.errors import FileRejected
from longshore.readers.archives.zip_members import zip_parts
from longshore.readers.reader import PartSource

WORKBOOK = Made(
    {"One": sheet_xml(header("id", "name") + data_row(2)), "Two": sheet_xml(header("id", "b") + data_row(3))}
)


def zipped(files: dict[str, bytes]) -> BytesIO:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out


def cells(part: PartSource) -> tuple[str, str, list[tuple[str, ...]]]:
    """Return format and member of a part's plan, and all of its cells."""
    plan = part.unmapped_plan(FileOptions(), set())
    return plan.format, plan.member, [tuple(row) for chunk in part.read(plan) for row in chunk.cells]


def refusal(files: dict[str, bytes]) -> FileRejected:
    with ExitStack() as resources, pytest.raises(FileRejected) as caught:
        zip_parts(zipped(files), FileOptions(), resources)
    return caught.value


def test_every_file_is_a_part_by_name():
    files = {
        "b/orders.tsv": b"id\tname\n1\tone\n",
        "a.csv": b"id,name\n2,two\n",
        "c.json": b'[{"id": 3, "name": "three"}]',
        "d.ndjson": b'{"id": 4, "name": "four"}\n{"id": 5, "name": "five"}\n',
        "e.XLSX": WORKBOOK.bytes(),
        "f.txt": b"id;name\n5;five\n",
    }
    with ExitStack() as resources:
        parts = zip_parts(zipped(files), FileOptions(), resources)
        assert {part.name: cells(part) for part in parts} == {
            "a.csv": ("csv", "a.csv", [("2", "two")]),
            "b/orders.tsv": ("csv", "b/orders.tsv", [("1", "one")]),
            "c.json": ("json", "c.json", [("3", "three")]),
            "d.ndjson": ("ndjson", "d.ndjson", [("4", "four"), ("5", "five")]),
            "e.XLSX/One": ("xlsx", "e.XLSX", [("2", "name 2")]),
            "e.XLSX/Two": ("xlsx", "e.XLSX", [("3", "name 3")]),
            "f.txt": ("csv", "f.txt", [("5", "five")]),
        }
        assert [part.name for part in parts] == sorted(part.name for part in parts)


def test_what_operating_systems_add_is_skipped():
    added = ["__MACOSX/._a.csv", "folder/.DS_Store", "Thumbs.db", "._a.csv", "folder/"]
    with ExitStack() as resources:
        parts = zip_parts(zipped({"a.csv": b"id\n1\n"} | dict.fromkeys(added, b"")), FileOptions(), resources)
        assert [part.name for part in parts] == ["a.csv"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("notes.docx", b"", "UNSUPPORTED_MEMBER"),
        ("readme", b"", "UNSUPPORTED_MEMBER"),
        ("inner.zip", b"", "NESTED_ARCHIVE"),
        ("data.csv.gz", gzip.compress(b"id\n1\n", mtime=0), "NESTED_ARCHIVE"),
        ("really.csv", gzip.compress(b"id\n1\n", mtime=0), "NESTED_ARCHIVE"),
        ("really.json", zipped({"a": b"a"}).getvalue(), "NESTED_ARCHIVE"),
        ("broken.xlsx", b"no workbook", "DAMAGED_ARCHIVE"),
        ("inner.xlsx", zipped({"a.csv": b"id\n1\n"}).getvalue(), "UNSUPPORTED_FORMAT"),
    ],
)
def test_anything_else_is_refused_by_its_name(name, data, code):
    error = refusal({"a.csv": b"id\n1\n", name: data})
    assert error.code == code
    assert name in str(error)


def test_an_archive_without_data_and_one_with_too_much():
    assert refusal({"__MACOSX/x": b""}).code == "EMPTY_ARCHIVE"
    assert refusal({f"{n}.csv": b"id\n1\n" for n in range(51)}).code == "TOO_MANY_PARTS"
    many = {f"{n}.csv": b"id\n1\n" for n in range(49)} | {"w.xlsx": WORKBOOK.bytes()}
    assert refusal(many).code == "TOO_MANY_PARTS"


def test_a_workbook_that_did_not_look_like_one_is_read_as_one():
    with ExitStack() as resources:
        parts = zip_parts(BytesIO(WORKBOOK.bytes()), FileOptions(), resources)
        assert [part.name for part in parts] == ["One", "Two"]


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        ("xl/workbook.bin", "XLSB"),
        ("content.xml", "OpenDocument"),
        ("word/document.xml", "Word"),
        ("ppt/presentation.xml", "presentation"),
        ("Index/Document.iwa", "Numbers"),
    ],
)
def test_other_documents_are_named(mark, kind):
    error = refusal({"mimetype": b"", "[Content_Types].xml": b"", mark: b""})
    assert error.code == "UNSUPPORTED_FORMAT"
    assert kind in str(error)


def test_a_workbook_with_a_password_and_an_old_one():
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    directory = "EncryptedPackage".encode("utf-16-le")
    assert refusal({"a.xlsx": container + bytes(2_000_000) + directory + bytes(100)}).code == "ENCRYPTED_FILE"
    assert "XLS)" in str(refusal({"a.xlsx": container}))

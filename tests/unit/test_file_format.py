"""Telling the kind of a file by its first bytes: what can be imported, and what is refused by its name."""

import codecs
import gzip
import io
import struct
import zipfile

import pytest

from longshore.domain.templates.file_options import FileOptions
from longshore.errors import FileRejected
from longshore.readers.format import sniff_format


def kind(data, **options):
    sample = data.encode() if isinstance(data, str) else data
    return sniff_format(sample[: 64 * 1024], FileOptions(**options))


def refusal(data, **options):
    with pytest.raises(FileRejected) as refused:
        kind(data, **options)
    assert refused.value.code == "NOT_TEXT"
    assert "\n" not in str(refused.value)
    return str(refused.value)


def archive(*names, stored=b"x" * 3000, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name in names:
            file.writestr(name, stored)
    return out.getvalue()


class Unseekable(io.BytesIO):
    """Where an archive is written as a stream: sizes come behind the data."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise OSError

    def tell(self):
        raise OSError


def streamed(*names):
    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, b"x" * 3000)
    return out.getvalue()


WORKBOOK = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("id,name\n1,a\n", "csv"),
        ("", "csv"),
        ("[id],[name]\n1,a\n", "csv"),
        ("{id};{name}\n", "csv"),
        ("<id>,<name>\n", "csv"),
        ("ORCID,GIF\n", "csv"),
        ("BZh,BM,PAR1\n", "csv"),
        ("[]", "json"),
        ('\ufeff\n [{"id": 1},\n {"id": 2}]', "json"),
        ('[\n{"id": 1}]', "json"),
        ('{"data": [{"id": 1}]}', "json"),
        ('{\n"id": 1\n}\n', "json"),
        ('{"id": 1}\n{"id": 2}\n', "ndjson"),
        ('{"id": 1}\r\n\r\n{"id": 2}', "ndjson"),
        ("[1, 2]\n[3, 4]\n", "ndjson"),
        ("[" * 60_000, "json"),
        ('[{"id": 1}]'.encode("utf-16"), "json"),
        (gzip.compress(b"id\n", mtime=0), "gzip"),
        (archive("a.csv", "b.csv"), "zip"),
        (archive("data/a.json"), "zip"),
        (archive(), "zip"),
        (streamed("a.csv", "b.csv"), "zip"),
        (archive("a.xlsx", stored=archive(*WORKBOOK), method=zipfile.ZIP_STORED), "zip"),
        (archive(*WORKBOOK), "xlsx"),
        (archive("docProps/app.xml", "xl/workbook.xml", "[Content_Types].xml"), "xlsx"),
        (streamed("docProps/app.xml", "_rels/.rels", "xl/workbook.xml"), "xlsx"),
    ],
)
def test_kinds_that_can_be_imported(data, expected):
    assert kind(data) == expected


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PAR1\x15\x04\x15", "Parquet"),
        (b"Obj\x01\x04", "Avro"),
        (b"ARROW1\0\0", "Arrow"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"GIF89a", "picture"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"Rar!\x1a\x07\x01", "RAR"),
        (b"BZh91AY&SY", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"a.csv".ljust(257, b"\0") + b"ustar", "tar"),
        (b"{\\rtf1\\ansi", "Rich Text"),
        ("\ufeff\n<!DOCTYPE html><html>", "web page"),
        ("<table><tr><td>1", "web page"),
        ('<?xml version="1.0"?>\n<rows>', "XML"),
        ("<rows>\n  <row>", "XML"),
        ('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "Excel 2003"),
        (archive("[Content_Types].xml", "word/document.xml"), "Word"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "PowerPoint"),
        (archive("[Content_Types].xml", "xl/workbook.bin"), ".xlsb"),
        (
            archive("mimetype", stored=b"application/vnd.oasis.opendocument.spreadsheet", method=zipfile.ZIP_STORED),
            "OpenDocument",
        ),
    ],
)
def test_other_kinds_are_refused_by_their_names(data, says):
    assert says in refusal(data)
    assert "; " in refusal(data), "it says what to do"


def ole(*names):
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<504x") + b"".join(n.encode("utf-16-le") for n in names)


def test_old_and_encrypted_workbooks_are_told_apart():
    assert "password" in refusal(ole("Root Entry", "EncryptionInfo", "EncryptedPackage"))
    assert "password;" not in refusal(ole("Root Entry", "Workbook"))
    assert ".xls" in refusal(ole("Root Entry", "Book"))
    assert "or one protected" in refusal(ole())


def test_what_is_declared_counts():
    assert kind("[1]\n", format="csv") == "csv"
    assert kind('{"a": 1}\n', format="ndjson") == "ndjson"
    assert kind(archive("odd.bin"), format="xlsx") == "xlsx"
    assert kind(archive("a.csv"), format="csv") == "zip"
    assert kind(gzip.compress(b"id\n", mtime=0), format="csv") == "gzip"
    assert "but csv is declared" in refusal(archive(*WORKBOOK), format="csv")
    assert "but xlsx is declared" in refusal("id,name\n", format="xlsx")


def test_a_mark_that_contradicts_the_declared_encoding_is_refused():
    with pytest.raises(FileRejected) as refused:
        kind(codecs.BOM_UTF8 + b"[]", encoding="cp1252")
    assert refused.value.code == "WRONG_ENCODING"

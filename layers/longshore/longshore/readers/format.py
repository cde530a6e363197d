"""What kind of file an upload is, told by its first bytes; what nobody can import is refused by its name."""

import json
import re
import struct
from typing import Literal

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.templates.file_options import FileOptions, Format
from longshore.readers.encoding import text_encoding

Kind = Format | Literal["zip", "gzip"]

_AS_CSV = "save the data as CSV (UTF-8) or XLSX"
_UNPACK = "unpack it and upload the file inside"
_REFUSED = (  # each long enough that no header of CSV begins so
    (b"%PDF-", "a PDF document", "export the data as CSV (UTF-8)"),
    (b"PAR1\x15", "a Parquet file", "export the data as CSV (UTF-8)"),
    (b"Obj\x01", "an Avro file", "export the data as CSV (UTF-8)"),
    (b"ARROW1\0\0", "an Arrow file", "export the data as CSV (UTF-8)"),
    (b"SQLite format 3\0", "an SQLite database", "export the table as CSV (UTF-8)"),
    (b"{\\rtf", "a Rich Text document", _AS_CSV),
    (b"\x89PNG", "a picture", _AS_CSV),
    (b"\xff\xd8\xff", "a picture", _AS_CSV),
    (b"GIF87a", "a picture", _AS_CSV),
    (b"GIF89a", "a picture", _AS_CSV),
    (b"II*\0", "a picture", _AS_CSV),
    (b"MM\0*", "a picture", _AS_CSV),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    *((b"BZh%d1AY&SY" % level, "compressed with bzip2", _UNPACK) for level in range(1, 10)),
    (b"\xfd7zXZ\0", "compressed with xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", _UNPACK),
)
_TEXT_REFUSED = (  # each long enough that no header of CSV begins so
    (re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|table|div)\b", re.IGNORECASE), "a web page (HTML)"),
    (re.compile(rb"\s*<\?xml[\s\S]*urn:schemas-microsoft-com:office:spreadsheet"), "an Excel 2003 XML workbook"),
    (re.compile(rb"\s*<(?:\?xml\b|[a-z_][\w.:-]*(?:\s[^<>]*)?>\s*<)", re.IGNORECASE), "an XML document"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP = b"\x1f\x8b"
_ZIP_ENTRY = 30
"""Bytes of a local file header before the name (APPNOTE.TXT, 4.3.7)."""
_ZIP_SIZES = struct.Struct("<6xH10xI4xHH")
"""Of such a header: flags, packed size, length of the name, length of the extra field."""

_BRACKETED_HEADER = re.compile(r"\s*[\[{][^\[\]{}\"\r\n]*[\]}][ \t]*[,;\t|]")
"""[id],[name] or {id};{name}: headers of CSV in brackets; in JSON nothing follows the first value."""


def sniff_format(sample: bytes, options: FileOptions) -> Kind:
    """Return the kind of a file that begins with `sample`; a declared format counts for everything but archives.

    Raises FileRejected (NOT_TEXT, WRONG_ENCODING) where the file is of a kind that cannot be imported, or is not what
    is declared.
    """
    if sample.startswith(_GZIP):
        return "gzip"
    if sample.startswith(_ZIP):
        return _kind_of_zip(sample, options.format)
    refuse_other_kinds(sample)
    if options.format == "xlsx":
        raise file_rejected("NOT_TEXT", kind="no Excel workbook, but xlsx is declared", advice="correct file.format")
    return options.format or _kind_of_text(sample, options.encoding)


def refuse_archives(sample: bytes) -> None:
    """Raise FileRejected where a part of text turns out to be packed or a workbook."""
    if sample.startswith(_ZIP):
        raise file_rejected("NOT_TEXT", kind="a ZIP archive or an Excel workbook", advice="correct file.format")
    if sample.startswith(_GZIP):
        raise file_rejected("NOT_TEXT", kind="compressed with gzip", advice="decompress it first")


def refuse_other_kinds(sample: bytes) -> None:
    """Raise FileRejected for a file that is no text, no workbook and no archive that can be read."""
    if sample.startswith(_OLE):
        raise file_rejected("NOT_TEXT", kind=_kind_of_ole(sample), advice="save it as XLSX without a password")
    for magic, kind, advice in _REFUSED:
        if sample.startswith(magic):
            raise file_rejected("NOT_TEXT", kind=kind, advice=advice)
    if sample[257:262] == b"ustar":
        raise file_rejected("NOT_TEXT", kind="a tar archive", advice=_UNPACK)
    text = sample.removeprefix(b"\xef\xbb\xbf")
    for pattern, kind in _TEXT_REFUSED:
        if pattern.match(text):
            raise file_rejected("NOT_TEXT", kind=kind, advice=_AS_CSV)


def _kind_of_ole(sample: bytes) -> str:
    """Name what is in an OLE container; its directory is in the sample only if it stands near the beginning."""
    if "EncryptedPackage".encode("utf-16-le") in sample:
        return "a workbook protected by a password"
    if any(name.encode("utf-16-le") in sample for name in ("Workbook", "Book")):
        return "an old Excel workbook (.xls)"
    return "an old Excel workbook (.xls) or one protected by a password"


def _kind_of_zip(sample: bytes, declared: Format | None) -> Kind:
    names = _zip_names(sample)
    if any(name.startswith("word/") for name in names):
        raise file_rejected("NOT_TEXT", kind="a Word document", advice=_AS_CSV)
    if any(name.startswith("ppt/") for name in names):
        raise file_rejected("NOT_TEXT", kind="a PowerPoint document", advice=_AS_CSV)
    if "xl/workbook.bin" in names:
        raise file_rejected("NOT_TEXT", kind="a binary Excel workbook (.xlsb)", advice="save it as XLSX")
    if names[:1] == ["mimetype"] and b"opendocument" in sample[:200]:
        raise file_rejected("NOT_TEXT", kind="an OpenDocument file", advice="save it as XLSX")
    is_workbook = declared == "xlsx" or any(name == "[Content_Types].xml" or name.startswith("xl/") for name in names)
    if is_workbook and declared not in (None, "xlsx"):
        raise file_rejected(
            "NOT_TEXT", kind=f"an Excel workbook, but {declared} is declared", advice="correct file.format"
        )
    return "xlsx" if is_workbook else "zip"


def _zip_names(sample: bytes) -> list[str]:
    """Return the names of the entries that begin in the sample; what is inside of them is stepped over."""
    names, at = [], 0
    while sample.startswith(b"PK\x03\x04", at) and len(sample) >= at + _ZIP_ENTRY:
        flags, packed, name_length, extra_length = _ZIP_SIZES.unpack_from(sample, at)
        data = at + _ZIP_ENTRY + name_length + extra_length
        names.append(sample[at + _ZIP_ENTRY : at + _ZIP_ENTRY + name_length].decode("utf-8", "replace"))
        # An entry that was written as a stream tells its length behind its data only (bit 3 of the flags).
        at = sample.find(b"PK\x03\x04", data) if flags & 8 and not packed else data + packed
        if at < 0:
            break
    return names


def _kind_of_text(sample: bytes, declared_encoding: str | None) -> Format:
    encoding, _ = text_encoding(sample, declared_encoding)
    text = sample.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if not text.startswith(("[", "{")) or _BRACKETED_HEADER.match(text):
        return "csv"
    lines = [line for line in text.split("\n", 10)[:10] if line.strip()]
    if len(lines) > 1 and lines[1].lstrip().startswith(("[", "{")) and _is_json(lines[0]):
        return "ndjson"
    return "json"


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True

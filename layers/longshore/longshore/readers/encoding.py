"""Which encoding a text has: the one that its byte order mark names, the declared one, or UTF-8."""

import codecs

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.errors import FileRejected

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),  # before UTF-16: its mark begins with theirs
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
)
"""Each mark, the codec that takes it away, and the same encoding without a mark."""


def text_encoding(sample: bytes, declared: str | None) -> tuple[str, bool]:
    """Return the codec to decode with, and whether the text begins with a byte order mark.

    Raises FileRejected (WRONG_ENCODING) where the mark contradicts what is declared.
    """
    name = codecs.lookup(declared).name if declared is not None else None
    for mark, codec, unmarked in _MARKS:
        if sample.startswith(mark):
            if name not in (None, codec, unmarked):
                problem = f"a byte order mark of {unmarked.upper()}, but {name} is declared"
                raise file_rejected("WRONG_ENCODING", line=1, byte=0, problem=problem)
            return codec, True
    return name or "utf-8", False


def unmarked(encoding: str) -> FileRejected:
    """Make the refusal of a text that does not begin with the byte order mark that its encoding needs."""
    problem = f"no byte order mark, which {encoding} begins with; or declare {encoding}-le or -be"
    return file_rejected("WRONG_ENCODING", line=1, byte=0, problem=problem)


def without_mark(encoding: str) -> str:
    """Return the same encoding for text that does not begin with the file."""
    return "utf-8" if codecs.lookup(encoding).name == "utf-8-sig" else encoding


def is_bytewise(encoding: str) -> bool:
    """Whether a text that could be decoded has as many bytes as it is encoded to again, and NUL is a byte of its own.

    That is UTF-8, and what has one byte for each character: its decoder keeps nothing from one block to the next.
    """
    name = codecs.lookup(encoding).name
    if name in ("utf-8", "utf-8-sig"):
        return True
    kinds = type(codecs.getincrementaldecoder(encoding)()).__bases__
    if kinds != (codecs.IncrementalDecoder,):
        return False
    text = bytes(range(1, 256)).decode(encoding, "replace")
    return len(text) == 255 and "\0" not in text

"""From bytes to physical lines: strict decoding that names the place of a fault, and line ends kept as they are."""

import codecs
from io import StringIO

from longshore.domain.file_errors import file_rejected

MAX_RECORD_CHARS = 1024 * 1024
"""No record that fits into a DynamoDB item is longer, even if it is nothing but doubled quotes."""


class LineDecoder:
    """Turns blocks of bytes into physical lines; a line ends with CR LF, LF or CR, and keeps its end.

    Of a line longer than MAX_RECORD_CHARS only so much is kept that it is still too long; memory stays flat.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._rest = ""
        self._bytes = 0
        self._lines = 0

    def feed(self, block: bytes, final: bool) -> list[str]:
        """Return the lines that end in this block, and at the end of the file the last one; raise FileRejected."""
        self._bytes += len(block)
        try:
            text = self._rest + self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(error) from None
        lines = self._split(text, final)
        self._lines += len(lines)
        return lines

    def _split(self, text: str, final: bool) -> list[str]:
        held = ""
        if not final and text.endswith("\r"):  # its line feed may be in the next block
            text, held = text[:-1], "\r"
        lines = StringIO(text, newline="").readlines()
        self._rest = held
        if not final and lines and not lines[-1].endswith(("\n", "\r")):
            self._rest = lines.pop()[: MAX_RECORD_CHARS + 1] + held
        return lines

    def _wrong_encoding(self, error: UnicodeDecodeError) -> Exception:
        # The codec's buffer is always the end of all bytes so far, whatever it had kept back of earlier blocks.
        good = error.object[: error.start].decode(self._encoding, "ignore")
        begun = StringIO(self._rest + good, newline="").readlines()
        ended = len(begun) - 1 if begun and not begun[-1].endswith(("\n", "\r")) else len(begun)
        wrong = error.object[error.start : error.end][:4].hex(" ")
        return file_rejected(
            "WRONG_ENCODING",
            line=self._lines + ended + 1,
            byte=self._bytes - len(error.object) + error.start,
            problem=f"the bytes {wrong} are not valid {self._encoding}",
        )

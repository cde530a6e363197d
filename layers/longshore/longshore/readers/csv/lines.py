"""From bytes to physical lines: decoding that names the place of a fault, and line ends kept as they are."""

import codecs
import re
from functools import cached_property
from io import StringIO

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.readers.encoding import is_bytewise, unmarked, without_mark

MAX_RECORD_CHARS = 1024 * 1024
"""No record that fits into a DynamoDB item is longer, even if it is nothing but doubled quotes."""

WRONG_BYTES = re.compile("[\udc80-\udcff]+")
"""Bytes that are not of the encoding, as the error handler "surrogateescape" (PEP 383) stands them into the text."""

_LINKED = ("utf-16", "utf-32", "iso2022", "hz")
"""Encodings in which a wrong byte may change the meaning of all that follow: there is no going on behind it."""


class LineDecoder:
    """Turns blocks of bytes into whole physical lines; a line ends with CR LF, LF or CR, and keeps its end.

    Bytes that are not of the encoding become WRONG_BYTES, and `is_damaged` is true from then on; a `strict` decoder
    refuses the file, as any does where nobody can tell where the next character begins. Of a line longer than
    MAX_RECORD_CHARS only so much is kept that it is still too long; memory stays flat. `has_nuls` is false as long as
    there can be no NUL characters.
    """

    def __init__(self, encoding: str, strict: bool = False) -> None:
        self.is_damaged = False
        self._encoding = encoding
        self._unmarked = without_mark(encoding)
        self._is_bytewise = is_bytewise(encoding)
        self.has_nuls = not self._is_bytewise
        self._strict = strict or codecs.lookup(encoding).name.startswith(_LINKED)
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._ends_are_bytes = self._is_bytewise and b"\n".decode(encoding) == "\n"
        self._held = b""
        self._rest = ""
        self._is_whole = True
        self._bytes = 0
        self._lines = 0

    def feed(self, block: bytes, final: bool) -> str:
        """Return the lines that end in this block, and at the end of the file the last one; raise FileRejected."""
        self.has_nuls = self.has_nuls or b"\0" in block
        end = block.rfind(b"\n") + 1 if self._ends_are_bytes and not self._rest and not final else 0
        if end:  # the begin of a line is kept in bytes, because these are fewer than those of its characters here
            lines = b"".join((self._held, memoryview(block)[:end]))
            text, self._held = self._decoded(lines, final), block[end:]
        else:
            text = self._rest + self._decoded(self._held + block, final)
            self._held = b""
            end = len(text) if final else _end_of_lines(text)
            text, rest = text[:end], text[end:]
            self._rest = _shortened(rest)
            self._is_whole = self._is_whole and len(self._rest) == len(rest)
        if self._strict:
            self._lines += text.count("\n") + text.count("\r") - text.count("\r\n")
        return text

    def offset(self, unread: str) -> int | None:
        """Return how many bytes of the file come before `unread`, the end of the lines given; None if nobody can tell.

        That is where bytes and characters are not one to one, or where some were wrong, or left out.
        """
        if not self._is_bytewise or self.is_damaged or not self._is_whole:
            return None
        kept = self._decoder.getstate()[0]
        return self._bytes - len(kept) - len(f"{unread}{self._rest}".encode(self._unmarked))

    def _decoded(self, block: bytes, final: bool) -> str:
        self._bytes += len(block)
        before = self._decoder.getstate()
        try:
            return self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            if self._strict:
                self._decoder.setstate((b"", before[1]))
                raise self._wrong_encoding(error) from None
        except UnicodeError:  # of the codecs utf-16 and utf-32
            raise unmarked(self._encoding) from None
        self._decoder.setstate(before)
        self._decoder.errors = "surrogateescape"
        text = self._decoder.decode(block, final)
        self._decoder.errors = "strict"
        self.is_damaged = True
        return text

    def _wrong_encoding(self, error: UnicodeDecodeError) -> Exception:
        # The codec's buffer is always the end of all bytes so far, whatever it had kept back of earlier blocks.
        try:
            good = self._decoder.decode(error.object[: error.start])
        except UnicodeError:  # as in _decoded: only with the bytes that are good does the codec look for its mark
            return unmarked(self._encoding)
        begun = Lines(self._rest + good).full
        ended = len(begun) - 1 if begun and not begun[-1].endswith(("\n", "\r")) else len(begun)
        wrong = error.object[error.start : error.end][:4].hex(" ")
        return file_rejected(
            "WRONG_ENCODING",
            line=self._lines + ended + 1,
            byte=self._bytes - len(error.object) + error.start,
            problem=f"the bytes {wrong} are not valid {self._encoding}",
        )


def legible(text: str) -> str:
    """Return a text that can be stored: with a replacement character for each of the WRONG_BYTES."""
    return WRONG_BYTES.sub(lambda wrong: "\N{REPLACEMENT CHARACTER}" * len(wrong[0]), text)


def _end_of_lines(text: str) -> int:
    if "\r" not in text:
        return text.rfind("\n") + 1
    settled = len(text) - text.endswith("\r")  # the line feed of a last carriage return may be in the next block
    return max(text.rfind("\n", 0, settled), text.rfind("\r", 0, settled)) + 1


def _shortened(line: str) -> str:
    if len(line) <= MAX_RECORD_CHARS + 1:
        return line
    return line[: MAX_RECORD_CHARS + 1] + ("\r" if line.endswith("\r") else "")


class Lines:
    """The physical lines of a text, each with its end in `full` and without it in `bare`.

    No other character ends a line: str.splitlines would cut cells at a form feed or a line separator.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def full(self) -> list[str]:
        """The lines as they are in the file."""
        return StringIO(self.text, newline="").readlines()

    @cached_property
    def bare(self) -> list[str]:
        """The lines without their ends."""
        if not self._has_lone_returns:
            lines = self._pieces if "\r" not in self.text else self.text.replace("\r\n", "\n").split("\n")
        elif "\n" not in self.text:
            lines = self.text.split("\r")
        else:
            return [line.rstrip("\r\n") for line in self.full]
        return lines if lines[-1] else lines[:-1]

    def joined(self, first: int, last: int) -> str:
        """Return the lines from one to another as they are in the file, but for the end of the last one."""
        if self._has_lone_returns:
            return "".join(self.full[first:last]) + self.bare[last]
        return "\n".join(self._pieces[first:last] + self.bare[last : last + 1])

    def rest(self, first: int) -> str:
        """Return the text from a line on."""
        if first == len(self.bare):
            return ""
        return "".join(self.full[first:]) if self._has_lone_returns else "\n".join(self._pieces[first:])

    @cached_property
    def _has_lone_returns(self) -> bool:
        """Whether a carriage return ends a line by itself."""
        return "\r" in self.text and self.text.count("\r") != self.text.count("\r\n")

    @cached_property
    def _pieces(self) -> list[str]:
        """What stands between the line feeds."""
        return self.text.split("\n")

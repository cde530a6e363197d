"""The text of a JSON file: strictly decoded, and seen through a window that moves over it in flat memory."""

import codecs
import re

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.errors import FileRejected
from longshore.readers.encoding import unmarked
from longshore.readers.stream import READ_BYTES, Readable

BLANK = " \t\r\n"
"""White space as RFC 8259 (section 2) has it."""

_NOT_BLANK = re.compile(f"[^{BLANK}]")


def blank_end(text: str, at: int) -> int:
    """Return the position of the next character that is no white space, or the end of the text."""
    found = _NOT_BLANK.search(text, at)
    return found.start() if found else len(text)


class JsonText:
    """A window on decoded text: `text` from `at` on is still to be read, more is added by `more`.

    `ended` says that the window reaches to the end of the file. Lines end with LF or CR LF, as RFC 8259 leaves no
    raw line end inside of a string.
    """

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._begun = False
        self._bytes = 0
        self._line = 1
        self._column = 1
        self._counted = 0, 1
        self.text = ""
        self.at = 0
        self.ended = False

    def more(self) -> bool:
        """Forget what lies before `at` and add what comes next; False if there was nothing. Raises FileRejected.

        Positions change only if it is True: `at` becomes 0. What is left at least doubles, so that reading it again
        from `at` costs no more than a multiple of the file's size, however short the blocks of the stream are.
        """
        kept = self.text[self.at :]
        added: list[str] = []
        length = 0
        while length <= len(kept) and not self.ended:
            block = self._stream.read(READ_BYTES)
            self.ended = not block
            text = self._decoded(block, added)
            if text and not self._begun:
                self._begun, text = True, text.removeprefix("\ufeff")  # the mark, where the codec has left it in
            added.append(text)
            length += len(text)
        if length:
            self._line, self._column = self.place(self.at)
            self.text, self.at = kept + "".join(added), 0
            self._counted = 0, self._line
        return length > 0

    def skip_blank(self) -> str:
        """Go on to the next character that is no white space, or to the end; return the last white space skipped."""
        while True:
            begin, self.at = self.at, blank_end(self.text, self.at)
            if self.at < len(self.text) or not self.more():
                return self.text[begin : self.at]

    def sees(self, character: str) -> bool:
        """Whether this is the next character; "" is the end of the file. Only after `skip_blank`."""
        return self.text[self.at : self.at + 1] == character

    def takes(self, character: str) -> bool:
        """Go past the next character if it is this one, and say so. Only after `skip_blank`."""
        found = self.sees(character)
        self.at += found
        return found

    def line_of(self, at: int) -> int:
        """Return the 1-based physical line of a position in the window."""
        known, line = self._counted if self._counted[0] <= at else (0, self._line)
        line += self.text.count("\n", known, at)
        self._counted = at, line
        return line

    def place(self, at: int) -> tuple[int, int]:
        """Return the 1-based physical line and column of a position in the window."""
        begins = self.text.rfind("\n", 0, at) + 1
        return self.line_of(at), at - begins + (1 if begins else self._column)

    def malformed(self, problem: str, at: int | None = None) -> FileRejected:
        """Make the refusal of the file for a problem at a position, that of the window if left out."""
        line, column = self.place(self.at if at is None else at)
        return file_rejected("MALFORMED_JSON", line=line, column=column, problem=problem)

    def _decoded(self, block: bytes, added: list[str]) -> str:
        self._bytes += len(block)
        before = self._decoder.getstate()
        try:
            try:
                return self._decoder.decode(block, not block)
            except UnicodeDecodeError as error:
                self._decoder.setstate((b"", before[1]))
                # The codec's buffer is always the end of all bytes so far, whatever it had kept back of earlier blocks.
                good = self._decoder.decode(error.object[: error.start])
                raise self._wrong_encoding(error, "".join(added) + good) from None
        except UnicodeError:  # of the codecs utf-16 and utf-32
            raise unmarked(self._encoding) from None

    def _wrong_encoding(self, error: UnicodeDecodeError, good: str) -> FileRejected:
        wrong = error.object[error.start : error.end][:4].hex(" ")
        return file_rejected(
            "WRONG_ENCODING",
            line=self.line_of(len(self.text)) + good.count("\n"),
            byte=self._bytes - len(error.object) + error.start,
            problem=f"the bytes {wrong} are not valid {self._encoding}",
        )

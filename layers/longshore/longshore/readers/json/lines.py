"""NDJSON (JSON Lines): a record on each line; a damaged line costs only itself, blank lines are no records."""

from collections.abc import Iterator
from itertools import repeat

from longshore.domain.catalogue.row_errors import RAW_LIMIT
from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.json.found import CHUNK_CHARACTERS, Found
from longshore.readers.json.text import BLANK, JsonText
from longshore.readers.json.values import UNREADABLE, NotRead, Scan, why_unreadable


class LinesReader:
    """Reads lines to the end of the file; a line ends with LF, what CR may stand before it is white space."""

    def __init__(self, window: JsonText, scan: Scan) -> None:
        self._window = window
        self._scan = scan
        self.found = Found()
        """What was found since the last yield, for those who stop the reading in the middle."""

    def read(self) -> Iterator[Found]:
        """Yield what each block of the file holds; raise FileRejected at bytes that are no text."""
        window = self._window
        going_on = True
        while going_on:
            end = len(window.text) if window.ended else window.text.rfind("\n") + 1
            if end > window.at:
                self._take(window.line_of(window.at), window.text[window.at : end].removesuffix("\n").split("\n"))
                window.at = end
            elif len(window.text) - window.at > MAX_RECORD_CHARS:
                self._skip_long_line()
            if self.found.characters >= CHUNK_CHARACTERS:
                yield self.found
                self.found = Found()
            going_on = window.more() or window.at < len(window.text)
        if self.found:
            yield self.found

    def _take(self, first_line: int, lines: list[str]) -> None:
        texts = [line.strip(BLANK) for line in lines]
        numbers = range(first_line, first_line + len(lines))
        lengths = list(map(len, texts))
        try:
            if all(lengths) and max(lengths) <= MAX_RECORD_CHARS:
                read = list(map(self._scan, texts, repeat(0)))
                if [end for _, end in read] == lengths:
                    return self.found.take_all([value for value, _ in read], numbers, texts)
        except UNREADABLE:
            pass  # judged line by line
        for number, line, text in zip(numbers, lines, texts, strict=True):
            if text:
                self._take_one(number, line, text)
        return None

    def _take_one(self, number: int, line: str, text: str) -> None:
        if len(text) > MAX_RECORD_CHARS:
            return self.found.refuse(number, text, "RECORD_TOO_LONG", {"limit": MAX_RECORD_CHARS})
        try:
            value, end = self._scan(text, 0)
            if end == len(text):
                return self.found.take(value, number, text)
            why = NotRead(end, "the line goes on after its record")
        except UNREADABLE as error:
            why = why_unreadable(error, text, 0)
            if why.end is not None and why.end < len(text):
                why = NotRead(why.end, "the line goes on after its record")
        return self.found.fault(number, text, why, (number, line.index(text) + why.at + 1))

    def _skip_long_line(self) -> None:
        """Refuse the line and go past it; its line end is found in later blocks."""
        window = self._window
        line, raw = window.line_of(window.at), window.text[window.at : window.at + RAW_LIMIT]
        self.found.refuse(line, raw.lstrip(BLANK), "RECORD_TOO_LONG", {"limit": MAX_RECORD_CHARS})
        while (end := window.text.find("\n", window.at)) < 0:
            window.at = len(window.text)
            if not window.more():
                return
        window.at = end + 1

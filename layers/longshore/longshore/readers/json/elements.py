"""The elements of a JSON array as they come: a damaged one costs only itself where its end can be told."""

import re
from collections.abc import Iterator
from typing import Any

from longshore.domain.catalogue.row_errors import RAW_LIMIT
from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.json.damage import MoreNeeded, damage_end
from longshore.readers.json.found import CHUNK_CHARACTERS, Found
from longshore.readers.json.skip import skip_long_value
from longshore.readers.json.text import BLANK, JsonText, blank_end
from longshore.readers.json.values import UNREADABLE, NotRead, Scan, may_be_cut, why_unreadable

_NEXT = re.compile(r"[ \t\r\n]*+,([ \t\r\n]*+)(?=[^ \t\r\n,\]])").match
_LAST = re.compile(r"[ \t\r\n]*+\]").match


class ArrayReader:
    """Reads the array whose bracket is next in the window, element by element, up to and with its closing bracket."""

    def __init__(self, window: JsonText, scan: Scan) -> None:
        self._window = window
        self._scan = scan
        self._gap = ""
        self.found = Found()
        """What was found since the last yield, for those who stop the reading in the middle."""

    def read(self) -> Iterator[Found]:
        """Yield what each block of the file holds; raise FileRejected where it cannot be told how the array goes on."""
        window = self._window
        window.at += 1
        self._gap = window.skip_blank()
        going_on = not window.takes("]")
        while going_on:
            self._take_many()
            if self.found.characters >= CHUNK_CHARACTERS:
                yield self.found
                self.found = Found()
            going_on = self._take_one()
        if self.found:
            yield self.found

    def _take_many(self) -> None:
        """Take the sound objects that are followed by another element, as far as the window reaches."""
        window, scan = self._window, self._scan
        text, at = window.text, window.at
        values: list[dict[str, Any]] = []
        starts: list[int] = []
        ends: list[int] = []
        usual, width = f",{self._gap}{{", len(self._gap) + 1
        try:
            while True:
                value, end = scan(text, at)
                if type(value) is not dict or end - at > MAX_RECORD_CHARS:
                    break
                if text.startswith(usual, end):
                    follows = end + width
                elif found := _NEXT(text, end):
                    follows, self._gap = found.end(), found[1]
                    usual, width = f",{self._gap}{{", len(self._gap) + 1
                else:
                    break
                values.append(value)
                starts.append(at)
                ends.append(end)
                at = follows
        except UNREADABLE:
            pass  # judged by _take_one
        if values:
            self._keep(values, starts, ends)
            window.at = at

    def _keep(self, values: list[dict[str, Any]], starts: list[int], ends: list[int]) -> None:
        text, found = self._window.text, self.found
        lines, line, counted = [], self._window.line_of(starts[0]), starts[0]
        for start in starts:
            line += text.count("\n", counted, start)
            counted = start
            lines.append(line)
        found.take_all(values, lines, [text[start:end] for start, end in zip(starts, ends, strict=True)])

    def _take_one(self) -> bool:
        """Take the element that needs a closer look, and what follows it; whether another one comes."""
        window = self._window
        text, at = window.text, window.at
        try:
            value, end = self._scan(text, at)
        except UNREADABLE as error:
            return self._unreadable(why_unreadable(error, text, at))
        if end - at > MAX_RECORD_CHARS:
            return self._too_long()
        if _LAST(text, end) or _NEXT(text, end):
            self.found.take(value, window.line_of(at), text[at:end])
            return self._goes_on(end)
        rest = text[end:].strip(BLANK)
        if rest in ("", ",") and window.more():
            return True
        if rest[:1] == ",":
            raise window.malformed("a value is missing after the comma", blank_end(text, blank_end(text, end) + 1))
        return self._damaged(NotRead(blank_end(text, end), "a comma or the end of the array is missing"))

    def _unreadable(self, why: NotRead) -> bool:
        window = self._window
        left = len(window.text) - window.at
        if why.end is not None and (_LAST(window.text, why.end) or _NEXT(window.text, why.end)):
            self._refuse(why.end, why)
            return self._goes_on(why.end)
        cut = why.end is not None or may_be_cut(why, window.text)
        if cut and left <= MAX_RECORD_CHARS and window.more():
            return True
        if left > MAX_RECORD_CHARS and (cut or why.at - window.at > MAX_RECORD_CHARS):
            return self._too_long()
        return self._damaged(why)

    def _damaged(self, why: NotRead) -> bool:
        window = self._window
        while True:
            try:
                ends = damage_end(window.text, window.at, self._gap, window.ended)
            except MoreNeeded:
                dropped = window.at
                if len(window.text) - dropped <= MAX_RECORD_CHARS and window.more():
                    why.at -= dropped
                    continue
                ends = None
            if ends is None:
                raise window.malformed(why.problem, why.at)
            break
        end, goes_on = ends
        self._refuse(end, why)
        between = window.text[end:goes_on]
        self._gap = between[between.find(",") + 1 :]
        window.at = goes_on
        return not window.takes("]")

    def _refuse(self, end: int, why: NotRead) -> None:
        window = self._window
        text = window.text[window.at : end].rstrip(BLANK + ",")
        self.found.fault(window.line_of(window.at), text, why, window.place(why.at))

    def _too_long(self) -> bool:
        window = self._window
        line, raw = window.line_of(window.at), window.text[window.at : window.at + RAW_LIMIT]
        skip_long_value(window)
        self.found.refuse(line, raw, "RECORD_TOO_LONG", {"limit": MAX_RECORD_CHARS})
        window.skip_blank()
        if window.takes("]"):
            return False
        if not window.takes(","):
            raise window.malformed("a comma or the end of the array is missing")
        self._gap = window.skip_blank()
        return True

    def _goes_on(self, end: int) -> bool:
        """Go on after an element that is followed by another one or by the end of the array; whether there is one."""
        window = self._window
        if follows := _NEXT(window.text, end):
            window.at, self._gap = follows.end(), follows[1]
            return True
        window.at = blank_end(window.text, end) + 1
        return False

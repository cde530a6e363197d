"""A JSON document read for one array of records in it, or for the one record that it is."""

from collections.abc import Iterator

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import shown
from longshore.domain.json_path import path_text
from longshore.errors import FileRejected
from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.json.elements import ArrayReader
from longshore.readers.json.found import Found
from longshore.readers.json.skip import skip_long_value
from longshore.readers.json.text import JsonText
from longshore.readers.json.values import UNREADABLE, NotRead, Scan, may_be_cut, scan_syntax, why_unreadable


class DocumentReader:
    """Reads a document to its end; all of it must be JSON, also what lies outside of the array.

    `path` are the keys that lead to the array; without any the document itself is the array, or one record.
    """

    def __init__(self, window: JsonText, path: tuple[str, ...], scan: Scan) -> None:
        self._window = window
        self._path = path
        self._scan = scan
        self._array = ArrayReader(window, scan)

    @property
    def found(self) -> Found:
        """What was found since the last yield, for those who stop the reading in the middle."""
        return self._array.found

    def read(self) -> Iterator[Found]:
        """Yield the records block by block; raise FileRejected."""
        window = self._window
        window.skip_blank()
        if self._path or window.sees("["):
            yield from self._within(self._path)
        elif window.sees(""):
            raise window.malformed("there is no value")
        else:
            yield self._only_record()
        ends_well(window)

    def _within(self, path: tuple[str, ...]) -> Iterator[Found]:
        window = self._window
        if not path:
            if not window.sees("["):
                raise self._no_path("the value there is no array")
            yield from self._array.read()
            return
        if not window.sees("{"):
            raise self._no_path(f"there is no object with the key {shown(path[0])}")
        met = False
        for key in members(window):
            if key != path[0]:
                skip_value(window)
            elif met:
                raise window.malformed(f"the key {shown(key)} stands twice in one object")
            else:
                met = True
                yield from self._within(path[1:])
        if not met:
            raise self._no_path(f"the key {shown(path[0])} is missing")

    def _no_path(self, problem: str) -> FileRejected:
        return file_rejected("PATH_NOT_FOUND", path=shown(path_text(self._path)), problem=problem)

    def _only_record(self) -> Found:
        window, found = self._window, Found()
        line, before = window.place(window.at)[0], window.text[window.at : window.at + MAX_RECORD_CHARS]
        try:
            value, text = whole_value(window, self._scan)
            found.take(value, line, text)
        except NotRead as why:
            if why.end is None:
                raise window.malformed(why.problem, why.at) from None
            found.fault(line, window.text[window.at : why.end], why, window.place(why.at))
            window.at = why.end
        except TooLong:
            found.refuse(line, before, "RECORD_TOO_LONG", {"limit": MAX_RECORD_CHARS})
            skip_long_value(window)
        return found


class TooLong(Exception):
    """A value is longer than any record may be."""


def members(window: JsonText) -> Iterator[str]:
    """Yield the keys of the object that begins here; each value must be gone past before the next key is asked for.

    Raises FileRejected (MALFORMED_JSON) where the object is none.
    """
    window.at += 1
    window.skip_blank()
    going_on = not window.takes("}")
    while going_on:
        if not window.sees('"'):
            raise window.malformed("a key in double quotes is missing")
        key = _key(window)
        window.skip_blank()
        if not window.takes(":"):
            raise window.malformed("a colon is missing after the key")
        window.skip_blank()
        yield key
        window.skip_blank()
        going_on = window.takes(",")
        if going_on:
            window.skip_blank()
        elif not window.takes("}"):
            raise window.malformed("a comma or the end of the object is missing")


def _key(window: JsonText) -> str:
    try:
        return str(whole_value(window, scan_syntax)[0])
    except NotRead as why:
        raise window.malformed(why.problem, why.at) from None
    except TooLong:
        raise window.malformed("a key is too long") from None


def whole_value(window: JsonText, scan: Scan) -> tuple[object, str]:
    """Take the value that begins here; return it and its text. Raises NotRead and TooLong, and stays where it was."""
    while True:
        try:
            value, end = scan(window.text, window.at)
            if end < len(window.text) or window.ended:
                break
        except UNREADABLE as error:
            why = why_unreadable(error, window.text, window.at)
            if window.ended or not may_be_cut(why, window.text):
                raise why from None
        if len(window.text) - window.at > MAX_RECORD_CHARS:
            raise TooLong
        window.more()
    text = window.text[window.at : end]
    window.at = end
    return value, text


def skip_value(window: JsonText) -> None:
    """Go past the value that begins here; only the brackets and quotes of a very long one are looked at."""
    try:
        whole_value(window, scan_syntax)
    except NotRead as why:
        raise window.malformed(why.problem, why.at) from None
    except TooLong:
        skip_long_value(window)


def ends_well(window: JsonText) -> None:
    """Make sure that nothing but white space follows; raise FileRejected (MALFORMED_JSON)."""
    window.skip_blank()
    if not window.sees(""):
        raise window.malformed("the file goes on after the end of its JSON")

"""Blocks of records that leave no doubt, read without a step per line, and with as few as can be per cell."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from longshore.readers.csv.lines import MAX_RECORD_CHARS
from longshore.readers.csv.raw_lines import LineIndex, RawLines

_MARK = "\0"
"""Stands for a quoted cell; a clean text has no such character."""

_FEW = 4
"""Records of up to so many lines are taken for as long as so many of the longest line; others are looked at singly."""

_Columns = list[list[str]]


class SureRecords(NamedTuple):
    """Records of one line or several: their columns and their raw texts.

    `at_lines` are the numbers of their first lines, `stop` is how many lines they take together; none is longer than
    `longest` characters. `rest` is the text of a record that begins behind them and may go on in the next block.
    """

    columns: _Columns
    raw: RawLines
    at_lines: Sequence[int]
    stop: int
    longest: int
    rest: str


class SureReader:
    """Reads texts of whole lines without escapes and NUL characters that are records of this width, and nothing else.

    Cut at its quotes, a text is in turns outside and inside of quoted cells. What is outside must be records when a
    quoted cell is one character that stands alone between delimiters and line ends: so no stray quote is ever taken for
    one around a cell.
    """

    def __init__(self, delimiter: str, quote: str, width: int) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self._width = width
        self._order: Sequence[int] = range(width)

    def read(self, text: str, line: int) -> SureRecords | None:
        """Return the records of a text whose first line has this number; None if any may not be what it seems."""
        if not text.endswith("\n"):
            if not text or text.endswith("\r"):
                return None
            text += "\r\n" if "\r\n" in text else "\n"
        if self._quote and self._quote in text:
            found = self._all_quoted(text, line) or self._some_quoted(text, line)
        else:
            lines = LineIndex(text)
            columns = _columns(text, self._delimiter, self._width, lines.size)
            found = _one_line_each(columns, lines, line) if columns else None
        is_long = found and len(text) > MAX_RECORD_CHARS and max(found.longest, len(found.rest)) > MAX_RECORD_CHARS
        return None if is_long else found

    def _all_quoted(self, text: str, line: int) -> SureRecords | None:
        """Read records whose cells are all quoted, with neither quotes nor line feeds in them: so many are the quotes.

        They are cut at "quote, delimiter, quote".
        """
        quote, between = self._quote, f"{self._quote}{self._delimiter}{self._quote}"
        if text[0] != quote or text.count(between, 0, text.index("\n")) != self._width - 1:
            return None
        lines = LineIndex(text)
        if text.count(quote) != 2 * self._width * lines.size:
            return None
        columns = _columns(text[1:] + quote, between, self._width, lines.size, quote)
        return _one_line_each(columns, lines, line) if columns else None

    def _some_quoted(self, text: str, line: int) -> SureRecords | None:
        pieces, rest = _complete(text.split(self._quote), self._quote)
        inside, skeleton = _cells_and_skeleton(pieces, self._quote)
        within = _MARK.join(inside)
        more = within.count("\n") if "\n" in within else 0
        if "\r" in within and within.count("\r") != within.count("\r\n"):
            return None
        lines = LineIndex(text.removesuffix(rest))
        columns = _columns(skeleton, self._delimiter, self._width, lines.size - more)
        marked = self._marked(columns, len(inside)) if columns else None
        if not columns or marked is None:
            return None
        places = _put(inside, columns, marked)
        if not more:
            return _one_line_each(columns, lines, line, rest)
        width = len(marked)
        several = [(places[at] // width, cell.count("\n")) for at, cell in enumerate(inside) if "\n" in cell]
        return _several_lines(columns, lines, line, several, rest)

    def _marked(self, columns: _Columns, size: int) -> list[int] | None:
        """Return which columns have marks; None unless there are so many cells that are one.

        Most files quote the cells of few columns: those that had some before are looked at first.
        """
        marked, found = list[int](), 0
        for at in self._order:
            if count := columns[at].count(_MARK):
                marked.append(at)
                found += count
            if found == size:
                break
        else:
            return None
        if marked != list(self._order[: len(marked)]):
            self._order = [*marked, *(at for at in range(self._width) if at not in marked)]
        return sorted(marked)


def _put(inside: list[str], columns: _Columns, marked: Sequence[int]) -> Sequence[int]:
    """Put quoted cells in place of the marks in some columns; return where each stands, counting these row by row."""
    width, size = len(marked), len(columns[0])
    if len(inside) == size * width:
        cells = inside
        places: Sequence[int] = range(size * width)
    else:
        cells = [_MARK] * (size * width)
        for at, column in enumerate(marked):
            cells[at::width] = columns[column]
        places = [place for place, cell in enumerate(cells) if cell == _MARK]
        for place, cell in zip(places, inside, strict=True):
            cells[place] = cell
    for at, column in enumerate(marked):
        columns[column] = cells[at::width]
    return places


def _complete(pieces: list[str], quote: str) -> tuple[list[str], str]:
    """Return the pieces up to a record whose last quoted cell is open, and the text of that one."""
    if len(pieces) & 1:
        return pieces, ""
    at = len(pieces) - 2
    while at and "\n" not in pieces[at]:
        at -= 2
    begin = pieces[at].rfind("\n") + 1
    rest = quote.join([pieces[at][begin:], *pieces[at + 1 :]])
    return [*pieces[:at], pieces[at][:begin]], rest


def _cells_and_skeleton(pieces: list[str], quote: str) -> tuple[list[str], str]:
    """Return the quoted cells, and the text with a mark for each of them."""
    outside, inside = pieces[::2], pieces[1::2]
    between = outside[1:-1]
    if "" in between:
        inside = _with_quotes(inside, between, quote)
        outside = [outside[0], *filter(None, between), outside[-1]]
    return inside, _MARK.join(outside)


def _with_quotes(inside: Sequence[str], between: Sequence[str], quote: str) -> list[str]:
    """Return the quoted cells with the quotes in them: where there is nothing between two pieces they are of a cell."""
    cells, done, at = list[str](), 0, 0
    left = between.count("")
    while left:
        at = between.index("", at)
        begin = at
        while at < len(between) and not between[at]:
            at += 1
        cells += inside[done:begin]
        cells.append(quote.join(inside[begin : at + 1]))
        done = at + 1
        left -= at - begin
    cells += inside[done:]
    return cells


def _columns(text: str, delimiter: str, width: int, size: int, quote: str = "") -> _Columns | None:
    """Return the cells of `size` records without quoted cells column by column; None unless all have the width.

    `quote` is what stands around each line end, but for the first one.
    """
    if not size:
        return None
    end = "\n"
    if "\r" in text:
        if text.count("\r") == size:
            end = "\r\n"
        else:
            text = text.replace("\r\n", "\n")
            if "\r" in text:
                return None
    end = f"{quote}{end}{quote}"
    if width == 1:
        cells = text.split(end)
        cells.pop()
        return [cells] if len(cells) == size and delimiter not in text else None
    return _cut(text, delimiter, end, width, size)


def _cut(text: str, delimiter: str, end: str, width: int, size: int) -> _Columns | None:
    """Cut a text with `size` line feeds at its delimiters only: a last cell and the next first one stay together.

    All records have the right width just if each of these pieces, always at the same distance, has a line feed in it.
    """
    cells = text.split(delimiter)
    turns = cells[width - 1 :: width - 1]
    if len(turns) != size or len(cells) != size * (width - 1) + 1 or [turn for turn in turns if "\n" not in turn]:
        return None
    ends = end.join(turns).split(end)
    if len(ends) != 2 * size:  # some other line end
        return None
    return [[cells[0], *ends[1:-1:2]], *(cells[at :: width - 1] for at in range(1, width - 1)), ends[::2]]


def _one_line_each(columns: _Columns, lines: LineIndex, line: int, rest: str = "") -> SureRecords:
    at_lines = range(line, line + lines.size)
    return SureRecords(columns, RawLines(lines, at_lines), at_lines, lines.size, lines.longest, rest)


def _several_lines(
    columns: _Columns, lines: LineIndex, line: int, more: Sequence[tuple[int, int]], rest: str
) -> SureRecords:
    """Return records of which some go over more lines than one: so many `more` by row."""
    counts = [1] * len(columns[0])
    for row, count in more:
        counts[row] += count
    at_lines = list(accumulate(counts, initial=line))
    many = [lines.reach(at_lines[row] - line, at_lines[row + 1] - line) for row, _ in more if counts[row] > _FEW]
    longest = max([lines.longest * min(max(counts), _FEW), *many])
    stop = at_lines.pop() - line
    return SureRecords(columns, RawLines(lines, at_lines), at_lines, stop, longest, rest)

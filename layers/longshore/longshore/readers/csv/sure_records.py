"""Blocks of records that leave no doubt, read without a step per line or per cell."""

from collections.abc import Sequence
from itertools import accumulate, repeat
from typing import NamedTuple

from longshore.readers.csv.lines import MAX_RECORD_CHARS

_MARK = "\0"
"""Stands for a quoted cell, or for a line feed in one; a clean text has no such character."""


class SureRecords(NamedTuple):
    """Records of one line or several: their columns and their texts, each without its last line end.

    `at_lines` are the indexes of their first lines, `stop` is how many lines they take together; `rest` is the text of
    a record that begins behind them and may go on in the next block.
    """

    columns: Sequence[list[str]]
    texts: list[str]
    at_lines: Sequence[int]
    stop: int
    rest: str


def sure_records(text: str, delimiter: str, quote: str, width: int) -> SureRecords | None:
    """Return the records of whole lines without escapes and NUL characters; None if any may not be what it seems.

    Cut at its quotes, a text is in turns outside and inside of quoted cells. What is outside must be records of this
    width when a quoted cell is one character that stands alone between delimiters and line ends: so no stray quote is
    ever taken for one around a cell.
    """
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        return None
    pieces, rest = _complete(text.split(quote) if quote else [text], quote)
    inside, skeleton = _cells_and_skeleton(pieces, quote)
    columns = _columns(skeleton, inside, delimiter, width)
    if columns is None:
        return None
    texts = _texts(pieces, quote)
    if max(map(len, texts)) > MAX_RECORD_CHARS or len(rest) > MAX_RECORD_CHARS:
        return None
    if not any("\n" in cell for cell in inside):
        return SureRecords(columns, texts, range(len(texts)), len(texts), rest)
    more = list(map(str.count, texts, repeat(_MARK)))
    at_lines = list(accumulate((count + 1 for count in more), initial=0))
    stop = at_lines.pop()
    return SureRecords(
        columns, [text.replace(_MARK, "\n") if _MARK in text else text for text in texts], at_lines, stop, rest
    )


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
    if "" in outside[1:-1]:  # between two quotes there is nothing: they are one quote of the cell
        begins = [0, *(at for at, piece in enumerate(outside[1:-1], start=1) if piece)]
        inside = [quote.join(inside[at:end]) for at, end in zip(begins, [*begins[1:], len(inside)], strict=True)]
        outside = [outside[0], *filter(None, outside[1:-1]), outside[-1]]
    return inside, _MARK.join(outside)


def _columns(skeleton: str, inside: Sequence[str], delimiter: str, width: int) -> list[list[str]] | None:
    """Return the cells column by column; None unless all records have the width, and all marks are cells.

    Cut at "delimiter, line feed, delimiter", n records have n times the cells of one and that line feed, always at the
    same distance, only if each has the right width.
    """
    body = (skeleton.replace("\r\n", "\n") if "\r" in skeleton else skeleton).removesuffix("\n")
    if not body:
        return None
    more = body.count("\n")
    cells = body.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
    if len(cells) != (more + 1) * (width + 1) - 1 or cells[width :: width + 1].count("\n") != more:
        return None
    at = -1
    try:
        for cell in inside:
            at = cells.index(_MARK, at + 1)
            cells[at] = cell
    except ValueError:
        return None
    return [cells[at :: width + 1] for at in range(width)]


def _texts(pieces: Sequence[str], quote: str) -> list[str]:
    """Return the texts of the records, with a mark for each line feed in a quoted cell."""
    marked = list(pieces)
    marked[1::2] = [piece.replace("\n", _MARK) if "\n" in piece else piece for piece in pieces[1::2]]
    text = quote.join(marked)
    lines = (text.replace("\r\n", "\n") if "\r" in text else text).split("\n")
    return lines if lines[-1] else lines[:-1]

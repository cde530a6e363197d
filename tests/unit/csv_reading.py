"""CSV written in any dialect, and read under a plan that is made by hand."""

import io

from longshore.domain.parse_plan import Column, ParsePlan
from longshore.readers.csv.reader import read_rows


def plan(width, delimiter=",", encoding="utf-8", quote='"', **more):
    """A plan of so many columns whose rows begin at line 1."""
    columns = tuple(Column(n, f"c{n}", f"c{n}", "exact") for n in range(1, width + 1))
    return ParsePlan("csv", encoding, False, delimiter, quote, 1, 1, columns, **more)


class Trickle(io.BytesIO):
    """Gives a few bytes at a time, so that blocks end anywhere."""

    def __init__(self, data, size):
        super().__init__(data)
        self.block = size

    def read(self, size=-1, /):
        return super().read(self.block)


def chunks(data, a_plan, block=1 << 20):
    return list(read_rows(Trickle(data, block), a_plan))


def read(data, a_plan, block=1 << 20):
    """Return the rows as (row, line, cells, raw) and the broken records as (row, line, code, raw)."""
    found = chunks(data, a_plan, block)
    whole = [(r, n, list(c), t) for k in found for r, n, c, t in zip(k.rows, k.lines, k.cells, k.raw, strict=True)]
    broken = [(b.row, b.line, b.code, b.raw) for k in found for b in k.broken]
    return whole, broken


def notices(data, a_plan, block=1 << 20):
    """Return the notices as (code, line, count)."""
    return [(n.code, n.line, n.data["count"]) for k in chunks(data, a_plan, block) for n in k.notices]


def written(table, delimiter=",", end="\n", quote='"', escape="", quote_all=True):
    """Write a table by hand: csv.writer of Python 3.11 leaves a lone CR unquoted."""
    special = {delimiter, quote, escape, "\r", "\n"}

    def cell(text):
        if quote and (quote_all or not text or set(text) & special):
            inner = text.replace(escape, escape * 2).replace(quote, escape + quote) if escape else text
            return quote + (inner if escape else text.replace(quote, quote * 2)) + quote
        return "".join(escape + c if c in special else c for c in text)

    return "".join(delimiter.join(map(cell, row)) + end for row in table)


def filled(table):
    """The records that are rows: those of nothing but blank cells are none."""
    return [row for row in table if any(row)]

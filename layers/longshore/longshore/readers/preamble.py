"""Titles above the header of a file that no template is known for, by whose names the header could be found."""

from collections import Counter
from collections.abc import Iterator

from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.errors import FileRejected
from longshore.readers.reader import PartSource

LINES = 20
"""Lines that are looked at: titles are few."""

TABLE_WIDTH = 3
"""Of two columns nobody can tell a title from the header of a file of one column whose cells have delimiters."""


def likely_plan(part: PartSource, options: FileOptions) -> ParsePlan:
    """Return how a part is read without a template; raise FileRejected.

    Titles above a table fill but a cell or two. So where at least half of the lines that are looked at have as many
    cells, three or more, the first line that fills at least half of so many is the header. Where that says nothing, it
    is the first line that is not blank. The header of a sheet is found likewise by the reader of workbooks.
    """
    plan = part.unmapped_plan(options, frozenset())
    if plan.format != "csv" or options.header_row is not None or plan.is_report:
        return plan
    following = _read_from(part, options, plan.data_line)
    if following and _shape(following) == _shape(plan):
        return plan
    read = [plan, *_lines(part, options, plan.header_line + 1)]
    (shape, count), *_ = Counter(map(_shape, read)).most_common(1)
    if shape[1] < TABLE_WIDTH or 2 * count < len(read):
        return plan
    delimiter, width = shape
    full = (found for found in read if found.delimiter == delimiter and 2 * _filled(found) >= width)
    return next(full, plan)


def _lines(part: PartSource, options: FileOptions, first: int) -> Iterator[ParsePlan]:
    for line in range(first, first + LINES):
        if found := _read_from(part, options, line):
            yield found


def _read_from(part: PartSource, options: FileOptions, line: int) -> ParsePlan | None:
    """Return how the part would be read if this line were its header; None where it cannot be."""
    try:
        return part.unmapped_plan(options.model_copy(update={"header_row": line}), frozenset())
    except FileRejected:
        return None


def _shape(plan: ParsePlan) -> tuple[str, int]:
    return plan.delimiter, plan.width


def _filled(plan: ParsePlan) -> int:
    return sum(bool(column.header.strip()) for column in plan.columns)

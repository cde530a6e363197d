"""Raw texts of the rows of a sheet: lines of CSV, which people can read and paste."""

from collections.abc import Sequence

from longshore.domain.catalogue.row_errors import RAW_LIMIT


def raw_texts(columns: Sequence[Sequence[str]]) -> tuple[list[str], list[int]]:
    """Return each row as a line of CSV, cut after RAW_LIMIT characters, and how many characters its cells have."""
    lines = list(map(",".join, zip(*columns, strict=True)))
    commas = len(columns) - 1
    chars = [size - commas for size in map(len, lines)]
    together = "\n".join(lines)
    if together.count(",") != len(lines) * commas or _needs_quotes(together, len(lines) - 1):
        lines = list(map(",".join, zip(*map(_quoted, columns), strict=True)))
    return [line[:RAW_LIMIT] for line in lines] if max(map(len, lines)) > RAW_LIMIT else lines, chars


def raw_text(row: Sequence[str]) -> str:
    """Return one row likewise."""
    texts, _ = raw_texts([(cell,) for cell in row])
    return texts[0]


def _needs_quotes(text: str, line_feeds: int) -> bool:
    """Whether the cells that a text is made of, joined by so many line feeds, need quotes for more than a comma."""
    return '"' in text or "\r" in text or text.count("\n") != line_feeds


def _quoted(column: Sequence[str]) -> Sequence[str]:
    """Return the cells of a column with quotes where CSV needs them, and without what is cut off anyway."""
    together = "\n".join(column)
    if "," not in together and not _needs_quotes(together, len(column) - 1):
        return column
    return [
        _in_quotes(cell[:RAW_LIMIT]) if "," in cell or '"' in cell or "\n" in cell or "\r" in cell else cell
        for cell in column
    ]


def _in_quotes(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'

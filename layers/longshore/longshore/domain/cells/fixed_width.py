"""Columns of texts of one width, rearranged character by character in a few passes over the whole column."""

from collections.abc import Sequence


def rearranged(joined: bytes, width: int, order: Sequence[int | str]) -> bytes | None:
    """Return lines of `width` bytes, each ended by a line feed, with their bytes in another order; None if not all fit.

    `order` has for each byte of the result its position in the line, or the character itself.

    >>> rearranged(b"31/12/2026\\n01/02/2026\\n", 10, [6, 7, 8, 9, "-", 3, 4, "-", 0, 1])
    b'2026-12-31\\n2026-02-01\\n'
    """
    step = width + 1
    count, rest = divmod(len(joined), step)
    if rest or joined[width::step] != b"\n" * count:
        return None
    result_step = len(order) + 1
    result = bytearray(b"\n") * (count * result_step)
    for at, source in enumerate(order):
        result[at::result_step] = source.encode() * count if isinstance(source, str) else joined[source::step]
    return bytes(result)

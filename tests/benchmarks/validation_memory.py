"""Memory of reading and checking, above the process that has only imported what it needs.

The file is made while it is read, so that there is nothing but the reader's memory to see. Its key and a unique rule
remember every row. Each size runs in a process of its own: `python -m tests.benchmarks.validation_memory ROWS`.
"""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.contest import Output, peak
from tests.benchmarks.figures import Figure
from tests.benchmarks.students import HEADER, TEMPLATE, rows

SIZES = (100_000, 1_000_000)
FIXED, PER_ROW = 40 * 2**20, 10
"""Bytes; what issue 4 allows: so much, and so much for each row."""


class MadeUp(io.RawIOBase):
    """A CSV file of so many students that is made while it is read."""

    def __init__(self, count: int) -> None:
        self._blocks = self._made(count)
        self._left = b""

    def _made(self, count: int) -> Iterator[bytes]:
        yield (",".join(HEADER) + "\n").encode()
        source = rows()
        for _ in range(count):
            yield (",".join(_quoted(cell) for cell in next(source)) + "\n").encode()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give the next bytes."""
        while len(self._left) < len(buffer) and (line := next(self._blocks, b"")):
            self._left += line
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if "," in cell or "\n" in cell or '"' in cell else cell


def measure() -> list[Figure]:
    """Return the memory at each size, and how much of what is allowed that is."""
    figures = []
    for size in SIZES:
        command = [sys.executable, "-m", "tests.benchmarks.validation_memory", str(size)]
        used = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
        title = f"validation_memory.{size}_rows"
        figures.append(Figure(title, used / 2**20, "MB above the bare process"))
        allowed = FIXED + PER_ROW * size
        figures.append(Figure(f"{title}.of_allowed", used / allowed, "of 40 MB + 10 bytes a row", "<= 1"))
    return figures


def used(count: int) -> int:
    """Check so many rows and return by how many bytes that raised the peak of this process."""
    from longshore.domain.templates.template import parse_template
    from tests.benchmarks.students_ours import checked_stream, objects

    unique = [field | ({"unique": True} if field["name"] == "email" else {}) for field in TEMPLATE["fields"]]
    template = parse_template({**TEMPLATE, "fields": unique})
    stream = io.BufferedReader(MadeUp(count), 64 * 1024)
    next(rows())  # drawn before
    before = peak()
    with objects(template, Output()) as sink:
        assert checked_stream(stream, template, sink).rows == count
        sink.close()
    return peak() - before


if __name__ == "__main__":
    print(used(int(sys.argv[1])))

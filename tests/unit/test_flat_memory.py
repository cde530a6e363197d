"""Memory stays flat: what validation holds does not grow with the file, but for the keys that it has met."""

import io
import resource
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # this file is run as a program too
from one_part import validated

from longshore.domain.rows.raw_texts import RawTexts
from longshore.domain.rows.row_batch import RowBatch
from longshore.domain.templates.template import parse_template

PERSON = parse_template(
    {
        "name": "person",
        "record_type": "person",
        "key": ["id"],
        "fields": [
            {"name": "id", "required": True},
            {"name": "name", "unique": True},
            {"name": "age", "type": "integer"},
        ],
    }
)
FIXED_BYTES = 40 * 2**20
BYTES_PER_ROW = 10
"""What issue 4 allows above the bare process for reading, checking, the keys and a unique rule."""


class Forgetful:
    """A sink that keeps nothing, as an upload to S3 does."""

    def rows(self, batch: RowBatch, raw: RawTexts) -> None:
        pass

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        pass


class MadeUp(io.RawIOBase):
    """A file that is made while it is read; every fiftieth row is faulty."""

    def __init__(self, rows: int) -> None:
        self._lines = self._made(rows)
        self._left = b""

    def _made(self, rows: int):
        yield b"id,name,age\n"
        for n in range(rows):
            yield b"p%d,Person %d,%s\n" % (n, n, b"old" if n % 50 == 0 else b"%d" % (n % 90))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while len(self._left) < len(buffer) and (line := next(self._lines, b"")):
            self._left += line
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def resident_peak() -> int:
    """Return the most memory that this program ever had, in bytes.

    Linux knows it for the program (proc(5), VmHWM); ru_maxrss is inherited from whoever started it.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024


def growth(rows: int) -> int:
    """Validate a file and return by how much that raised the peak of this process."""
    stream = io.BufferedReader(MadeUp(rows), 64 * 1024)
    bare = resident_peak()
    found = validated(stream, PERSON, Forgetful(), max_bytes=1 << 30)
    assert found.counts.rows == rows
    assert found.counts.rejected == rows // 50
    return resident_peak() - bare


def growth_elsewhere(rows: int) -> int:
    """Measure in a process of its own: what else runs in this one has memory too."""
    done = subprocess.run([sys.executable, __file__, str(rows)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_validation_holds_a_batch_and_the_keys_and_nothing_else() -> None:
    rows = 400_000
    assert growth_elsewhere(rows) < FIXED_BYTES + rows * BYTES_PER_ROW


def test_a_longer_file_needs_little_more() -> None:
    fewer, more = 200_000, 600_000
    slack = 8 * 2**20  # two indexes fill their buckets meanwhile, and the allocator rounds up: 8.1 to 8.5 MB in all
    assert growth_elsewhere(more) - growth_elsewhere(fewer) < (more - fewer) * BYTES_PER_ROW + slack


if __name__ == "__main__":
    print(growth(int(sys.argv[1])))

"""Memory stays flat: what validation holds does not grow with the file, but for the keys that it has met."""

import io
import subprocess
import sys
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # this file is run as a program too
from one_part import validated

from longshore.domain.template import parse_template

PERSON = parse_template(
    {
        "name": "person",
        "record_type": "person",
        "key": ["id"],
        "fields": [{"name": "id", "required": True}, {"name": "name"}, {"name": "age", "type": "integer"}],
    }
)
BYTES_PER_KEY = 40
"""The key index keeps 16 bytes a row; while its buckets fill up, each of them costs a little more."""


class Forgetful:
    """A sink that keeps nothing, as an upload to S3 does."""

    def rows(self, batch: dict[str, object], raw: list[str]) -> None:
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


def peak_of(rows: int) -> int:
    stream = io.BufferedReader(MadeUp(rows), 64 * 1024)
    tracemalloc.start()
    try:
        found = validated(stream, PERSON, Forgetful(), max_bytes=1 << 30)
        assert found.counts.rows == rows
        assert found.counts.rejected == rows // 50
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def peak_elsewhere(rows: int) -> int:
    """Measure in a process of its own: what else runs in this one has memory too."""
    done = subprocess.run([sys.executable, __file__, str(rows)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_validation_holds_a_batch_and_the_keys_and_nothing_else() -> None:
    small, large = peak_elsewhere(30_000), peak_elsewhere(90_000)
    assert large - small < 60_000 * BYTES_PER_KEY


if __name__ == "__main__":
    print(peak_of(int(sys.argv[1])))

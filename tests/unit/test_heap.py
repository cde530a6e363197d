"""What is freed between the blocks of a file stays with the process: the next block costs no page faults."""

import platform
import subprocess
import sys

import pytest

ROUNDS, PIECES, BYTES, PAGE = 100, 12, 100_000, 4096

FAULTS = f"""
import resource
from longshore.readers.heap import keep_freed_blocks
keep_freed_blocks()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({ROUNDS}):
    pieces = [b"x" * {BYTES} for _ in range({PIECES})]
    del pieces
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's malloc has these thresholds")
def test_memory_that_was_freed_is_used_again_without_asking_the_kernel_for_it():
    done = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    once = PIECES * BYTES / PAGE
    assert int(done.stdout) < 3 * once  # of a hundred rounds, of which each took as many before

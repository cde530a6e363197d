"""The garbage collector of a function: at rest while modules are imported, as usual from the first event on."""

import subprocess
import sys

STATES = """
import gc
usual = gc.get_threshold()
import longshore.bootstrap
from longshore import collector
waiting = gc.get_threshold()
collector.begin()
waits, as_usual = waiting[0] == collector.MORE_THAN_IMPORTED, gc.get_threshold() == usual
print(waits, gc.isenabled(), as_usual, gc.get_freeze_count() > 0)
"""


def test_it_waits_for_the_imports_and_never_looks_at_them_again():
    done = subprocess.run([sys.executable, "-c", STATES], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4

"""`python -m tests.fuzz [seconds] [seed]`: uploads made and damaged by chance, until time is up.

Prints what broke a promise. Each upload has a number of its own: with 0 seconds and that number it is tried again.
A find becomes a case of tests/unit/test_fuzz_finds.py.
"""

import random
import sys
import time
import traceback
from collections import Counter

from tests.fuzz.trial import run


def main(seconds: float, first: int) -> int:
    """Return 1 where something was found."""
    started, seed, outcomes, finds = time.monotonic(), first, Counter[str](), Counter[str]()
    while not outcomes or time.monotonic() - started < seconds:
        try:
            outcomes[run(seed)] += 1
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} {place.filename.rpartition('/')[2]}:{place.lineno}"
            finds[where] += 1
            if finds[where] <= 3:
                print(f"seed {seed}: {where}: {str(error)[:300]}", flush=True)
            outcomes["broken promise"] += 1
        seed += 1
    print(f"{seed - first} uploads, next seed {seed}: {dict(outcomes)}; {dict(finds)}")
    return int(bool(finds))


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(float(given[0]) if given else 60, int(given[1]) if given[1:] else random.randrange(10**9)))

"""Pauses between tries in place: twice as long each time, with full jitter."""

import random
import time
from collections.abc import Iterator

TRIES = 7
FIRST = 0.05
"""Seconds; the longest pause before the second try."""
LONGEST = 1.6
"""Seconds."""


def tries() -> Iterator[int]:
    """Yield 1, 2, … up to TRIES, with a pause before each but the first; at most 3.2 s of pauses in all.

    Full jitter: AWS Architecture Blog, "Exponential Backoff And Jitter".
    """
    for number in range(1, TRIES + 1):
        if number > 1:
            time.sleep(random.uniform(0, min(LONGEST, FIRST * 2 ** (number - 2))))
        yield number

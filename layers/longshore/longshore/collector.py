"""The garbage collector while a function is imported: modules make no garbage, and it looked 190 times.

That was a fifth of a cold start's CPU time. bootstrap.py imports this module before all others.
"""

import gc

USUAL = gc.get_threshold()
MORE_THAN_IMPORTED = 100_000
"""Objects; the modules of a function make half as many."""

gc.set_threshold(MORE_THAN_IMPORTED, *USUAL[1:])


def begin() -> None:
    """Collect as usual from now on, but never look again at what is there already: it stays as long as the process."""
    gc.freeze()
    gc.set_threshold(*USUAL)

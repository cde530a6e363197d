"""Corrections of moto 5.2.5, so that what runs on a laptop behaves as AWS does; one named place for each.

`apply()` first, before any server starts; then `lambdas.install(invoke)` and `events.install(deliver)` connect
what moto lacks. Each correction has its own test in tests/local.
"""

import threading

import moto

from local.moto_corrections import dynamodb, stepfunctions

PROVEN_VERSION = "5.2.5"
_applying = threading.Lock()
_applied = False


def apply(time_scale: float = 1.0) -> None:
    """Correct moto in this process; calling it again only sets the time scale.

    time_scale is for tests: it multiplies every Wait and every Retry interval of a state machine.
    Raises AssertionError with any version of moto but the one the corrections were proven with.
    """
    global _applied
    assert moto.__version__ == PROVEN_VERSION, (
        f"local/moto_corrections is proven for moto {PROVEN_VERSION}, but {moto.__version__} is installed: "
        f"install moto=={PROVEN_VERSION}"
    )
    with _applying:
        if not _applied:
            dynamodb.apply()
            stepfunctions.apply()
            _applied = True
        stepfunctions.set_time_scale(time_scale)

"""Corrections of moto 5.2.5, so that what runs on a laptop behaves as AWS does; one named place for each.

`apply()` first, before any server starts; then `lambdas.install(invoke)` and `events.install(deliver)` connect
what moto lacks. Each correction has its own test in tests/local/corrections.
"""

import threading

import moto

from local.moto_corrections import dynamodb, s3, scheduler, server, stepfunctions

PROVEN_VERSION = "5.2.5"
_applying = threading.Lock()
_applied = False


def apply() -> None:
    """Correct moto in this process; once is enough, calling it again changes nothing.

    Raises AssertionError with any version of moto but the one the corrections were proven with.
    """
    global _applied
    assert moto.__version__ == PROVEN_VERSION, (
        f"local/moto_corrections is proven for moto {PROVEN_VERSION}, but {moto.__version__} is installed: "
        f"install moto=={PROVEN_VERSION}"
    )
    with _applying:
        if not _applied:
            server.apply()
            dynamodb.apply()
            stepfunctions.apply()
            s3.apply()
            scheduler.apply()
            _applied = True

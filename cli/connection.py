"""Which Longshore a command talks to: the environment's, the folder's running one, or one of its own."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from cli import local_file
from cli.client import Client
from cli.outcome import UsageProblem

OWN_NOTICE = (
    "no LONGSHORE_ENDPOINT and no `longshore up` in this folder: starting an embedded AWS for this command alone; "
    "nothing in it is kept"
)


@contextmanager
def connect(outliving: str = "") -> Iterator[Client]:
    """Give a client for LONGSHORE_ENDPOINT, else for this folder's `longshore up`, else for an embedded AWS of its own.

    `outliving` names the options that make no sense with the last. Raises UsageProblem for them, and where there is an
    endpoint but no token.
    """
    if client := configured():
        yield client
    elif outliving:
        raise UsageProblem(f"{outliving} needs a Longshore that goes on; run `longshore up` beside it")
    else:
        with _own() as client:
            yield client


def configured() -> Client | None:
    """Return a client for LONGSHORE_ENDPOINT, else for this folder's `longshore up`; None where there is neither.

    Raises UsageProblem where there is an endpoint but no token.
    """
    endpoint, token = os.environ.get("LONGSHORE_ENDPOINT", ""), os.environ.get("LONGSHORE_TOKEN", "")
    if endpoint and not token:
        raise UsageProblem("LONGSHORE_ENDPOINT is set but LONGSHORE_TOKEN is not; set it to a token of your issuer")
    if endpoint:
        return Client(endpoint, token)
    running = local_file.read()
    return Client(running["endpoint"], running["tokens"]["admin"], local=True) if running else None


@contextmanager
def _own() -> Iterator[Client]:
    # Imported only here: the embedded AWS takes seconds to import, and most commands do without it.
    from cli.embedded import running_embedded_aws

    click.echo(OWN_NOTICE, err=True)
    with ended_by_signals(), running_embedded_aws() as local:
        yield Client(local.endpoint, local.tokens["admin"], own=True, local=True)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the command the way Ctrl-C does, so that no process of an embedded AWS outlives it.

    SIGINT too is set on purpose: a shell without job control starts what is in its background with SIGINT ignored.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup means it
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""A step as a process that may die before any of its AWS calls."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.httpsession import URLLib3Session

from longshore.errors import Retryable

WRITES = {b"TransactWriteItems", b"UpdateItem", b"BatchWriteItem", b"BatchExecuteStatement", b"DeleteItem"}


class Killed(BaseException):
    """The process is no more; nothing of it can catch this."""


class Process:
    """Lets the calls of the running step through until it dies; `wrote` says whether any wrote to a table."""

    def __init__(self) -> None:
        self.calls_left: int | None = None
        self.wrote = False

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Look at every request of this thread, PynamoDB's too."""
        send, thread = URLLib3Session.send, threading.get_ident()

        def counted(session: URLLib3Session, request: Any) -> Any:
            if threading.get_ident() == thread:
                self._count(request.headers.get("X-Amz-Target", b""))
            return send(session, request)

        monkeypatch.setattr(URLLib3Session, "send", counted)

    def _count(self, target: bytes) -> None:
        if self.calls_left == 0:
            raise Killed
        if self.calls_left is not None:
            self.calls_left -= 1
        self.wrote |= target.rpartition(b".")[2] in WRITES

    def run(self, step: Callable[[], object], dies: int | None) -> bool:
        """Run a step and say whether it died; what it wants retried is delivered again by whoever likes to."""
        self.calls_left = dies
        try:
            step()
        except Killed:
            return True
        except Retryable:
            return False
        finally:
            self.calls_left = None
        return False

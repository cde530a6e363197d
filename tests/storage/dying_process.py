"""A step as a process that may die before any of its AWS calls, or lose the reply to any."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session
from botocore.retries.standard import ExponentialBackoff

from longshore.errors import Retryable

WRITES = {b"TransactWriteItems", b"UpdateItem", b"BatchWriteItem", b"BatchExecuteStatement", b"DeleteItem"}


class Killed(BaseException):
    """The process is no more; nothing of it can catch this."""


class Process:
    """Lets the calls of the running step through until it dies; `wrote` says whether any wrote to a table."""

    def __init__(self) -> None:
        self.wrote = False
        self._begin(None, None)

    def _begin(self, dies: int | None, loses: int | None) -> None:
        self._calls, self._dies, self._loses = 0, dies, loses

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Look at every request of this thread, PynamoDB's too; the SDK tries again as ever, but at once."""
        send, thread = URLLib3Session.send, threading.get_ident()

        def watched(session: URLLib3Session, request: Any) -> Any:
            if threading.get_ident() != thread:
                return send(session, request)
            return self.call(request, partial(send, session))

        monkeypatch.setattr(URLLib3Session, "send", watched)
        monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda backoff, context: 0)

    def call(self, request: AWSPreparedRequest, send: Callable[[AWSPreparedRequest], AWSResponse]) -> AWSResponse:
        """Make a call, unless the process dies before it; a lost reply is a timeout, and the SDK tries again."""
        if self._calls == self._dies:
            raise Killed
        number, self._calls = self._calls, self._calls + 1
        self.wrote |= request.headers.get("X-Amz-Target", b"").rpartition(b".")[2] in WRITES
        reply = send(request)
        if number == self._loses:
            raise ReadTimeoutError(endpoint_url=request.url)
        return reply

    def run(self, step: Callable[[], object], dies: int | None, loses: int | None = None) -> bool:
        """Run a step; return whether it died before call `dies`, or lost the reply to call `loses`.

        What it wants retried is delivered again by whoever likes to.
        """
        self._begin(dies, loses)
        try:
            step()
        except Killed:
            return True
        except Retryable:
            pass
        finally:
            calls = self._calls
            self._begin(None, None)
        return loses is not None and loses < calls

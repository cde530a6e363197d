"""Clients as threads: which request goes next is a choice of the test, and requests or their replies may be lost."""

import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import boto3
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import HTTPClientError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from longshore.storage import clients

CALL_MS = 1000 * ((clients.CONNECT_TIMEOUT + clients.READ_TIMEOUT) * clients.ATTEMPTS + 1 + 2)
"""How long the SDK goes on with a call, its pauses of 1 and 2 s included."""
WRITES = frozenset({"TransactWriteItems", "UpdateItem"})
STUCK_AFTER = 60
"""Seconds without any progress after which a test gives up."""

Program = Callable[[], None]


class Fault(StrEnum):
    """What befalls one try of a write; its client sees the same."""

    REPLY_LOST = "done, but its reply is lost"
    NOT_SENT = "never arrives"


class Freely:
    """Threads that run as they like."""

    def turn(self, client: str) -> None:
        """Go on at once."""

    def run(self, programs: dict[str, Program]) -> None:
        """Run all programs at once; raise what the first of them raised."""
        failures: list[BaseException] = []

        def guarded(program: Program) -> None:
            try:
                program()
            except BaseException as error:  # a thread's exception would be lost
                failures.append(error)

        threads = [threading.Thread(target=guarded, args=(program,), daemon=True) for program in programs.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(STUCK_AFTER)
        if failures:
            raise failures[0]
        assert not any(thread.is_alive() for thread in threads), "a client hangs"


class InTurns(Freely):
    """Threads of which one at a time runs, from one request to its next; `order` says whose turn it is.

    The n-th turn goes to the waiting client number order[n] (modulo, and from the start again), so that the same order
    gives the same history, and a shorter one is another history.
    """

    def __init__(self, order: Sequence[int]) -> None:
        self._order = order or [0]
        self._changed = threading.Condition()
        self._waiting: set[str] = set()
        self._alive: set[str] = set()
        self._whose = ""

    def turn(self, client: str) -> None:
        """Wait for the client's turn."""
        with self._changed:
            self._waiting.add(client)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._whose == client, STUCK_AFTER), "a client never got its turn"
            self._whose = ""

    def run(self, programs: dict[str, Program]) -> None:
        """Run the programs, one request after the other."""
        self._alive = set(programs)
        conductor = threading.Thread(target=self._conduct, daemon=True)
        conductor.start()
        super().run({client: self._part(client, program) for client, program in programs.items()})
        conductor.join(STUCK_AFTER)

    def _part(self, client: str, program: Program) -> Program:
        def run() -> None:
            try:
                self.turn(client)
                program()
            finally:
                with self._changed:
                    self._alive.discard(client)
                    self._changed.notify_all()

        return run

    def _conduct(self) -> None:
        turns = 0
        with self._changed:
            while self._alive:
                if not self._changed.wait_for(lambda: not self._whose and self._waiting == self._alive, STUCK_AFTER):
                    return
                if self._waiting:
                    self._whose = sorted(self._waiting)[self._order[turns % len(self._order)] % len(self._waiting)]
                    self._waiting.discard(self._whose)
                    self._changed.notify_all()
                turns += 1


class Connection:
    """One client's DynamoDB client; every try of every request waits for a turn and may meet the next fault.

    Calls that the SDK would have given up are given up: `overdue` says whether the present one is.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.client = boto3.client("dynamodb", config=clients.CONFIG.merge(Config(parameter_validation=False)))
        self.client.meta.events.register_first("before-send.dynamodb", self._send)
        self.client.meta.events.register_first("needs-retry.dynamodb", self._again)
        self.client.meta.events.register("provide-client-params.dynamodb", self._tampered)
        self.begin(Freely(), lambda: False)

    def begin(self, turns: Freely, overdue: Callable[[], bool]) -> None:
        """Start a new history, without faults."""
        self.turns, self.overdue = turns, overdue
        self.tamper: Callable[[str, dict[str, Any]], None] = lambda operation, arguments: None
        self.plan(())

    def plan(self, faults: Sequence[Fault]) -> None:
        """Say what the next tries of writes meet, and forget those lost before."""
        self._faults = list(faults)
        self.lost = 0

    def _send(self, request: AWSRequest, event_name: str, **_: Any) -> AWSResponse | None:
        self.turns.turn(self.name)
        if self.overdue():
            raise HTTPClientError(error="the SDK has given the call up")
        if event_name.rsplit(".", 1)[1] not in WRITES or not self._faults:
            return None
        self.lost += 1
        if self._faults.pop(0) is Fault.REPLY_LOST:
            URLLib3Session().send(request)
        raise ReadTimeoutError(endpoint_url=request.url)

    def _again(self, attempts: int, caught_exception: Exception | None, **_: Any) -> int | bool | None:
        """Try again after a timeout as the SDK does, without its pause; leave what the service answers to the SDK."""
        if caught_exception is None:
            return None
        return 0 if isinstance(caught_exception, ReadTimeoutError) and attempts < clients.ATTEMPTS else False

    def _tampered(self, params: dict[str, Any], event_name: str, **_: Any) -> None:
        self.tamper(event_name.rsplit(".", 1)[1], params)

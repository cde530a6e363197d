"""What may go wrong with the k-th AWS call of an invocation."""

import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from exchange import Exchange, Reply, error_reply


@dataclass(frozen=True)
class Fault:
    """Something that strikes the k-th call, counted from 1, and so many in all.

    on: counts only the calls of an operation whose name begins so, or of a method such as PUT.
    """

    k: int
    on: str = field(default="", kw_only=True)
    times: int = field(default=1, kw_only=True)

    def strikes(self, number: int) -> bool:
        """Whether it strikes the call of this number."""
        return self.k <= number < self.k + self.times

    def strike(self, exchange: Exchange) -> Reply | None:
        """Answer the call instead of the proxy; None breaks the connection without an answer."""
        raise NotImplementedError


@dataclass(frozen=True)
class DieBefore(Fault):
    """The process is killed and the call never made."""

    def strike(self, exchange: Exchange) -> Reply | None:
        exchange.signal(signal.SIGKILL)
        return None


@dataclass(frozen=True)
class DieAfter(Fault):
    """The call is carried out; the process is killed before it hears of it."""

    def strike(self, exchange: Exchange) -> Reply | None:
        exchange.forward(exchange.request)
        exchange.signal(signal.SIGKILL)
        return None


@dataclass(frozen=True)
class LoseReply(Fault):
    """The call is carried out and the connection breaks before the answer: the SDK tries again."""

    def strike(self, exchange: Exchange) -> Reply | None:
        exchange.forward(exchange.request)
        return None


@dataclass(frozen=True)
class LoseReplies(LoseReply):
    """The same for several calls of one invocation; what the SDK tries again counts as a call, too."""

    more: tuple[int, ...] = ()

    def strikes(self, number: int) -> bool:
        return number in (self.k, *self.more)


@dataclass(frozen=True)
class Throttle(Fault):
    """The call is answered with an error and not carried out."""

    code: str = "ThrottlingException"

    def strike(self, exchange: Exchange) -> Reply | None:
        return error_reply(exchange.request.service, self.code)


@dataclass(frozen=True)
class Delay(Fault):
    """The call is on its way until `until` is set, and carried out then, whoever still waits for its answer."""

    until: threading.Event = field(compare=False, kw_only=True)

    def strike(self, exchange: Exchange) -> Reply | None:
        self.until.wait()
        return exchange.forward(exchange.request)


@dataclass(frozen=True)
class Stop(Fault):
    """The process is stopped (SIGSTOP); the call is carried out and its answer waits for the process to go on."""

    def strike(self, exchange: Exchange) -> Reply | None:
        exchange.signal(signal.SIGSTOP)
        return exchange.forward(exchange.request)


@dataclass(frozen=True)
class StatementErrors(Fault):
    """Statements of a BatchExecuteStatement, by index, are answered with an error code inside an HTTP 200.

    `applied`: they were carried out all the same; else they never reach the table.
    """

    codes: Mapping[int, str]
    applied: bool = False

    def strike(self, exchange: Exchange) -> Reply | None:
        request = exchange.request
        assert request.operation == "BatchExecuteStatement", f"call {self.k} is {request.operation}"
        document = request.document()
        codes = {index: code for index, code in self.codes.items() if index < len(document["Statements"])}
        if not self.applied:
            kept = [s for index, s in enumerate(document["Statements"]) if index not in codes]
            request = request.with_document({**document, "Statements": kept})
            if not kept:
                return _answers(Reply(200, [("Content-Type", "application/x-amz-json-1.0")], b"{}"), [], codes)
        reply = exchange.forward(request)
        responses = reply.document()["Responses"]
        if self.applied:
            responses = [response for index, response in enumerate(responses) if index not in codes]
        return _answers(reply, responses, codes)


def _answers(reply: Reply, others: list[object], codes: Mapping[int, str]) -> Reply:
    """Put the errors between the answers to the other statements."""
    rest = iter(others)
    total = len(others) + len(codes)
    merged = [
        {"Error": {"Code": codes[index], "Message": "a fault of the test"}} if index in codes else next(rest)
        for index in range(total)
    ]
    return reply.with_document({"Responses": merged})

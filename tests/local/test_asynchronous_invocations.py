"""Asynchronous invocations: retries, and where a failure ends up."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.asynchronous_invocations import AsynchronousInvocations
from local.background import Background
from local.function_configuration import FunctionConfiguration
from local.lambda_service import LambdaService

COUNTS_AND_FAILS = """
    import pathlib
    def handler(event, context):
        with pathlib.Path(event["calls"]).open("a") as calls:
            calls.write("x")
        if len(pathlib.Path(event["calls"]).read_text()) <= event["failures"]:
            raise RuntimeError("not yet")
"""


class Sent:
    """Where failures are sent to in these tests; wait() returns the first message."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str, dict[str, str]]] = []
        self.arrived = threading.Event()

    def __call__(self, arn: str, text: str, attributes: dict[str, str]) -> None:
        self.messages.append((arn, text, attributes))
        self.arrived.set()

    def wait(self) -> tuple[str, str, dict[str, str]]:
        assert self.arrived.wait(20), "nothing was sent"
        return self.messages[0]


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.stop()


@pytest.fixture
def accept(
    lambda_service: Callable[..., LambdaService], background: Background, tmp_path: Path
) -> Callable[..., tuple[Sent, Path]]:
    """accept(function, failures) -> queue an event that fails so often, and see what is sent and called."""

    def start(function: FunctionConfiguration, failures: int, blocked: bool = False) -> tuple[Sent, Path]:
        service, sent = lambda_service(), Sent()
        service.register(function)
        calls = tmp_path / "calls"
        calls.touch()
        event = json.dumps({"calls": str(calls), "failures": failures}).encode()
        AsynchronousInvocations(service, background, sent, retry_waits=(0.0,)).accept(function.name, event)
        return sent, calls

    return start


def drained(background: Background) -> None:
    pause = threading.Event()
    for _ in range(2000):
        if not background.in_flight:
            return
        pause.wait(0.01)
    raise AssertionError("the events never came to an end")


def test_an_event_is_retried_until_it_succeeds(accept: Callable, function: Callable, background: Background) -> None:
    sent, calls = accept(function(COUNTS_AND_FAILS, on_failure="arn:queue"), failures=2)
    drained(background)
    assert calls.read_text() == "xxx"
    assert sent.messages == []


def test_an_event_that_fails_for_good_goes_to_both_destinations(
    accept: Callable, function: Callable, background: Background
) -> None:
    failing = function(COUNTS_AND_FAILS, retries=1, on_failure="arn:queue", dead_letter="arn:dead")
    sent, calls = accept(failing, failures=9)
    drained(background)
    assert calls.read_text() == "xx"
    (dead, body, attributes), (queue, text, _) = sent.messages
    assert (dead, queue) == ("arn:dead", "arn:queue")
    assert json.loads(body)["failures"] == 9
    assert attributes["ErrorMessage"] == "RetriesExhausted"
    record = json.loads(text)
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestPayload"]["failures"] == 9
    assert record["responsePayload"]["errorMessage"] == "not yet"


def test_without_retries_the_first_failure_is_the_last(accept: Callable, function: Callable) -> None:
    sent, calls = accept(function(COUNTS_AND_FAILS, retries=0, on_failure="arn:queue"), failures=9)
    sent.wait()
    assert calls.read_text() == "x"


def test_an_event_that_stays_throttled_is_given_up_once_it_is_too_old(accept: Callable, function: Callable) -> None:
    refused = function(COUNTS_AND_FAILS, reserved=0, maximum_event_age=0.3, on_failure="arn:queue")
    sent, calls = accept(refused, failures=0)
    record = json.loads(sent.wait()[1])
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert calls.read_text() == ""

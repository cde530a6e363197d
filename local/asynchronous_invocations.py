"""Asynchronous invocations: queued, retried, and in the end sent to where the function wants its failures.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import datetime
import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from local.background import Background
from local.function_configuration import FunctionConfiguration
from local.lambda_answer import Answer, Throttled
from local.lambda_service import LambdaService

FIRST_THROTTLE_WAIT = 0.1
LONGEST_THROTTLE_WAIT = 5.0

Send = Callable[[str, str, dict[str, str]], None]
"""send(arn, text, attributes): puts a message into a queue, a topic, a bus or a function."""


@dataclass
class QueuedEvent:
    """An event on its way to a function; `attempts` counts its failures, `throttled` the refusals."""

    function_name: str
    body: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    accepted: float = field(default_factory=time.monotonic)
    attempts: int = 0
    throttled: int = 0


class AsynchronousInvocations:
    """The event queue of the local Lambda service.

    retry_waits: seconds before the first, second, … retry (AWS: one minute, two minutes); the last one repeats. An
    invocation that is throttled is tried again until the event is older than the function's maximum event age.
    """

    def __init__(
        self, service: LambdaService, background: Background, send: Send, retry_waits: Sequence[float] = (1.0, 2.0)
    ) -> None:
        self.service = service
        self.background = background
        self.send = send
        self.retry_waits = retry_waits

    def accept(self, function_name: str, body: bytes) -> None:
        """Queue an event and return at once."""
        event = QueuedEvent(function_name, body)
        self.background.submit(lambda: self.attempt(event))

    def attempt(self, event: QueuedEvent) -> None:
        """Hand the event to the function once; plan what comes next if that fails."""
        function = self.service.functions[event.function_name]
        try:
            answer = self.service.invoke(event.function_name, event.body)
        except Throttled:
            wait = min(FIRST_THROTTLE_WAIT * 2**event.throttled, LONGEST_THROTTLE_WAIT)
            event.throttled += 1
            if too_old(event, function, wait):
                self.give_up(event, function, Answer(b"null"), "EventAgeExceeded")
            else:
                self.background.submit_after(wait, lambda: self.attempt(event))
            return
        if answer.function_error:
            self.failed(event, function, answer)

    def failed(self, event: QueuedEvent, function: FunctionConfiguration, answer: Answer) -> None:
        """Retry, or give up once the retries or the event's age are exhausted."""
        event.attempts += 1
        wait = self.retry_waits[min(event.attempts, len(self.retry_waits)) - 1]
        if event.attempts > function.retries:
            self.give_up(event, function, answer, "RetriesExhausted")
        elif too_old(event, function, wait):
            self.give_up(event, function, answer, "EventAgeExceeded")
        else:
            self.background.submit_after(wait, lambda: self.attempt(event))

    def give_up(self, event: QueuedEvent, function: FunctionConfiguration, answer: Answer, condition: str) -> None:
        """Send the event to the dead-letter queue and the record of its failure to the OnFailure destination."""
        if function.dead_letter:
            attributes = {"RequestID": event.request_id, "ErrorCode": "200", "ErrorMessage": condition}
            self.send(function.dead_letter, event.body.decode(), attributes)
        if function.on_failure:
            self.send(function.on_failure, json.dumps(failure_record(event, function, answer, condition)), {})


def too_old(event: QueuedEvent, function: FunctionConfiguration, wait: float) -> bool:
    """Whether the event would be older than the function accepts after another `wait` seconds."""
    return time.monotonic() + wait - event.accepted > function.maximum_event_age


def failure_record(
    event: QueuedEvent, function: FunctionConfiguration, answer: Answer, condition: str
) -> dict[str, object]:
    """What an OnFailure destination receives.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "version": "1.0",
        "timestamp": now,
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": f"{function.arn}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": event.attempts,
        },
        "requestPayload": json.loads(event.body),
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": answer.function_error,
        },
        "responsePayload": json.loads(answer.payload or b"null"),
    }

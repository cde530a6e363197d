"""What one invocation of a Lambda function answers: the contract between moto and the local Lambda service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

InvocationType = Literal["RequestResponse", "Event"]


@dataclass(frozen=True)
class Answer:
    """The outcome of one invocation, as the Invoke API reports it.

    payload: the JSON text that the function returned, or the error object of a failed function.
    function_error: None, or the value of the X-Amz-Function-Error header ("Unhandled").
    log_tail: the last 4 KB of what the function wrote to its log.
    """

    payload: bytes
    function_error: str | None = None
    log_tail: bytes = b""


class Throttled(Exception):
    """No execution environment is free: the Invoke API answers 429 TooManyRequestsException."""


Invoke = Callable[[str, bytes, InvocationType, bytes | None], Answer]
"""invoke(function_name, body, invocation_type, client_context) -> Answer.

The client context is the decoded JSON of the X-Amz-Client-Context header, or None. An "Event" invocation is queued and
returns at once; its Answer is ignored. Raises Throttled where the API answers 429.
"""

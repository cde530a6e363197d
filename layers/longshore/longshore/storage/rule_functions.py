"""Rule functions of the tenants, invoked synchronously through Lambda."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from longshore.errors import Retryable, RuleFunctionFailed
from longshore.storage.backoff import tries
from longshore.storage.translate import error_code, translated

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import InvocationResponseTypeDef

REFUSALS = {
    "ResourceNotFoundException": "does not exist",
    "AccessDeniedException": "may not be called by Longshore",
}
"""Error codes of Invoke that say what a person has to do."""


class LambdaRuleFunctions:
    """rule_function_port.RuleFunctions."""

    def __init__(self, client: Callable[[int], "LambdaClient"]) -> None:
        """`client` gives the client that waits so many seconds for an answer, and repeats nothing by itself."""
        self._client = client

    def call(self, function: str, payload: bytes, seconds: int) -> bytes:
        """Invoke a function, wait for at most so many seconds, and return what it answered.

        Repeated only where Lambda did not run it (throttled, or failed by itself). Raises RuleFunctionFailed.
        """
        answer = self._invoked(function, payload, seconds)
        content = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise RuleFunctionFailed(function, *_crash(content))
        return content

    def _invoked(self, function: str, payload: bytes, seconds: int) -> "InvocationResponseTypeDef":
        problem = ""
        for _ in tries():
            try:
                return self._client(seconds).invoke(FunctionName=function, Payload=payload)
            except ReadTimeoutError as error:
                # It may still be at work: once more would be twice.
                raise RuleFunctionFailed(function, f"did not answer within {seconds} s") from error
            except (ClientError, BotoCoreError) as error:
                code = error_code(error) if isinstance(error, ClientError) else ""
                failure = translated(error, f"call {function}")
                problem = REFUSALS.get(code, f"could not be called ({code or type(error).__name__})")
                if not isinstance(failure, Retryable):
                    raise RuleFunctionFailed(function, problem) from error
        raise RuleFunctionFailed(function, f"{problem}, again and again")


def _crash(content: bytes) -> tuple[str, str]:
    """Return what a function's error object says: that it failed, by which type, and its message."""
    try:
        error = orjson.loads(content)
        return f"failed with {error['errorType']}", str(error.get("errorMessage") or "")
    except (ValueError, KeyError, TypeError):
        return "failed without saying why", ""

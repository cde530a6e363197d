"""The one place where AWS's errors become Longshore's: Retryable where the call may succeed later, else Permanent."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError, IncompleteReadError

from longshore.errors import Permanent, Retryable, ServiceUnavailable, UnexpectedFailure

PASSING = frozenset(
    {
        "BandwidthLimitExceeded",
        "ConditionalRequestConflict",
        "ExecutionLimitExceeded",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "OperationAborted",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Error codes, of calls and of single statements or transaction items, that say "not now"."""


@contextmanager
def aws_errors(doing: str) -> Iterator[None]:
    """Translate what AWS or the SDK raises inside; `doing` says in the message what was tried ("read job j1")."""
    try:
        yield
    except Exception as error:  # PynamoDB wraps the SDK's error in its own, without a common base; others pass through
        cause = getattr(error, "cause", None) or error
        if not isinstance(cause, (ClientError, BotoCoreError)):
            raise
        raise translated(cause, doing) from error


def translated(error: ClientError | BotoCoreError, doing: str) -> Retryable | Permanent:
    """Return Longshore's error for one of the SDK's."""
    if isinstance(error, ClientError):
        # PynamoDB's ClientError lacks the HTTP status; the one it was raised from has it.
        origin = error.__cause__ if isinstance(error.__cause__, ClientError) else error
        code, message = error_code(origin), " ".join(origin.response["Error"].get("Message", "").split())
        status = origin.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in PASSING or status >= 500 or status == 429:
            return ServiceUnavailable(f"could not {doing}: {code}: {message}")
        return UnexpectedFailure(f"could not {doing}: {code}: {message}")
    if isinstance(error, (ConnectionError, HTTPClientError, IncompleteReadError)):
        return ServiceUnavailable(f"could not {doing}: {error}")
    return UnexpectedFailure(f"could not {doing}: {error}")


def error_code(error: ClientError) -> str:
    """Return AWS's code of an error, such as ConditionalCheckFailedException."""
    return error.response["Error"].get("Code", "")

"""The one logger and the decorator that every handler wears."""

import functools
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from longshore.errors import LongshoreError, Retryable, UnexpectedFailure

logger = Logger()

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

LOGGED_KEYS = ("tenant", "job_id", "run", "part", "batch")


def observed(handler: Handler) -> Handler:
    """Log how a call ended, with its job's names, and let nothing leave a step but Retryable and Permanent.

    No row data and no secret is logged: of the event only the names of LOGGED_KEYS are.
    """

    @functools.wraps(handler)
    def call(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        names = {key: event[key] for key in LOGGED_KEYS if key in event}
        logger.append_keys(request_id=context.aws_request_id, function=context.function_name, **names)
        try:
            return handler(event, context)
        except Retryable as error:
            logger.warning("will be retried", error=type(error).__name__, reason=str(error))
            raise
        except LongshoreError as error:
            logger.error("failed for good", error=type(error).__name__, reason=str(error))
            raise
        except Exception as error:
            logger.exception("failed unexpectedly")
            raise UnexpectedFailure(f"{type(error).__name__}: {error}") from error
        finally:
            logger.remove_keys([*names])

    return call

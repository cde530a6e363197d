"""What the steps need of the tenants' rule functions, implemented in storage/rule_functions.py."""

from typing import Protocol


class RuleFunctions(Protocol):
    """Lambdas of the tenants."""

    def call(self, function: str, payload: bytes, seconds: int) -> bytes:
        """Invoke a function, wait for at most so many seconds, and return what it answered.

        Repeated only where Lambda did not run it (throttled, or failed by itself). Raises RuleFunctionFailed.
        """

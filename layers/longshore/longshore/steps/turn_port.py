"""What the steps need of waiting, implemented in storage/executions.py."""

from typing import Protocol

from longshore.messages import TurnWait


class Turns(Protocol):
    """Waits that end with another look at a tenant's queue."""

    def wait(self, name: str, wait: TurnWait) -> None:
        """Have DispatchJobs look again after the wait; that one of this name is or was waited is success."""

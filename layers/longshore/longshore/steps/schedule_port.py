"""What the steps need of schedules, implemented in storage/schedules.py."""

from typing import Protocol

from longshore.domain.schedule import Firing, Schedule


class Schedules(Protocol):
    """Schedules, what makes them fire, and the instants for which they did."""

    def put(self, wanted: Schedule) -> tuple[Schedule, bool]:
        """Store a schedule, new or changed, and make it fire; return it as stored, and whether it is new.

        Raises InvalidRequest for an expression or zone that no clock can follow; then everything is as it was before.
        """

    def find(self, tenant: str, name: str) -> Schedule | None:
        """Read a schedule consistently; None where there is none."""

    def all(self, tenant: str) -> list[Schedule]:
        """Return the schedules of a tenant, by name."""

    def delete(self, tenant: str, name: str) -> bool:
        """Delete a schedule: it fires no more. Say whether there was one."""

    def record(self, schedule: Schedule, firing: Firing) -> None:
        """Write that a schedule fired for an instant, once."""

    def firings(self, tenant: str, name: str, limit: int) -> list[Firing]:
        """Return the last firings of a schedule, newest first."""

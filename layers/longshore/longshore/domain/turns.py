"""When a job that waits for its turn should try again: computed here, and spent in a state machine's Wait.

    job refused at 12:00:01, position 1,     5 s for its place, 15 s more above 80 % use: not before 12:00:21
    its holder gone at 12:07:30 if it died   nothing changes before that by itself:        12:07:30
    on the grid of 15 s                      the name of the wait is this instant:         12:07:30
    jitter of 2 to 8 s                       tenants that wait for the same do not meet:   12:07:36

A holder that ends wakes the queue at once, so a wait is only for one that died; a living one renews its lease, and then
the wait finds nothing to do but to wait for the new end. That is one wait per renewal, not a poll.
"""

from dataclasses import dataclass
from datetime import timedelta

from longshore.domain.grants import Refusal

PER_PLACE, LONGEST_FOR_PLACE = 5_000, 30_000
CROWDED, WHEN_CROWDED = 0.8, 15_000
SHORTEST_JITTER, JITTER = 2_000, 6_000
GRID = 15_000
"""Waits of a tenant that end in the same 15 s are one: its name says when it ends."""


@dataclass(frozen=True)
class Turn:
    """A wait for a tenant's turn: `name` is one per tenant and instant, `wait` how long it is."""

    name: str
    wait: timedelta


def delay(position: int, used: int, limit: int) -> int:
    """Return how long (ms) the job at this place of a queue should wait before it asks again (design section 8)."""
    crowded = limit < 1 or used / limit > CROWDED
    return min(LONGEST_FOR_PLACE, PER_PLACE * position) + (WHEN_CROWDED if crowded else 0)


def try_again(refused: Refusal, position: int, used: int, limit: int, now: int) -> int:
    """Return when (epoch ms) a refused job should ask again: what it waits for is not gone before, unless it ends."""
    return max(now + delay(position, used, limit), refused.retry_at)


def turn(tenant: str, at: int, now: int, jitter: float) -> Turn:
    """Return the wait that ends at about `at` (epoch ms); `jitter` is a number from 0 to 1.

    Two that are asked for the same instant have the same name, so that the second is the first. One that is asked for
    after it has ended has another name, so that it can begin: the name of an execution is unique for 90 days.
    """
    ends = -(-at // GRID) * GRID
    wait = ends - now + SHORTEST_JITTER + JITTER * jitter
    return Turn(f"{tenant}-{ends // 1000}", timedelta(milliseconds=wait))

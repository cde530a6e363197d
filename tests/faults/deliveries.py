"""Events as AWS delivers them: at least once, in any order, several at a time."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from still_aws import Invocation, StillAws

T = TypeVar("T")


def twice(events: Sequence[T]) -> list[T]:
    """Each event twice, the second ones after all the first ones."""
    return [*events, *events]


def in_another_order(events: Sequence[T], seed: int) -> list[T]:
    """The same events in an order that the seed fixes."""
    return random.Random(seed).sample(events, len(events))


def deliver(still: StillAws, function: str, events: Sequence[object]) -> list[Invocation]:
    """Deliver events one after the other."""
    return [still.invoke(function, event) for event in events]


def deliver_at_once(still: StillAws, function: str, events: Sequence[object]) -> list[Invocation]:
    """Deliver all events at the same time, as far as the function has processes."""
    with ThreadPoolExecutor(len(events)) as pool:
        return list(pool.map(lambda event: still.invoke(function, event), events))

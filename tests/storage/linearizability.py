"""Decides whether a history of concurrent operations could have happened one after the other.

Each operation must take effect at one instant between its call and its answer, and all effects and answers must agree
with a sequential specification. One whose answer never came takes effect at any instant after its call, or never.

Sources: J. Wing and C. Gong, "Testing and verifying concurrent objects" (1993), for the search; G. Lowe, "Testing for
linearizability" (2017), for remembering which sets of operations led to which states. No library on the Python package
index does this.
"""

import itertools
import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

NEVER = math.inf
State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True)
class Operation:
    """What a client called and was answered; times are places in the history.

    `reads` says that it never changes anything, whatever the state: where its answer fits, its place is found.
    """

    client: str
    call: object
    result: object
    invoked: int
    answered: float = NEVER
    reads: bool = False

    def __str__(self) -> str:
        answer = "no answer" if self.answered == NEVER else f"{self.result} at {self.answered}"
        return f"{self.invoked:>5} {self.client}: {self.call} -> {answer}"


Step = Callable[[State, Operation], State | None]
"""The specification: the state after an operation, None where it cannot have had this result in this state."""


class History:
    """Operations of several threads; its clock counts calls and answers."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._places = itertools.count()

    def place(self) -> int:
        """Return the next place: larger than all before."""
        return next(self._places)

    def add(self, client: str, call: object, result: object, invoked: int, *, reads: bool = False) -> None:
        """Record an answer, as of now."""
        self.operations.append(Operation(client, call, result, invoked, self.place(), reads))

    def add_unanswered(self, client: str, call: object, invoked: int) -> None:
        """Record a call that may have an effect, now or later, or none."""
        self.operations.append(Operation(client, call, None, invoked))


class NotLinearizable(AssertionError):
    """No order explains the history; the message shows it and the longest order that does as far as it goes."""


def check(history: Sequence[Operation], initial: State, step: Step[State]) -> list[Operation]:
    """Return an order that explains the history; raise NotLinearizable where there is none."""
    operations = sorted(history, key=lambda operation: operation.invoked)
    answered = sum(1 << n for n, operation in enumerate(operations) if operation.answered != NEVER)
    seen: set[tuple[int, State]] = set()
    longest: tuple[list[Operation], State] = ([], initial)
    pending: list[tuple[int, State, list[Operation]]] = [((1 << len(operations)) - 1, initial, [])]
    while pending:
        left, state, order = pending.pop()
        if not left & answered:
            return order
        if (left, state) in seen:
            continue
        seen.add((left, state))
        if len(order) > len(longest[0]):
            longest = order, state
        for n, after in _next(operations, left, state, step):
            pending.append((left & ~(1 << n), after, [*order, operations[n]]))
    raise NotLinearizable(_explanation(operations, *longest))


def _next(operations: Sequence[Operation], left: int, state: State, step: Step[State]) -> list[tuple[int, State]]:
    """Return which operation may be next, and the state after it.

    Only one that was called before each of the others was answered can be next. A read that fits can be put here in
    any order that has it later, so nothing else need be tried.
    """
    remaining = list(_bits(left))
    first_answer = min(operations[n].answered for n in remaining)
    found = []
    for n in remaining:
        if operations[n].invoked > first_answer:
            break
        after = step(state, operations[n])
        if after is not None:
            if operations[n].reads:
                return [(n, after)]
            found.append((n, after))
    return found


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _explanation(history: Sequence[Operation], order: Sequence[Operation], state: object) -> str:
    placed = set(map(id, order))
    stuck = [operation for operation in history if id(operation) not in placed]
    parts = (("history", history), ("longest order", order), ("cannot be next", stuck[:8]))
    lists = [f"{name}:\n" + "\n".join(f"  {operation}" for operation in listed) for name, listed in parts]
    return "\n".join(["no order of these operations explains their answers", *lists, f"state there: {state}"])

"""Which faults a sweep tries, so that none is left out."""

from fault_kinds import DieAfter, DieBefore, Fault, LoseReply

DIES = (DieBefore, DieAfter)


def deaths(calls: int) -> list[Fault]:
    """Every place to die in an invocation of so many calls.

    Before the first call and after each: to die before call k + 1 is to die after call k.
    """
    return [DieBefore(1), *(DieAfter(k) for k in range(1, calls + 1))]


def lost_replies(calls: int) -> list[Fault]:
    """Every reply that may be lost."""
    return [LoseReply(k) for k in range(1, calls + 1)]


def every_fault(calls: int) -> list[Fault]:
    """Every death and every lost reply."""
    return [*deaths(calls), *lost_replies(calls)]


def expected_error(fault: Fault | None) -> str:
    """What the caller of an invocation hears after the fault: a death is seen, a lost reply is made good by the SDK."""
    return "Runtime.ExitError" if isinstance(fault, DIES) else ""

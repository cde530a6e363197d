"""Which faults a sweep tries, so that none is left out."""

from collections.abc import Sequence

from fault_kinds import DieAfter, DieBefore, Fault, LoseReplies, LoseReply
from fault_proxy import Call

DIES = (DieBefore, DieAfter)
READS = ("GetItem", "BatchGetItem", "Query", "Scan", "DescribeExecution", "GET", "HEAD")


def deaths(calls: Sequence[Call]) -> list[Fault]:
    """Every place to die in an invocation that makes these calls.

    Before the first call and after each: to die before call k + 1 is to die after call k.
    """
    return [DieBefore(1), *(DieAfter(call.number) for call in calls)]


def deaths_around_writes(calls: Sequence[Call]) -> list[Fault]:
    """Every place to die that leaves something else behind: to die after a read is to die before it."""
    return deaths([call for call in calls if not _reads(call)])


def lost_replies(calls: Sequence[Call]) -> list[Fault]:
    """Every reply that may be lost."""
    return [LoseReply(call.number) for call in calls]


def lost_replies_together(calls: Sequence[Call], invocations: int) -> list[Fault]:
    """The same in so few invocations, each of which loses several: a try again moves all later calls by one."""
    writes = [call.number for call in calls if not _reads(call)]
    shares = [[k + tries for tries, k in enumerate(writes[n::invocations])] for n in range(invocations)]
    return [LoseReplies(first, tuple(more)) for first, *more in shares]


def expected_error(fault: Fault | None) -> str:
    """What the caller of an invocation hears after the fault: a death is seen, a lost reply is made good by the SDK."""
    return "Runtime.ExitError" if isinstance(fault, DIES) else ""


def _reads(call: Call) -> bool:
    return call.operation.split(" ")[0] in READS

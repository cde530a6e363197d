"""The fault proxy itself: whose calls it counts, and what each kind of fault does to a process."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fault_kinds import Delay, DieBefore, LoseReply, Stop, Throttle
from still_aws import StillAws, until
from tenants import PERSON, Tenant, people

# Slow: real processes of several functions start.
pytestmark = pytest.mark.slow

SWEEP = "SweepFunction"
LOOKS = ["Query"] * 4
"""What Sweep asks where nothing waits."""


def operations(watched_calls: list) -> list[str]:
    return [call.operation for call in watched_calls]


def test_counts_the_calls_of_one_invocation(still: StillAws) -> None:
    watched = still.invoke(SWEEP, {}).watched
    assert [(call.number, call.service, call.operation) for call in watched.calls] == [
        (number, "dynamodb", "Query") for number in (1, 2, 3, 4)
    ]


def test_a_fault_strikes_one_of_two_invocations_beside_each_other(still: StillAws) -> None:
    with ThreadPoolExecutor(2) as pool:
        dying, living = pool.map(lambda fault: still.invoke(SWEEP, {}, fault), [DieBefore(3), None])
    assert (dying.error, operations(dying.watched.calls)) == ("Runtime.ExitError", LOOKS[:3])
    assert (living.error, operations(living.watched.calls)) == ("", LOOKS)


def test_the_sdk_tries_again_after_a_lost_reply_and_after_throttling(still: StillAws) -> None:
    for fault in (LoseReply(2), Throttle(2)):
        invocation = still.invoke(SWEEP, {}, fault)
        assert (invocation.error, len(invocation.watched.calls)) == ("", 5)


def test_a_call_that_is_throttled_for_good_fails(still: StillAws) -> None:
    invocation = still.invoke(SWEEP, {}, Throttle(1, times=100))
    assert (invocation.error, len(invocation.watched.calls)) == ("ServiceUnavailable", 3)


def test_a_call_is_held_until_it_is_let_go(still: StillAws) -> None:
    go = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        watched = still.proxy.arm(Delay(4, until=go))
        answer = pool.submit(still.aws.invoke, SWEEP, {}, watched.trace_id)
        watched.struck.wait(20)
        assert not answer.done()
        go.set()
        assert answer.result(20) == ({}, None)
    still.proxy.disarm(watched)
    assert operations(watched.calls) == LOOKS


def test_a_stopped_process_goes_on_where_it_was(still: StillAws) -> None:
    watched = still.proxy.arm(Stop(2))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(still.aws.invoke, SWEEP, {}, watched.trace_id)
        watched.struck.wait(20)
        until(lambda: still.proxy.at_rest, 20, "the second call is answered")
        assert (answer.done(), operations(watched.calls)) == (False, LOOKS[:2])
        process = still.aws.process(watched.trace_id)
        assert process is not None
        process.signal(signal.SIGCONT)
        assert answer.result(20) == ({}, None)
    still.proxy.disarm(watched)
    assert operations(watched.calls) == LOOKS


def test_every_protocol_passes_through(still: StillAws, new_tenant: Callable[..., Tenant]) -> None:
    upload = still.queued(new_tenant(PERSON), "person", people(20))
    dispatched = still.invoke("DispatchJobsFunction", {"detail": {"tenant": upload.tenant}}).watched.calls
    assert {call.service for call in dispatched} == {"dynamodb", "s3", "states"}
    assert still.status(upload) == "PROCESSING"

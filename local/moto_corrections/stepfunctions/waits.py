"""Waiting: in Wait states and between retries, ended by a stop, and scaled for tests."""

import time

from moto.stepfunctions.parser.asl.component.common.retry.jitter_strategy_decl import JitterStrategyDecl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local.moto_corrections.patching import replace

_scales: dict[str, float] = {}
"""By region; 1 where nothing else was set."""


ASLEEP = 5.0
"""Seconds that a Wait has still to go for its execution to be asleep."""
_ends: dict[str, float] = {}
"""By execution: when its Wait state ends, by time.monotonic()."""


def asleep(execution_arn: str) -> bool:
    """Whether an execution does nothing for the next seconds but wait in a Wait state, as a schedule does."""
    return _ends.get(execution_arn, 0.0) - time.monotonic() > ASLEEP


def set_time_scale(region: str, scale: float) -> None:
    """For tests: multiply every Wait and every Retry interval of a region's executions from now on.

    Raises ValueError below zero.
    """
    if scale < 0:
        raise ValueError(f"time_scale is {scale}, but it must not be negative")
    _scales[region] = scale


def apply() -> None:
    """Make waits scalable and, between retries, interruptible: moto sleeps there, whatever happens."""
    moto_jitter = JitterStrategyDecl._eval_body

    def wait_interval(_: WaitFunction, env: Environment, wait_seconds: float) -> None:
        execution = env.states.context_object.context_object_data["Execution"]["Id"]
        _ends[execution] = time.monotonic() + wait_seconds * _scale_of(env)
        try:
            pause(env, wait_seconds)
        finally:
            _ends.pop(execution, None)

    def jitter_then_wait(strategy: JitterStrategyDecl, env: Environment) -> None:
        # The jitter is the last thing that moto computes before it sleeps for what it finds on the stack.
        moto_jitter(strategy, env)
        pause(env, env.stack.pop())
        env.stack.append(0)

    replace(WaitFunction, "_wait_interval", wait_interval)
    replace(JitterStrategyDecl, "_eval_body", jitter_then_wait)


def pause(env: Environment, seconds: float) -> None:
    """Wait, scaled, until the time is over or the program no longer runs."""
    end = time.monotonic() + seconds * _scale_of(env)
    while env.is_running() and (left := end - time.monotonic()) > 0:
        # Half a second at most: the event is cleared as soon as it is set, so a change can slip by between two waits.
        env.program_state_event.wait(min(left, 0.5))


def _scale_of(env: Environment) -> float:
    return _scales.get(env.aws_execution_details.region, 1.0)

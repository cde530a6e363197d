"""Waiting: in Wait states and between retries, ended by a stop, and scaled for tests."""

import time

from moto.stepfunctions.parser.asl.component.common.retry.jitter_strategy_decl import JitterStrategyDecl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local.moto_corrections.patching import replace

_scale = 1.0


def set_time_scale(scale: float) -> None:
    """For tests: multiply every Wait and every Retry interval from now on. Raises ValueError below zero."""
    global _scale
    if scale < 0:
        raise ValueError(f"time_scale is {scale}, but it must not be negative")
    _scale = scale


def apply() -> None:
    """Make waits scalable and, between retries, interruptible: moto sleeps there, whatever happens."""
    moto_jitter = JitterStrategyDecl._eval_body

    def wait_interval(_: WaitFunction, env: Environment, wait_seconds: float) -> None:
        pause(env, wait_seconds)

    def jitter_then_wait(strategy: JitterStrategyDecl, env: Environment) -> None:
        # The jitter is the last thing that moto computes before it sleeps for what it finds on the stack.
        moto_jitter(strategy, env)
        pause(env, env.stack.pop())
        env.stack.append(0)

    replace(WaitFunction, "_wait_interval", wait_interval)
    replace(JitterStrategyDecl, "_eval_body", jitter_then_wait)


def pause(env: Environment, seconds: float) -> None:
    """Wait, scaled, until the time is over or the program no longer runs."""
    end = time.monotonic() + seconds * _scale
    while env.is_running() and (left := end - time.monotonic()) > 0:
        # Half a second at most: the event is cleared as soon as it is set, so a change can slip by between two waits.
        env.program_state_event.wait(min(left, 0.5))

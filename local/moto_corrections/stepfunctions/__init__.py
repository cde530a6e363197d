"""Step Functions: Map states of any length, failure thresholds, stops, executions as documented, and fast tasks."""

# The state machine interpreter has to be loaded as a whole before names that its modules imported can be replaced.
import moto.stepfunctions.parser.models  # noqa: F401
from moto.core.config import default_user_config

from local.moto_corrections.stepfunctions import (
    clients,
    definitions,
    errors,
    executions,
    map_failures,
    maps,
    quiet,
    results,
    waits,
)
from local.moto_corrections.stepfunctions.clients import lead_tasks
from local.moto_corrections.stepfunctions.waits import asleep, set_time_scale

__all__ = ["apply", "asleep", "lead_tasks", "set_time_scale"]


def apply() -> None:
    """Switch moto's interpreter on and correct it in this process; to be called once."""
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    errors.apply()
    definitions.apply()
    executions.apply()
    maps.apply()
    map_failures.apply()
    results.apply()
    waits.apply()
    clients.apply()
    quiet.apply()

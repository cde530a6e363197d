"""RunSchedule's handler: an instant of a schedule becomes a job."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from longshore.bootstrap import services
from longshore.messages import ScheduleFired
from longshore.observability import observed
from longshore.steps.run_schedule import run_schedule


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run a schedule for the instant that EventBridge Scheduler names."""
    return run_schedule(ScheduleFired.model_validate(event), services()).model_dump(mode="json")

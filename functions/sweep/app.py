"""Sweep's handler: moves on what waits in vain."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from longshore.bootstrap import services
from longshore.observability import observed
from longshore.steps.sweep import sweep


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Sweep once; the minute's event says nothing."""
    return sweep(services()).model_dump(mode="json")

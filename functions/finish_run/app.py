"""FinishRun's handler: ends a run."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from longshore.bootstrap import services
from longshore.messages import FinishRequest
from longshore.observability import observed
from longshore.steps.finish_run import finish_run


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """End the run that an execution's input names."""
    request = FinishRequest.model_validate(event)
    return finish_run(request, services()).model_dump(mode="json")

"""DispatchJobs' handler: starts queued jobs whose turn it is."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from longshore.bootstrap import services
from longshore.messages import DispatchRequest
from longshore.observability import observed
from longshore.steps.dispatch_jobs import dispatch_jobs


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Look at the queue that an event of the bus names, and at those of all others."""
    request = DispatchRequest.model_validate(event)
    return dispatch_jobs(request, services()).model_dump(mode="json")

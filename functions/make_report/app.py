"""MakeReport's handler: a job's rejected rows become a file."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from longshore.bootstrap import services
from longshore.messages import ReportRequest
from longshore.observability import observed
from longshore.steps.make_report import make_report


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Make the report that is asked for."""
    return make_report(ReportRequest.model_validate(event), services()).model_dump(mode="json")

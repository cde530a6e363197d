"""ValidateUpload's handler: an object that arrived becomes a job."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from longshore.bootstrap import services
from longshore.messages import ObjectCreated
from longshore.observability import observed
from longshore.steps.validate_upload import validate_upload


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Validate the object of an "Object Created" event within the time that Lambda leaves."""
    arrived = ObjectCreated.model_validate(event)
    until = services().clock() + timedelta(milliseconds=context.get_remaining_time_in_millis())
    return validate_upload(arrived, services(), until).model_dump(mode="json")

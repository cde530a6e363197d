"""ValidateUpload's handler: an object that arrived becomes a job, and a job's file is read."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from longshore.bootstrap import services
from longshore.messages import ValidationEvent
from longshore.observability import observed
from longshore.steps.validate_upload import validate_upload


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Validate the object of an "Object Created" event, or the job that is named, in the time that Lambda leaves."""
    asked = ValidationEvent.validate_python(event)
    until = services().clock() + timedelta(milliseconds=context.get_remaining_time_in_millis())
    return validate_upload(asked, services(), until).model_dump(mode="json")

"""LoadBatch's handler: loads one batch of rows."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from longshore.bootstrap import services
from longshore.messages import BatchTask
from longshore.observability import observed
from longshore.steps.load_batch import load_batch


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Load the batch that a Map's item names."""
    task = BatchTask.model_validate(event)
    return load_batch(task, services()).model_dump(mode="json")

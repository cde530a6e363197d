"""ValidateUpload, asked for once more through Lambda: an event of S3 cannot be had again."""

from typing import TYPE_CHECKING

from longshore.domain.job import Source
from longshore.messages import EventBucket, EventObject, ObjectCreated, ObjectCreatedDetail
from longshore.steps.ports import Clock
from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LambdaValidations:
    """ports.Validations."""

    def __init__(self, client: "LambdaClient", function_arn: str, clock: Clock) -> None:
        self._client = client
        self._function = function_arn
        self._clock = clock

    def again(self, source: Source) -> None:
        """Deliver the event of this object once more, asynchronously: Lambda retries it as it does EventBridge's."""
        stored = EventObject(key=source.key, size=source.size, version_id=source.version_id)
        event = ObjectCreated(
            id=f"again-{source.version_id}",
            time=self._clock(),
            detail=ObjectCreatedDetail(bucket=EventBucket(name=source.bucket), object=stored),
        )
        with aws_errors(f"validate {source.key} again"):
            self._client.invoke(
                FunctionName=self._function,
                InvocationType="Event",
                Payload=event.model_dump_json(by_alias=True).encode(),
            )

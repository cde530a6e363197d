"""ValidateUpload, asked for through Lambda: for a job whose file is pinned, or in place of a lost event of S3."""

from typing import TYPE_CHECKING

from longshore.domain.job import Job, Source
from longshore.messages import (
    EventBucket,
    EventObject,
    Message,
    ObjectCreated,
    ObjectCreatedDetail,
    ValidationRequest,
)
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

    def again(self, job: Job) -> None:
        """Ask for a job whose file is pinned to be read, asynchronously: Lambda retries it as it does EventBridge's."""
        self._send(ValidationRequest(tenant=job.tenant, job_id=job.job_id), f"ask for the validation of {job.job_id}")

    def arrived(self, source: Source) -> None:
        """Deliver the event of this object once more, asynchronously too: an event of S3 cannot be had again."""
        stored = EventObject(key=source.key, size=source.size, version_id=source.version_id)
        event = ObjectCreated(
            id=f"again-{source.version_id}",
            time=self._clock(),
            detail=ObjectCreatedDetail(bucket=EventBucket(name=source.bucket), object=stored),
        )
        self._send(event, f"tell that {source.key} arrived")

    def _send(self, message: Message, doing: str) -> None:
        with aws_errors(doing):
            self._client.invoke(
                FunctionName=self._function,
                InvocationType="Event",
                Payload=message.model_dump_json(by_alias=True).encode(),
            )

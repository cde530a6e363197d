"""What a worker needs of its run: the job's status, the run's lease, and the lease's renewal; without PynamoDB."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from longshore.domain.job import Job
from longshore.domain.locks import Lease, lease_key
from longshore.domain.status import JobStatus
from longshore.errors import JobNotFound
from longshore.messages import BatchTask
from longshore.steps.ports import Clock
from longshore.storage.batch_calls import get_items
from longshore.storage.items import Item, decode
from longshore.storage.job_keys import JOB, job_pk
from longshore.storage.translate import aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")


class LeaseStore:
    """ports.Leases: the half of ports.Runs that LoadBatch uses."""

    def __init__(self, client: "DynamoDBClient", jobs_table: str, locks_table: str, clock: Clock) -> None:
        self._client = client
        self._jobs_table = jobs_table
        self._locks_table = locks_table
        self._clock = clock

    def status_and_lease(self, task: BatchTask) -> tuple[JobStatus, Job, Lease | None]:
        """Read, in one call, the job and the lease of the task's run; raise JobNotFound."""
        keys = {
            self._jobs_table: [{"pk": {"S": job_pk(task.tenant, task.job_id)}, "sk": {"S": JOB}}],
            self._locks_table: [{"pk": {"S": lease_key(task.tenant, task.job_id, task.run)}}],
        }
        found = get_items(self._client, keys, f"read job {task.job_id} and its lease")
        if not found[self._jobs_table]:
            raise JobNotFound(f"there is no job {task.job_id}")
        job = decode(Job, found[self._jobs_table][0])
        leases = found[self._locks_table]
        return job.status, job, keyed(Lease, leases[0]) if leases else None

    def renew(self, lease: Lease, expires_at: int) -> Lease | None:
        """Prolong a lease that has not expired and never shorten it; return None where it is lost for ever.

        now < expires_at             prolonged
        expires_at ≤ now             lost: whoever is next may be displacing it at this moment
        closing                      lost: its run is being ended
        deleted                      lost: the run has ended
        """
        # Lost for ever once expired, even if nobody has displaced it yet; else its locks could have two holders.
        not_expired = "expires_at > :now"
        # Whoever is ending the run may have died over it: nobody may keep its locks from being freed.
        not_closing = "closing = :false"
        # Another worker of the run may have prolonged it further already.
        not_shortened = "expires_at < :expires_at"
        with aws_errors("renew a lease"):
            try:
                self._client.update_item(
                    TableName=self._locks_table,
                    Key={"pk": {"S": lease.key}},
                    UpdateExpression="SET expires_at = :expires_at",
                    ConditionExpression=f"{not_expired} AND {not_closing} AND {not_shortened}",
                    ExpressionAttributeValues={
                        ":now": {"N": str(self._now())},
                        ":false": {"BOOL": False},
                        ":expires_at": {"N": str(expires_at)},
                    },
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                return self._standing(error.response.get("Item"))  # type: ignore[arg-type]
        return replace(lease, expires_at=expires_at)

    def _standing(self, item: Item | None) -> Lease | None:
        """Return the lease that refused to be renewed if it is only because it runs longer already."""
        lease = keyed(Lease, item) if item else None
        return lease if lease is not None and lease.live(self._now()) else None

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1000)


def keyed(cls: type[T], item: Item) -> T:
    """Return the value of an item of the Locks table, whose partition key is the value's `key`."""
    return decode(cls, {**item, "key": item["pk"]})

"""Batch items: claim, progress and result in one; written through the low-level client, for every worker needs them."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from botocore.exceptions import ClientError

from longshore.domain.job import Batch, BatchStatus, Job
from longshore.errors import ClaimHeld, StaleItem, UnexpectedFailure
from longshore.messages import BatchTask
from longshore.storage.batch_calls import put_items
from longshore.storage.items import Item, decode, encode, encode_fields
from longshore.storage.job_keys import batch_sk, job_pk
from longshore.storage.translate import aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NAMES = {"#status": "status", "#run": "run", "#generation": "generation", "#deadline": "deadline"}
"""Placeholders: some of these names are reserved words of DynamoDB's expressions."""


class BatchStore:
    """ports.Batches. A batch item is in its job's collection: sk `batch#{attempt}#{part}#{number}`."""

    def __init__(self, client: "DynamoDBClient", jobs_table: str) -> None:
        self._client = client
        self._table = jobs_table

    def put(self, tenant: str, job_id: str, attempt: str, batches: Iterable[Batch]) -> None:
        """Write new batches of a validation attempt; they count once the job names the attempt."""
        written = [{**_key(tenant, job_id, attempt, b.part, b.number), **encode_fields(b)} for b in batches]
        put_items(self._client, self._table, written, f"write the batches of job {job_id}")

    def all(self, job: Job) -> list[Batch]:
        """Return every batch of the job's attempt by part and number, read consistently."""
        found = [decode(Batch, item) for item in self._query(job)]
        return sorted(found, key=lambda batch: (batch.part, batch.number))

    def claim(self, task: BatchTask, now: int, deadline: int) -> Batch | None:
        """Take the batch for `task.run` until `deadline` (epoch ms), generation + 1, and return it.

        Returns None where this run has nothing left to do: the batch is completed, failed in this run already, or a
        later run's. Raises ClaimHeld where another claim's deadline has not passed.

            LoadBatch A                     batch item                     LoadBatch B
            ───────────                     ──────────                     ───────────
            claim(now=0, deadline=60)  ──►  OPEN g1, deadline 60
                                            OPEN g1, deadline 60      ◄──  claim(now=10): ClaimHeld until 60
            ✕ dies, or hangs on
                                            OPEN g2, deadline 120     ◄──  claim(now=60, deadline=120)
            complete(g1): refused      ──►  OPEN g2, deadline 120
                                            COMPLETED g2              ◄──  complete(g2)
            claim(now=130): None       ──►  COMPLETED g2
        """
        claimant = uuid.uuid4().hex
        # To be done: nobody has finished it.
        is_open = "#status = :open"
        # A later run tries a batch again whose attempts were exhausted in an earlier one.
        failed_in_an_earlier_run = "(#status = :failed AND #run < :run)"
        # A worker of an earlier run has no business here once a later one has begun with it.
        no_later_run = "#run <= :run"
        # Nobody holds a claim (deadline 0), or who held it may not write any more.
        nobody_holds_it = "#deadline <= :now"
        # The claim is this very call's: the SDK tried again because the reply to its first try was lost.
        it_is_ours = "claimant = :claimant"
        values: dict[str, object] = {
            ":open": BatchStatus.OPEN,
            ":failed": BatchStatus.FAILED,
            ":run": task.run,
            ":now": now,
            ":deadline": deadline,
            ":claimant": claimant,
            ":one": 1,
        }
        changes = "#status = :open, #run = :run, #deadline = :deadline, claimant = :claimant"
        answer = self._update(
            task,
            change=f"SET {changes}, #generation = #generation + :one REMOVE #error, counts, rejects",
            condition=f"({is_open} OR {failed_in_an_earlier_run}) AND {no_later_run}"
            f" AND ({nobody_holds_it} OR {it_is_ours})",
            values=values,
            names={**NAMES, "#error": "error"},
        )
        if answer.written:
            return decode(Batch, answer.item)
        _not_claimed(task, answer.item)
        return None

    def release(self, task: BatchTask, claimed: Batch) -> None:
        """Give an unfinished claim back; does nothing where the claim is no longer ours."""
        self._update(
            task,
            change="SET #deadline = :zero REMOVE claimant",
            condition=OURS_AND_OPEN,
            values={**_claim_of(claimed), ":open": BatchStatus.OPEN, ":zero": 0},
            names=NAMES,
        )

    def complete(self, task: BatchTask, done: Batch) -> bool:
        """Write the result (`done.status`: COMPLETED or FAILED) if the claim is still ours and open; say if it was.

        That our own result is there already counts as written: only the holder of a generation can have written it.
        """
        result = {":status": done.status, ":zero": 0, ":error": done.error}
        changes = "#status = :status, #deadline = :zero, #error = :error"
        for name, value in (("counts", done.counts), ("rejects", done.rejects)):
            if value is not None:
                changes += f", {name} = :{name}"
                result[f":{name}"] = value
        answer = self._update(
            task,
            change=f"SET {changes} REMOVE claimant",
            condition=OURS_AND_OPEN,
            values={**_claim_of(done), ":open": BatchStatus.OPEN, **result},
            names={**NAMES, "#error": "error"},
        )
        if answer.written:
            return True
        there = decode(Batch, answer.item) if answer.item else None
        return there is not None and _result_of(there) == _result_of(done)

    def settle(self, job: Job, found: Batch) -> None:
        """Write the counts of a batch whose claims are all past, if it is still as found; raise StaleItem if not."""
        task = BatchTask(
            tenant=job.tenant,
            job_id=job.job_id,
            attempt=job.attempt,
            part=found.part,
            batch=found.number,
            run=found.run,
        )
        # Nobody claimed, completed or gave it up since its rows were counted.
        as_found = f"{SAME_CLAIM} AND #status = :status AND #deadline = :deadline"
        values = {**_claim_of(found), ":status": found.status, ":deadline": found.deadline, ":counts": found.counts}
        answer = self._update(task, change="SET counts = :counts", condition=as_found, values=values, names=NAMES)
        if not answer.written:
            raise StaleItem(f"batch {found.part}/{found.number} of job {job.job_id} changed since it was read")

    def _update(
        self, task: BatchTask, *, change: str, condition: str, values: Mapping[str, object], names: Mapping[str, str]
    ) -> "Answer":
        """Change the task's batch under a condition; return the item as it is after the call."""
        with aws_errors(f"update batch {task.part}/{task.batch} of job {task.job_id}"):
            try:
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=_key(task.tenant, task.job_id, task.attempt, task.part, task.batch),
                    UpdateExpression=change,
                    # An update would create an item that is not there.
                    ConditionExpression=f"attribute_exists(pk) AND {condition}",
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues={name: encode(value) for name, value in values.items()},
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                return Answer(False, cast(Item, error.response.get("Item", {})))
        return Answer(True, answer["Attributes"])

    def _query(self, job: Job) -> Iterator[Item]:
        """Yield the batch items of the job's attempt, read consistently, in no particular order."""
        if not job.attempt:
            return
        key = {":pk": encode(job_pk(job.tenant, job.job_id)), ":prefix": encode(f"batch#{job.attempt}#")}
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": key,
            "ConsistentRead": True,
        }
        while True:
            with aws_errors(f"read the batches of job {job.job_id}"):
                page = self._client.query(**request)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


class Answer(NamedTuple):
    """Whether an update was written, and the item that is there now ({} where none is)."""

    written: bool
    item: Item


# The claim is still the one that we know: whoever claims raises the generation.
SAME_CLAIM = "#run = :run AND #generation = :generation"
# And nobody has finished the batch.
OURS_AND_OPEN = f"{SAME_CLAIM} AND #status = :open"


def _not_claimed(task: BatchTask, there: Item) -> None:
    """Say why a batch was not to be had."""
    what = f"batch {task.part}/{task.batch} of job {task.job_id}"
    if not there:
        raise UnexpectedFailure(f"{what} does not exist in attempt {task.attempt}")
    batch = decode(Batch, there)
    if batch.status == BatchStatus.OPEN and batch.run <= task.run:
        raise ClaimHeld(what, batch.deadline)


def _claim_of(batch: Batch) -> dict[str, object]:
    return {":run": batch.run, ":generation": batch.generation}


def _result_of(batch: Batch) -> tuple[BatchStatus, int, int]:
    return batch.status, batch.run, batch.generation


def _key(tenant: str, job_id: str, attempt: str, part: int, batch: int) -> Item:
    return {"pk": encode(job_pk(tenant, job_id)), "sk": encode(batch_sk(attempt, part, batch))}

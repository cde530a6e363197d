"""What a change of a job writes: the job, its event, and the claim on its content; one transaction, nothing in between.

    two callers change one job        Jobs table
    ─────────────────────────────     ─────────────────────────────────────────────
    A reads version 4                 job v4
    B reads version 4
    A writes version 5 if still 4  →  job v5 + event#000005
    B writes version 5 if still 4  →  refused: StaleItem; B reads again and decides again

The content claim is the item that makes "the same file again" a fact and no guess:

    job A  VALIDATING → QUEUED, claim if absent or mine    → claim: A
    job B  VALIDATING → QUEUED, claim if absent or mine    → refused: AlreadyExists, it is A's
    job B  with `force`: claim whoever has it              → claim: B
    job A  PROCESSING → FAILED, give back if it is mine    → it is B's and stays
"""

from typing import TYPE_CHECKING, Any

from longshore.domain.job import Job, JobEvent
from longshore.domain.status import RELEASES_CONTENT, JobStatus
from longshore.errors import AlreadyExists, StaleItem
from longshore.storage.items import Item, encode, encode_fields
from longshore.storage.job_keys import JOB, event_sk, index_keys, job_pk
from longshore.storage.transaction import Refused, Transaction
from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACCEPTED = frozenset({JobStatus.VALIDATED, JobStatus.SCHEDULED, JobStatus.QUEUED})
CLAIM = "claim"


class JobChanges:
    """Builds and commits changes of jobs, and reads who has a content; without PynamoDB."""

    def __init__(self, client: "DynamoDBClient", jobs_table: str, catalog_table: str, upload_link_seconds: int) -> None:
        self._client = client
        self._jobs_table = jobs_table
        self._catalog_table = catalog_table
        self._upload_link_seconds = upload_link_seconds

    def create(self, job: Job, event: JobEvent) -> None:
        """Write a new job and its first event; raise AlreadyExists where the id is taken."""
        # The id names an object version or an idempotency key: whoever comes second must find the first one's job.
        id_is_free = {"ConditionExpression": "attribute_not_exists(pk)"}
        transaction = Transaction(self._client, f"create job {job.job_id}")
        transaction.put("job", {**self._job(job), **id_is_free})
        transaction.put("event", self._event(job, event))
        try:
            transaction.commit()
        except Refused:
            raise AlreadyExists(f"job {job.job_id} exists already") from None

    def change(self, before: Job, after: Job, event: JobEvent) -> None:
        """Write the change; raise StaleItem, or AlreadyExists where another job has the content."""
        transaction = Transaction(self._client, f"change job {after.job_id} to {after.status}")
        self.add(transaction, before, after, event)
        try:
            transaction.commit()
        except Refused as refused:
            raise self._meaning(refused, after) from None

    def add(self, transaction: Transaction, before: Job, after: Job, event: JobEvent) -> None:
        """Add the writes "job", "event" and, where the change touches it, "content claim" to a transaction."""
        # Nobody changed the job since we read it: what was decided was decided about the job as it is.
        still_as_read = {
            "ConditionExpression": "#version = :before",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":before": encode(before.version)},
        }
        transaction.put("job", {**self._job(after), **still_as_read})
        transaction.put("event", self._event(after, event))
        if _takes_content(before, after):
            transaction.put("content claim", self._taken(after))
        elif _gives_content_back(after) and self.content_owner(after) == after.job_id:
            # It is still ours: a job that took it over with `force` keeps it.
            ours = {"ConditionExpression": "job_id = :job", "ExpressionAttributeValues": {":job": encode(after.job_id)}}
            transaction.delete("content claim", {"TableName": self._catalog_table, "Key": _claim_key(after), **ours})

    def content_owner(self, job: Job) -> str:
        """Return the id of the job that has this job's content, "" if none has."""
        return self.owner_of(job.tenant, job.template, job.template_version, job.sha256)

    def owner_of(self, tenant: str, template: str, version: int, sha256: str) -> str:
        """Return the id of the job that imported this content under this template version, "" if none did."""
        key = _key_of_claim(tenant, template, version, sha256)
        with aws_errors("read who imported a content"):
            found = self._client.get_item(TableName=self._catalog_table, Key=key, ConsistentRead=True)
        return found["Item"]["job_id"]["S"] if "Item" in found else ""

    def _meaning(self, refused: Refused, after: Job) -> StaleItem | AlreadyExists:
        """Say which it was: somebody changed the job, or somebody else has its content."""
        owner = "" if "job" in refused.names or _gives_content_back(after) else self.content_owner(after)
        if owner in ("", after.job_id):
            return StaleItem(f"job {after.job_id}, or the claim on its content, changed since it was read")
        return AlreadyExists(f"the same file was imported as job {owner}")

    def _job(self, job: Job) -> Item:
        keys = {"pk": job_pk(job.tenant, job.job_id), "sk": JOB, **index_keys(job, self._upload_link_seconds)}
        return {"TableName": self._jobs_table, "Item": {**encode_fields(job), **_texts(keys)}}

    def _event(self, job: Job, event: JobEvent) -> Item:
        keys = {"pk": job_pk(job.tenant, job.job_id), "sk": event_sk(event.version)}
        return {"TableName": self._jobs_table, "Item": {**encode_fields(event), **_texts(keys)}}

    def _taken(self, job: Job) -> dict[str, Any]:
        claim = {"TableName": self._catalog_table, "Item": {**_claim_key(job), "job_id": encode(job.job_id)}}
        if job.force:
            return claim
        # Nobody has this content, or we do: a second try of our own is no other import.
        free_or_ours = {
            "ConditionExpression": "attribute_not_exists(pk) OR job_id = :job",
            "ExpressionAttributeValues": {":job": encode(job.job_id)},
        }
        return {**claim, **free_or_ours}


def _takes_content(before: Job, after: Job) -> bool:
    """Whether the change makes a job accepted that was not; a retried one gave its claim back when it failed."""
    was_not = before.status == JobStatus.VALIDATING or before.status in RELEASES_CONTENT
    return was_not and after.status in ACCEPTED and after.sha256 != ""


def _gives_content_back(after: Job) -> bool:
    return after.status in RELEASES_CONTENT and after.sha256 != ""


def _claim_key(job: Job) -> Item:
    return _key_of_claim(job.tenant, job.template, job.template_version, job.sha256)


def _key_of_claim(tenant: str, template: str, version: int, sha256: str) -> Item:
    return _texts({"pk": f"{tenant}#content#{template}#{version}#{sha256}", "sk": CLAIM})


def _texts(keys: dict[str, str]) -> Item:
    return {name: encode(text) for name, text in keys.items()}

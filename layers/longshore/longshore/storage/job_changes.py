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

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from longshore.domain.job import Job, JobEvent
from longshore.domain.status import RELEASES_CONTENT, JobStatus
from longshore.errors import AlreadyExists, StaleItem
from longshore.storage.job_keys import JOB, event_sk, index_keys, job_pk
from longshore.storage.models import ContentClaim, EventItem, JobItem
from longshore.storage.transaction import Refused, Transaction
from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACCEPTED = frozenset({JobStatus.VALIDATED, JobStatus.SCHEDULED, JobStatus.QUEUED})
CLAIM = "claim"


class JobChanges:
    """Builds and commits changes of jobs; the models' tables are bound already."""

    def __init__(self, client: "DynamoDBClient", upload_link_seconds: int) -> None:
        self._client = client
        self._upload_link_seconds = upload_link_seconds

    def create(self, job: Job, event: JobEvent) -> None:
        """Write a new job and its first event; raise AlreadyExists where the id is taken."""
        # The id names an object version or an idempotency key: whoever comes second must find the first one's job.
        id_is_free = JobItem.pk.does_not_exist()
        transaction = Transaction(self._client, f"create job {job.job_id}")
        transaction.put("job", self._job(job).get_save_kwargs_from_instance(condition=id_is_free))
        transaction.put("event", _event(job, event))
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
            raise _meaning(refused, after) from None

    def add(self, transaction: Transaction, before: Job, after: Job, event: JobEvent) -> None:
        """Add the writes "job", "event" and, where the change touches it, "content claim" to a transaction."""
        # Nobody changed the job since we read it: what was decided was decided about the job as it is.
        still_as_read = JobItem.version == before.version
        transaction.put("job", self._job(after).get_save_kwargs_from_instance(condition=still_as_read))
        transaction.put("event", _event(after, event))
        if _takes_content(before, after):
            transaction.put("content claim", _taken(after))
        elif _gives_content_back(after) and content_owner(after) == after.job_id:
            # It is still ours: a job that took it over with `force` keeps it.
            ours = ContentClaim.job_id == after.job_id
            transaction.delete("content claim", _claim(after).get_delete_kwargs_from_instance(condition=ours))

    def _job(self, job: Job) -> JobItem:
        keys = index_keys(job, self._upload_link_seconds)
        return JobItem.of(job, pk=job_pk(job.tenant, job.job_id), sk=JOB, **keys)


def _meaning(refused: Refused, after: Job) -> StaleItem | AlreadyExists:
    """Say which it was: somebody changed the job, or somebody else has its content."""
    owner = "" if "job" in refused.names or _gives_content_back(after) else content_owner(after)
    if owner in ("", after.job_id):
        return StaleItem(f"job {after.job_id}, or the claim on its content, changed since it was read")
    return AlreadyExists(f"the same file was imported as job {owner}")


def content_owner(job: Job) -> str:
    """Return the id of the job that has this job's content, "" if none has."""
    return owner_of(job.tenant, job.template, job.template_version, job.sha256)


def owner_of(tenant: str, template: str, version: int, sha256: str) -> str:
    """Return the id of the job that imported this content under this template version, "" if none did."""
    with aws_errors("read who imported a content"):
        try:
            return ContentClaim.get(_claim_pk(tenant, template, version, sha256), CLAIM, consistent_read=True).job_id
        except ContentClaim.DoesNotExist:
            return ""


def _takes_content(before: Job, after: Job) -> bool:
    """Whether the change makes a job accepted that was not; a retried one gave its claim back when it failed."""
    was_not = before.status == JobStatus.VALIDATING or before.status in RELEASES_CONTENT
    return was_not and after.status in ACCEPTED and after.sha256 != ""


def _gives_content_back(after: Job) -> bool:
    return after.status in RELEASES_CONTENT and after.sha256 != ""


def _taken(job: Job) -> dict[str, Any]:
    # Nobody has this content, or we do: a second try of our own is no other import.
    free_or_ours = ContentClaim.pk.does_not_exist() | (ContentClaim.job_id == job.job_id)
    return _claim(job).get_save_kwargs_from_instance(condition=None if job.force else free_or_ours)


def _claim(job: Job) -> ContentClaim:
    pk = _claim_pk(job.tenant, job.template, job.template_version, job.sha256)
    return ContentClaim(pk=pk, sk=CLAIM, job_id=job.job_id)


def _claim_pk(tenant: str, template: str, version: int, sha256: str) -> str:
    return f"{tenant}#content#{template}#{version}#{sha256}"


def _event(job: Job, event: JobEvent) -> Mapping[str, Any]:
    item = EventItem.of(event, pk=job_pk(job.tenant, job.job_id), sk=event_sk(event.version))
    return item.get_save_kwargs_from_instance()

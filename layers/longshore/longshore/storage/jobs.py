"""Jobs in DynamoDB: one item collection per job, three sparse indexes to find jobs by."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from longshore.domain.job import Job, JobEvent, Part
from longshore.domain.status import JobStatus
from longshore.errors import JobNotFound
from longshore.storage.batch_calls import READ_LIMIT, get_items, put_items
from longshore.storage.items import decode, encode, encode_fields
from longshore.storage.job_changes import JobChanges
from longshore.storage.job_keys import JOB, job_pk, part_sk
from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from longshore.steps.ports import Page
    from longshore.storage.job_searches import JobSearches


class JobStore:
    """ports.Jobs. Reads of one job are consistent; what an index finds may be a moment old, and a change checks it."""

    def __init__(self, client: "DynamoDBClient", jobs_table: str, catalog_table: str, upload_link_seconds: int) -> None:
        self._client = client
        self._jobs_table = jobs_table
        self._changes = JobChanges(client, jobs_table, catalog_table, upload_link_seconds)

    @cached_property
    def _searches(self) -> "JobSearches":
        """Imported at the first query: ValidateUpload makes none, and PynamoDB and its client cost 0.1 s of a start."""
        from longshore.storage.job_searches import JobSearches

        return JobSearches(self._jobs_table)

    def create(self, job: Job, event: JobEvent) -> None:
        """Write a new job and its first event; raise AlreadyExists where the id is taken."""
        self._changes.create(job, event)

    def get(self, tenant: str, job_id: str) -> Job:
        """Read a job consistently; raise JobNotFound."""
        key = {"pk": encode(job_pk(tenant, job_id)), "sk": encode(JOB)}
        with aws_errors(f"read job {job_id}"):
            found = self._client.get_item(TableName=self._jobs_table, Key=key, ConsistentRead=True)
        if "Item" not in found:
            raise JobNotFound(f"there is no job {job_id}")
        return decode(Job, found["Item"])

    def change(self, before: Job, after: Job, event: JobEvent) -> None:
        """Write `after` and its event if the job is still as `before`; raise StaleItem or AlreadyExists."""
        self._changes.change(before, after, event)

    def events(self, tenant: str, job_id: str) -> list[JobEvent]:
        """Return the history, oldest first."""
        return self._searches.events(tenant, job_id)

    def page(self, tenant: str, limit: int, cursor: str, status: JobStatus | None) -> "Page":
        """Return some jobs of a tenant, newest first; raise InvalidRequest for a cursor that is not ours."""
        return self._searches.page(tenant, limit, cursor, status)

    def queued(self, tenant: str, limit: int) -> list[Job]:
        """Return jobs waiting for their turn: by priority, then age."""
        jobs = self._read(self._searches.queue(tenant, limit))
        return [job for job in jobs if job.status is JobStatus.QUEUED]

    def tenants_waiting(self) -> list[str]:
        """Return the tenants that have a queued job."""
        return self._searches.tenants_waiting()

    def due(self, at: datetime, limit: int) -> list[Job]:
        """Return jobs that Sweep should look at by now, those waiting longest first; of more than `limit`, some."""
        return self._read(self._searches.due(at, limit))

    def content_owner(self, tenant: str, template: str, version: int, sha256: str) -> str:
        """Return the id of the job that imported this content, "" if none did."""
        return self._changes.owner_of(tenant, template, version, sha256)

    def put_parts(self, job: Job, attempt: str, parts: Iterable[Part]) -> None:
        """Write the parts of a validation attempt; they count once the job names the attempt."""
        pk = encode(job_pk(job.tenant, job.job_id))
        written = [{"pk": pk, "sk": encode(part_sk(attempt, part.number)), **encode_fields(part)} for part in parts]
        put_items(self._client, self._jobs_table, written, f"write the parts of job {job.job_id}")

    def parts(self, job: Job) -> list[Part]:
        """Return the parts of the job's attempt, in order."""
        return self._searches.parts(job)

    def _read(self, pks: Sequence[str]) -> list[Job]:
        """Read jobs consistently, in the order of their partition keys; those that are not there are left out."""
        jobs: dict[str, Job] = {}
        for start in range(0, len(pks), READ_LIMIT):
            keys = [{"pk": encode(pk), "sk": encode(JOB)} for pk in pks[start : start + READ_LIMIT]]
            for item in get_items(self._client, {self._jobs_table: keys}, "read jobs")[self._jobs_table]:
                jobs[item["pk"]["S"]] = decode(Job, item)
        return [jobs[pk] for pk in pks if pk in jobs]

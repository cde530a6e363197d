"""Jobs in DynamoDB: one item collection per job, three sparse indexes to find jobs by."""

import base64
import binascii
import random
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from longshore.domain.job import Job, JobEvent, Part
from longshore.domain.status import JobStatus
from longshore.errors import InvalidRequest, JobNotFound
from longshore.steps.ports import Page
from longshore.storage import models
from longshore.storage.batch_calls import READ_LIMIT, get_items, put_items
from longshore.storage.items import decode, time_text
from longshore.storage.job_changes import JobChanges, owner_of
from longshore.storage.job_keys import JOB, job_pk, listed_at, part_sk, watch_shards
from longshore.storage.models import EventItem, JobItem, PartItem
from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PLACE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00#(\w+)")
"""What a cursor holds: the `listed_at` of the last job of a page, and in it the job's id."""


class JobStore:
    """ports.Jobs. Reads of one job are consistent; what an index finds may be a moment old, and a change checks it."""

    def __init__(self, client: "DynamoDBClient", jobs_table: str, catalog_table: str, upload_link_seconds: int) -> None:
        models.bind(models.JOBS, jobs_table)
        models.bind(models.CATALOG, catalog_table)
        self._client = client
        self._jobs_table = jobs_table
        self._changes = JobChanges(client, upload_link_seconds)

    def create(self, job: Job, event: JobEvent) -> None:
        """Write a new job and its first event; raise AlreadyExists where the id is taken."""
        self._changes.create(job, event)

    def get(self, tenant: str, job_id: str) -> Job:
        """Read a job consistently; raise JobNotFound."""
        with aws_errors(f"read job {job_id}"):
            try:
                return JobItem.get(job_pk(tenant, job_id), JOB, consistent_read=True).value(Job)
            except JobItem.DoesNotExist:
                raise JobNotFound(f"there is no job {job_id}") from None

    def change(self, before: Job, after: Job, event: JobEvent) -> None:
        """Write `after` and its event if the job is still as `before`; raise StaleItem or AlreadyExists."""
        self._changes.change(before, after, event)

    def events(self, tenant: str, job_id: str) -> list[JobEvent]:
        """Return the history, oldest first."""
        with aws_errors(f"read the events of job {job_id}"):
            found = EventItem.query(job_pk(tenant, job_id), EventItem.sk.startswith("event#"), consistent_read=True)
            return [item.value(JobEvent) for item in found]

    def page(self, tenant: str, limit: int, cursor: str, status: JobStatus | None) -> Page:
        """Return some jobs of a tenant, newest first; raise InvalidRequest for a cursor that is not ours."""
        after = _start_key(tenant, cursor) if cursor else None
        wanted = None if status is None else JobItem.status == status.value
        with aws_errors("list jobs"):
            found = JobItem.by_tenant.query(
                tenant, filter_condition=wanted, scan_index_forward=False, last_evaluated_key=after
            )
            jobs = [item.value(Job) for item in islice(found, limit + 1)]
        more = len(jobs) > limit
        return Page(jobs[:limit], _cursor(jobs[limit - 1]) if more else "")

    def queued(self, tenant: str, limit: int) -> list[Job]:
        """Return jobs waiting for their turn: by priority, then age."""
        with aws_errors("read the queue"):
            places = list(JobItem.queue.query(tenant, limit=limit))
        return [job for job in self._read(places) if job.status is JobStatus.QUEUED]

    def tenants_waiting(self) -> list[str]:
        """Return the tenants that have a queued job.

        Scans the queue index, which holds the keys of queued jobs and nothing else: all of it is the answer.
        """
        with aws_errors("find waiting tenants"):
            places = JobItem.queue.scan(attributes_to_get=["queue_tenant"])
            return sorted({place.queue_tenant for place in places if place.queue_tenant})

    def due(self, at: datetime, limit: int) -> list[Job]:
        """Return jobs that Sweep should look at by now, those waiting longest first.

        Of more than `limit` a random choice: a job that is looked at and left as it is stays due, and would hide the
        others behind it for ever.
        """
        by_now = JobItem.watch_at <= time_text(at)
        with aws_errors("find jobs to look at"):
            found = [place for shard in watch_shards() for place in JobItem.watch.query(shard, by_now)]
        chosen = random.sample(found, min(limit, len(found)))
        return self._read(sorted(chosen, key=lambda place: place.watch_at or ""))

    def _read(self, places: Sequence[JobItem]) -> list[Job]:
        """Read jobs consistently in the order in which an index, a moment old perhaps, named them."""
        jobs: dict[str, Job] = {}
        for start in range(0, len(places), READ_LIMIT):
            keys = [{"pk": {"S": place.pk}, "sk": {"S": JOB}} for place in places[start : start + READ_LIMIT]]
            for item in get_items(self._client, {self._jobs_table: keys}, "read jobs")[self._jobs_table]:
                jobs[item["pk"]["S"]] = decode(Job, item)
        return [jobs[place.pk] for place in places if place.pk in jobs]

    def content_owner(self, tenant: str, template: str, version: int, sha256: str) -> str:
        """Return the id of the job that imported this content, "" if none did."""
        return owner_of(tenant, template, version, sha256)

    def put_parts(self, job: Job, attempt: str, parts: Iterable[Part]) -> None:
        """Write the parts of a validation attempt; they count once the job names the attempt."""
        pk = job_pk(job.tenant, job.job_id)
        written = [PartItem.of(part, pk=pk, sk=part_sk(attempt, part.number)).raw() for part in parts]
        put_items(self._client, self._jobs_table, written, f"write the parts of job {job.job_id}")

    def parts(self, job: Job) -> list[Part]:
        """Return the parts of the job's attempt, in order."""
        if not job.attempt:
            return []
        of_attempt = PartItem.sk.startswith(f"part#{job.attempt}#")
        with aws_errors(f"read the parts of job {job.job_id}"):
            found = PartItem.query(job_pk(job.tenant, job.job_id), of_attempt, consistent_read=True)
            return [item.value(Part) for item in found]


def _cursor(job: Job) -> str:
    return base64.urlsafe_b64encode(listed_at(job).encode()).decode().rstrip("=")


def _start_key(tenant: str, cursor: str) -> dict[str, dict[str, str]]:
    """Return where the index goes on; the caller's tenant is put in here, so that no cursor leads to another's jobs."""
    try:
        place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        place = ""
    if (match := PLACE.fullmatch(place)) is None:
        raise InvalidRequest("the cursor is not one that this list gave; leave it out to start from the newest job")
    keys = {"pk": job_pk(tenant, match[1]), "sk": JOB, "list_tenant": tenant, "listed_at": place}
    return {name: {"S": value} for name, value in keys.items()}

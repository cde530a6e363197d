"""What is found of jobs by a query: their history, their parts, a tenant's list, the queue, and what Sweep looks at."""

import base64
import binascii
import random
import re
from datetime import datetime
from itertools import islice

from longshore.domain.job import Job, JobEvent, Part
from longshore.domain.status import JobStatus
from longshore.errors import InvalidRequest
from longshore.steps.ports import Page
from longshore.storage import models
from longshore.storage.items import time_text
from longshore.storage.job_keys import JOB, job_pk, listed_at, watch_shards
from longshore.storage.models import EventItem, JobItem, PartItem
from longshore.storage.translate import aws_errors

PLACE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00#(\w+)")
"""What a cursor holds: the `listed_at` of the last job of a page, and in it the job's id."""


class JobSearches:
    """The queries of jobs.JobStore. An index may be a moment old: `queue` and `due` give keys, not jobs."""

    def __init__(self, jobs_table: str) -> None:
        models.bind(models.JOBS, jobs_table)

    def events(self, tenant: str, job_id: str) -> list[JobEvent]:
        """Return the history, oldest first."""
        with aws_errors(f"read the events of job {job_id}"):
            found = EventItem.query(job_pk(tenant, job_id), EventItem.sk.startswith("event#"), consistent_read=True)
            return [item.value(JobEvent) for item in found]

    def parts(self, job: Job) -> list[Part]:
        """Return the parts of the job's attempt, in order."""
        if not job.attempt:
            return []
        of_attempt = PartItem.sk.startswith(f"part#{job.attempt}#")
        with aws_errors(f"read the parts of job {job.job_id}"):
            found = PartItem.query(job_pk(job.tenant, job.job_id), of_attempt, consistent_read=True)
            return [item.value(Part) for item in found]

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

    def queue(self, tenant: str, limit: int) -> list[str]:
        """Return the partition keys of jobs waiting for their turn: by priority, then age."""
        with aws_errors("read the queue"):
            return [place.pk for place in JobItem.queue.query(tenant, limit=limit)]

    def tenants_waiting(self) -> list[str]:
        """Return the tenants that have a queued job.

        Scans the queue index, which holds the keys of queued jobs and nothing else: all of it is the answer.
        """
        with aws_errors("find waiting tenants"):
            places = JobItem.queue.scan(attributes_to_get=["queue_tenant"])
            return sorted({place.queue_tenant for place in places if place.queue_tenant})

    def due(self, at: datetime, limit: int) -> list[str]:
        """Return the partition keys of jobs that Sweep should look at by now, those waiting longest first.

        Of more than `limit` a random choice: a job that is looked at and left as it is stays due, and would hide the
        others behind it for ever.
        """
        by_now = JobItem.watch_at <= time_text(at)
        with aws_errors("find jobs to look at"):
            found = [place for shard in watch_shards() for place in JobItem.watch.query(shard, by_now)]
        chosen = random.sample(found, min(limit, len(found)))
        return [place.pk for place in sorted(chosen, key=lambda place: place.watch_at or "")]


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

"""Waits for jobs, asking politely: more and more seldom, from five times a second to every two seconds."""

import time
from collections.abc import Callable, Sequence

from cli.client import Client
from cli.outcome import RESTING, Document
from cli.progress import Progress
from longshore.domain.status import FINAL

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.2, 2.0, 1.4


def settled(job: Document) -> bool:
    """Whether there is nothing to wait for any more."""
    return job["status"] in FINAL | RESTING


def wait_for(
    client: Client, job_ids: Sequence[str], progress: Progress, until: Callable[[Document], bool] = settled
) -> list[Document]:
    """Return the jobs as they are once `until` holds for each, showing progress meanwhile."""
    jobs = {job_id: client.job(job_id) for job_id in job_ids}
    pause = FIRST_PAUSE
    try:
        progress.show(list(jobs.values()))
        while waiting := [job_id for job_id, job in jobs.items() if not until(job)]:
            time.sleep(pause)
            pause = min(pause * GROWTH, LONGEST_PAUSE)
            jobs.update({job_id: client.job(job_id) for job_id in waiting})
            progress.show(list(jobs.values()))
    finally:
        progress.close()
    return list(jobs.values())

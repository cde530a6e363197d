"""FinishRun: adds the batches up, ends the job's run and gives all that it holds back; for success and Catch alike."""

from collections.abc import Sequence
from dataclasses import replace

from longshore.domain.counts import Counts, total
from longshore.domain.job import Batch, BatchStatus, Job, Reason, moved
from longshore.domain.records import same_row
from longshore.domain.status import RUNNING, JobStatus
from longshore.errors import ClaimsOutstanding, DataGone
from longshore.messages import Done, FinishRequest, RunEnded
from longshore.steps.load_batch import read_rows
from longshore.steps.ports import Jobs, Services

ACTOR = "system:finish_run"


def finish_run(request: FinishRequest, services: Services) -> Done:
    """End a run: status and totals of the job, its slot, workers and locks, in one transaction.

    Does nothing where the run has ended already, so it may be called any number of times. Raises ClaimsOutstanding
    while a worker of the run may still be writing, and StaleItem where the job changed meanwhile; both are retried.
    """
    job = services.jobs.get(request.tenant, request.job_id)
    if job.run != request.run or job.status not in RUNNING:
        return Done()
    # In this order: a claim that is not among these batches was made by a worker that will find the run closing.
    services.runs.close(job)
    batches = services.batches.all(job)
    _wait_for_claims(job, batches, services)
    batches = [_settled(job, batch, services) for batch in batches]
    counts = total([_validated(services.jobs, job), *(batch.standing for batch in batches)])
    status, reason = _ending(job, batches, counts, request)
    now = services.clock()
    after, event = moved(job, status, now, ACTOR, counts=counts, reason=reason, ended_at=now, workers=0)
    services.runs.finish(job, after, event)
    services.bus.publish(RunEnded(tenant=job.tenant, job_id=job.job_id, run=job.run, status=status))
    return Done()


def _validated(jobs: Jobs, job: Job) -> Counts:
    """Return what validation took out of the batches: the rows it rejected."""
    rejected = sum(part.counts.rejected for part in jobs.parts(job))
    return Counts(rows=rejected, rejected=rejected)


def _wait_for_claims(job: Job, batches: Sequence[Batch], services: Services) -> None:
    """Raise ClaimsOutstanding where a worker of the run may still write: this is what fences an INSERT."""
    now = int(services.clock().timestamp() * 1000)
    held = [batch.deadline for batch in batches if batch.deadline and batch.status is not BatchStatus.COMPLETED]
    until = max(held, default=0) + 1000 * services.settings.late_call_grace
    if held and until > now:
        raise ClaimsOutstanding(f"run {job.execution_name}", until)


def _settled(job: Job, batch: Batch, services: Services) -> Batch:
    """Count the rows that an unfinished batch did load, so that no loaded row is reported as unprocessed."""
    if batch.status is BatchStatus.COMPLETED or batch.generation == 0:
        return batch
    try:
        rows = read_rows(job, batch, services.files)
    except DataGone:
        # Expired, or removed by somebody: the batch cannot be loaded any more, and what was loaded of it not be told.
        return batch
    records = services.records.read([row.key for row in rows])
    mine = [
        record
        for row in rows
        if (record := records.get(row.key)) and same_row(record.rev, job.job_id, batch.part, row.number)
    ]
    created = sum(record.created_at == record.updated_at for record in mine)
    counts = Counts(batch.rows, created, len(mine) - created, unprocessed=batch.rows - len(mine))
    settled = replace(batch, counts=counts)
    if settled != batch:
        services.batches.settle(job, settled)
    return settled


def _ending(
    job: Job, batches: Sequence[Batch], counts: Counts, request: FinishRequest
) -> tuple[JobStatus, Reason | None]:
    unfinished = [batch for batch in batches if not batch.done]
    if not unfinished:
        clean = counts.loaded + counts.unchanged == counts.rows
        return (JobStatus.COMPLETED if clean else JobStatus.COMPLETED_WITH_ERRORS), None
    if job.status is JobStatus.PAUSING:
        return JobStatus.PAUSED, None
    if job.status is JobStatus.CANCELLING:
        left = counts.unprocessed
        return JobStatus.CANCELLED, Reason("CANCELLED", f"cancelled while loading; {left} rows were left unprocessed")
    reason = _why_unfinished(unfinished, request)
    some = counts.loaded + counts.unchanged > 0
    return (JobStatus.COMPLETED_WITH_ERRORS if some else JobStatus.FAILED), reason


def _why_unfinished(unfinished: Sequence[Batch], request: FinishRequest) -> Reason:
    failed = [batch for batch in unfinished if batch.status is BatchStatus.FAILED]
    detail: dict[str, object] = {"failed_batches": len(failed), "open_batches": len(unfinished) - len(failed)}
    if failed:
        detail["first_error"] = failed[0].error[:500]
        message = f"{len(failed)} batches failed, the first with: {failed[0].error[:200]}"
        return Reason("BATCHES_FAILED", message, detail)
    if request.error:
        detail["error"] = request.error.get("Error", "")
        return Reason("RUN_FAILED", f"the run stopped with {detail['error']}", detail)
    return Reason("RUN_INCOMPLETE", f"the run ended with {len(unfinished)} batches untouched", detail)

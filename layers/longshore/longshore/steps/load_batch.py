"""LoadBatch: loads one batch of rows with exactly-once effect (design section 7)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from longshore.domain.counts import Counts
from longshore.domain.decide import Row, Stamp
from longshore.domain.job import Batch, BatchStatus, Job, Mode
from longshore.domain.locks import Lease
from longshore.domain.records import KEY_SEPARATOR, record_key
from longshore.domain.rows.mask import masked_key
from longshore.domain.rows.row_columns import RowColumns
from longshore.domain.status import JobStatus
from longshore.messages import BatchTask, Done
from longshore.steps.loading import Loading, Result
from longshore.steps.ports import Files, Services
from longshore.steps.refused_rows import refused_rows


def load_batch(task: BatchTask, services: Services) -> Done:
    """Claim the batch, load its rows and complete it; do nothing where the run may not go on.

    Delivered twice, late, or after its run ended, it changes nothing. Raises ClaimHeld while another attempt holds the
    batch, ServiceUnavailable where AWS did not let it finish before its deadline.
    """
    status, job, lease = services.leases.status_and_lease(task)
    if status is not JobStatus.PROCESSING or job.run != task.run:
        return Done()
    now = _milliseconds(services)
    lease = _renewed(lease, services, now)
    if lease is None:
        return Done()
    claimed = services.batches.claim(task, now, now + 1000 * services.settings.batch_timeout)
    if claimed is None:
        return Done()
    if not _still_ours(task, services):
        # The run was ended between our look and our claim, and does not wait for a claim that it did not see.
        services.batches.release(task, claimed)
        return Done()
    result = _load(task, job, claimed, lease, services)
    if result.conflicts and not _still_ours(task, services):
        return Done()
    _complete(task, job, claimed, result, services)
    return Done()


def _milliseconds(services: Services) -> int:
    return int(services.clock().timestamp() * 1000)


def _renewed(lease: Lease | None, services: Services, now: int) -> Lease | None:
    """Return the lease, prolonged when less than half of it is left, so that every claim ends within it."""
    if lease is None or not lease.live(now):
        return None
    length = 1000 * services.settings.run_lease
    if lease.expires_at - now > length // 2:
        return lease
    return services.leases.renew(lease, now + length)


def _load(task: BatchTask, job: Job, claimed: Batch, lease: Lease, services: Services) -> Result:
    loading: Loading | None = None
    try:
        document = services.files.member(claimed.rows_at)
        assert isinstance(document, dict)
        loading = _loading(task, job, claimed, document, lease, services)
        return loading.load(rows_of(document, job))
    except Exception:
        # After a write was sent, a late call may still arrive: only the deadline ends such a claim.
        if loading is None or not loading.wrote:
            services.batches.release(task, claimed)
        raise


def _loading(
    task: BatchTask, job: Job, claimed: Batch, document: dict[str, Any], lease: Lease, services: Services
) -> Loading:
    token = lease.tokens[document.get("record_type", job.record_type)]
    return Loading(
        records=services.records,
        files=services.files,
        mode=Mode(document.get("mode") or job.mode or Mode.UPSERT),
        stamp=Stamp(job.job_id, task.part, claimed.generation, token, services.clock()),
        until=claimed.deadline,
        clock=services.clock,
        sleep=services.sleep,
        journal_key=f"journal/{task.tenant}/{task.job_id}/{task.part}/{task.batch}.{claimed.generation}",
    )


def read_rows(job: Job, batch: Batch, files: Files) -> list[Row]:
    """Read the rows of a batch: one ranged GET of the member that ValidateUpload wrote."""
    document = files.member(batch.rows_at)
    assert isinstance(document, dict)
    return rows_of(document, job)


def rows_of(document: dict[str, Any], job: Job) -> list[Row]:
    """Return the rows of a batch's document; one from before an upgrade does not name its record type."""
    names: Sequence[str] = document["fields"]
    places = [names.index(name) for name in document["key"]]
    record_type = document.get("record_type", job.record_type)
    found = [
        Row(
            index=index,
            number=number,
            line=line,
            key=record_key(job.tenant, record_type, [values[place] for place in places]),
            data=dict(zip(names, values, strict=True)),
        )
        for index, (number, line, *values) in enumerate(RowColumns.of(document))
    ]
    if sensitive := document.get("masked"):
        return [replace(row, shown_key=_shown_key(row.key, document["key"], sensitive)) for row in found]
    return found


def _shown_key(key: str, fields: Sequence[str], sensitive: Sequence[str]) -> str:
    return masked_key(key.split(KEY_SEPARATOR, 2)[2], fields, sensitive)


def _still_ours(task: BatchTask, services: Services) -> bool:
    """Whether the run goes on: it may be ended, or its lease lost, at any moment since we looked."""
    _, _, lease = services.leases.status_and_lease(task)
    return lease is not None and lease.live(_milliseconds(services))


def _complete(task: BatchTask, job: Job, claimed: Batch, result: Result, services: Services) -> None:
    refused = [*result.existing, *result.conflicts]
    rejects = None
    if refused:
        key = f"rejects/{task.tenant}/{task.job_id}/{task.attempt}/part-{task.part:02d}/batch-{task.batch:06d}"
        errors = refused_rows(result, task, job, claimed, services)
        rejects = services.files.put_once(f"{key}.{claimed.generation}", errors)
    counts = Counts(
        rows=claimed.rows,
        created=result.created,
        updated=result.updated,
        unchanged=result.unchanged,
        rejected=len(refused),
    )
    services.batches.complete(task, replace(claimed, status=BatchStatus.COMPLETED, counts=counts, rejects=rejects))

"""Jobs that will not go on by themselves, one of each kind that Sweep knows, each after the time it takes to notice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from batch_cases import ITEM
from fault_kinds import Throttle
from still_aws import StillAws, Upload
from tenants import Tenant, as_csv, object_created

ROWS = [{"id": str(i), "name": "n", "amount": i} for i in range(7)]
KINDS = ("missing", "closed", "stalled", "queued", "unread")
LATE = {"missing": 100, "closed": 200, "queued": 300, "stalled": 1000, "unread": 1100}
"""Seconds by which each kind has waited; far enough apart for Sweep to meet them in the same order every time."""


@dataclass(frozen=True)
class Stuck:
    """A tenant whose job of each kind is stuck."""

    tenant: Tenant
    jobs: dict[str, Upload]


def stuck(still: StillAws, new_tenant: Callable[..., Tenant]) -> Stuck:
    """Have a tenant with one job of each kind, all of them late."""
    tenant = new_tenant(*(ITEM | {"name": kind, "record_type": kind} for kind in KINDS))
    jobs = {"missing": without_execution(still, tenant)}
    for kind in ("closed", "stalled"):
        jobs[kind] = still.dispatched(tenant, kind, ROWS)
    stop_execution(still, jobs["closed"])
    jobs["unread"] = validation_dead(still, tenant)
    jobs["queued"] = still.queued(tenant, "queued", ROWS)
    for kind, upload in jobs.items():
        still.pass_time(upload, LATE[kind])
    return Stuck(tenant, jobs)


def without_execution(still: StillAws, tenant: Tenant) -> Upload:
    """A run that was granted, and whose execution was never started."""
    upload = still.queued(tenant, "missing", ROWS)
    refused = Throttle(1, "AccessDeniedException", on="StartExecution")
    dispatched = still.invoke("DispatchJobsFunction", {"detail": {"tenant": tenant.name}}, refused)
    assert dispatched.error == "UnexpectedFailure"
    assert still.status(upload) == "PROCESSING"
    return upload


def stop_execution(still: StillAws, upload: Upload) -> None:
    """End the execution of the job's first run, without FinishRun."""
    arn = still.execution_arn(f"{upload.job_id}-1")
    still.aws.client("stepfunctions").stop_execution(executionArn=arn)


def validation_dead(still: StillAws, tenant: Tenant) -> Upload:
    """A file whose validation ended in the middle, with all retries that Lambda makes."""
    upload = still.upload(tenant, "unread", ROWS)
    refused = Throttle(1, "AccessDenied", on="PUT")
    assert still.invoke("ValidateUploadFunction", upload.event, refused).error == "UnexpectedFailure"
    assert still.status(upload) == "VALIDATING"
    return upload


def unheard(still: StillAws, tenant: Tenant) -> Upload:
    """A job made through the API, whose file has come and whose event was lost."""
    created = tenant.create("item", force=True)
    assert tenant.upload(created, as_csv(ROWS)).ok
    return Upload(tenant.name, created["job_id"], {})


def scheduled(still: StillAws, tenant: Tenant) -> Upload:
    """A job made through the API that starts in an hour."""
    at = datetime.now(UTC) + timedelta(hours=1)
    created = tenant.create("item", force=True, start_at=at.isoformat())
    assert tenant.upload(created, as_csv(ROWS)).ok
    upload = Upload(tenant.name, created["job_id"], uploaded_event(still, created["upload"]["fields"]["key"]))
    assert still.invoke("ValidateUploadFunction", upload.event).error == ""
    assert still.status(upload) == "SCHEDULED"
    return upload


def uploaded_event(still: StillAws, key: str) -> dict[str, Any]:
    """The event of an object that is there."""
    bucket = still.aws.outputs["UploadsBucket"]
    [version] = still.aws.client("s3").list_object_versions(Bucket=bucket, Prefix=key)["Versions"]
    return object_created(still.aws, key, version["VersionId"], version["Size"])


def laid_to_rest(still: StillAws, jobs: dict[str, Upload]) -> None:
    """Start what is queued and let nobody look at any of these jobs again."""
    tenant = next(iter(jobs.values())).tenant
    assert still.invoke("DispatchJobsFunction", {"detail": {"tenant": tenant}}).error == ""
    for upload in jobs.values():
        still.pass_time(upload, -1_000_000)

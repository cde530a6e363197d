"""A job that failed before its file was read to the end is read again when somebody asks for a retry."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from longshore.bootstrap import AwsServices
from longshore.domain.job import Job, Source, moved
from longshore.domain.status import JobStatus
from longshore.errors import TransitionRefused
from longshore.settings import Settings
from longshore.steps.api_commands import retry_import
from longshore.steps.caller import Caller, Role
from longshore.steps.sweep import ATTEMPTS, sweep
from tests.storage.conftest import SteppingClock, Stores
from tests.storage.job_tables import empty_tables
from tests.storage.jobs_made import a_job, first_event

JOB_ID = "j" + "7" * 24


@dataclass
class Waiting:
    """A tenant with one job whose file is to be read; `asked` counts how often ValidateUpload was asked."""

    services: AwsServices
    caller: Caller
    clock: SteppingClock
    asked: list[str] = field(default_factory=list)

    def again(self, job: Job) -> None:
        """Take the place of Lambda, as ports.Validations."""
        if job.tenant == self.caller.tenant:
            self.asked.append(job.job_id)

    def arrived(self, source: Source) -> None:
        """Take the place of Lambda."""

    @property
    def job(self) -> Job:
        """The job as it is stored."""
        return self.services.jobs.get(self.caller.tenant, JOB_ID)

    def dies(self) -> None:
        """Begin an attempt that is never heard of again, and let a sweep look at it when its time is over."""
        self.clock.pass_seconds(1)
        until = int((self.clock() + timedelta(minutes=5)).timestamp() * 1000)
        job = self.job
        self.services.jobs.change(job, *moved(job, JobStatus.VALIDATING, self.clock(), "x", claimed_until=until))
        self.clock.pass_seconds(400)
        sweep(self.services)

    def retry(self) -> None:
        """Ask for a retry."""
        retry_import(self.services, self.caller, JOB_ID)


@pytest.fixture
def waiting(stores: Stores, tenant: str, clock: SteppingClock) -> Waiting:
    empty_tables(stores)  # Sweep would look at what other tests left, too, and not get to this job
    names = {"jobs_table": stores.jobs, "locks_table": stores.locks, "catalog_table": stores.catalog}
    buckets = {"uploads_bucket": stores.uploads, "data_bucket": stores.data}
    services = AwsServices(
        Settings(records_table=stores.records, bus_name="default", run_import_arn="none", **names, **buckets)
    )
    services.clock = clock
    made = Waiting(services, Caller(tenant, "anna", Role.IMPORTER), clock)
    services.validations = made
    job = a_job(tenant, JOB_ID, created_at=clock(), updated_at=clock(), attempt="", sha256="", reason=None)
    services.jobs.create(job, first_event(job))
    return made


def test_after_its_attempts_died_a_retry_gives_it_as_many_again(waiting):
    for _ in range(ATTEMPTS - 1):
        waiting.dies()
    assert (waiting.job.status, waiting.job.reason.code) == (JobStatus.FAILED, "VALIDATION_DIED")
    waiting.asked.clear()
    waiting.retry()
    waiting.retry()
    assert (waiting.job.status, waiting.job.reason, waiting.job.ended_at) == (JobStatus.VALIDATING, None, None)
    assert waiting.asked == [JOB_ID], "asked again while it is read, it is the same retry"
    for number in range(1, ATTEMPTS):
        waiting.dies()
        assert (waiting.job.status, len(waiting.asked)) == (JobStatus.VALIDATING, number + 1)
    waiting.dies()
    assert waiting.job.status is JobStatus.FAILED


def test_a_request_that_died_before_it_asked_is_made_good_by_sweep(waiting, monkeypatch):
    for _ in range(ATTEMPTS - 1):
        waiting.dies()
    waiting.asked.clear()
    with monkeypatch.context() as dying:
        dying.setattr(waiting, "again", lambda job: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            waiting.retry()
    waiting.clock.pass_seconds(1)
    sweep(waiting.services)
    assert (waiting.job.status, waiting.asked) == (JobStatus.VALIDATING, [JOB_ID])


def test_a_job_without_a_file_has_nothing_to_read(waiting):
    failed = {"claimed_until": 0, "source": None}
    waiting.services.jobs.change(waiting.job, *moved(waiting.job, JobStatus.FAILED, waiting.clock(), "x", **failed))
    with pytest.raises(TransitionRefused, match="no file of job"):
        waiting.retry()

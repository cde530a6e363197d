"""What is true of all jobs of a tenant after every step, whatever the step was and wherever it died."""

from collections import defaultdict
from dataclasses import dataclass, field

from longshore.domain.job import Job
from longshore.domain.locks import lease_key, lock_key, slot_key
from longshore.domain.status import RELEASES_CONTENT, RUNNING, TRANSITIONS, JobStatus
from longshore.settings import Settings
from longshore.steps.api_view import job_document
from longshore.storage.job_changes import ACCEPTED
from tests.storage.job_tables import Tables

BUCKETS = ("loaded", "unchanged", "rejected", "held", "unprocessed")


@dataclass
class Promises:
    """Compares the tables with what they were; `rows` are the rows of the files by their SHA-256; `tokens` are those
    granted so far by record type and lease.

    `retried`: a job may have been retried, and with it rows whose records another job has changed since.
    """

    tenant: str
    settings: Settings
    rows: dict[str, int]
    retried: bool = False
    tokens: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    owners: dict[str, str] = field(default_factory=dict)

    def check(self, before: Tables, now: Tables, ms: int) -> None:
        """Raise AssertionError where a promise is broken; `ms` is the time."""
        for job in now.jobs.values():
            self._every_row_is_in_one_bucket(job, now)
            self._each_version_has_its_event(job, before, now)
        self._nobody_holds_too_much(now)
        self._only_running_jobs_hold(now, ms)
        self._tokens_grow(now)
        self._contents_have_one_owner(before, now)
        self._records_are_accounted_for(now)

    def _every_row_is_in_one_bucket(self, job: Job, now: Tables) -> None:
        """As the item says and as the API says, in whole and by part."""
        shown = job_document(job, now.parts[job.job_id], now.batches[job.job_id] if job.run else [], {})
        for counts in (job.counts.as_dict(), shown["counts"], *(part["counts"] for part in shown["parts"])):
            assert sum(counts[bucket] for bucket in BUCKETS) == counts["rows"], (job, counts)
            assert min(counts.values()) >= 0
        for counts in (job.counts.as_dict(), shown["counts"]):
            assert counts["rows"] == (self.rows[job.sha256] if job.attempt else 0)
        if job.status not in RUNNING:
            assert shown["counts"] == job.counts.as_dict()

    def _each_version_has_its_event(self, job: Job, before: Tables, now: Tables) -> None:
        history, known = now.history[job.job_id], before.history.get(job.job_id, [])
        assert history[: len(known)] == known
        assert [event.version for event in history] == list(range(1, job.version + 1))
        assert [event.old for event in history] == [None, *(event.new for event in history[:-1])]
        assert history[-1].new is job.status
        assert {(event.old, event.new) for event in history[1:]} <= set(TRANSITIONS)
        assert [event.at for event in history] == sorted(event.at for event in history)

    def _nobody_holds_too_much(self, now: Tables) -> None:
        slot = now.slots.get(slot_key(self.tenant))
        assert slot is None or sum(slot.units.values()) <= self.settings.running_imports
        assert sum(now.workers.units.values()) <= self.settings.worker_concurrency
        assert all(len(lock.holders) <= 1 for lock in now.locks.values())

    def _only_running_jobs_hold(self, now: Tables, ms: int) -> None:
        """Nobody else holds anything; and they hold all of it, unless they are dead."""
        running = {lease_key(self.tenant, j.job_id, j.run): j for j in now.jobs.values() if j.status in RUNNING}
        assert now.holders <= set(running)
        for key, job in running.items():
            lease = now.leases[key]
            if not lease.gone(ms):
                assert now.slots[slot_key(self.tenant)].units[key] == 1
                assert now.workers.units[key] == job.workers
                assert set(lease.tokens) == set(job.writes)
                for record_type, token in lease.tokens.items():
                    lock = now.locks[lock_key(self.tenant, record_type)]
                    assert (lock.holders, lock.token) == ({key}, token)

    def _tokens_grow(self, now: Tables) -> None:
        for key, lease in now.leases.items():
            for record_type, token in lease.tokens.items():
                granted = self.tokens[record_type]
                if key not in granted:
                    assert token > max(granted.values(), default=0)
                    granted[key] = token
                assert token == granted[key]

    def _contents_have_one_owner(self, before: Tables, now: Tables) -> None:
        """Who accepted it last has it, until that job releases it."""
        for job in now.jobs.values():
            for event in now.history[job.job_id][len(before.history.get(job.job_id, [])) :]:
                if event.new in ACCEPTED and event.old in {JobStatus.VALIDATING, *RELEASES_CONTENT}:
                    self.owners[job.sha256] = job.job_id
                elif event.new in RELEASES_CONTENT and self.owners.get(job.sha256) == job.job_id:
                    del self.owners[job.sha256]
        assert now.owners == self.owners

    def _records_are_accounted_for(self, now: Tables) -> None:
        """A record is created once, by whichever try; the last writer of a record has counted it."""
        if any(job.status in RUNNING for job in now.jobs.values()):
            return
        created = sum(job.counts.created for job in now.jobs.values())
        assert created <= len(now.revs)
        assert created == len(now.revs) or self.retried
        for job in now.jobs.values():
            assert sum(rev.startswith(f"{job.job_id}#") for rev in now.revs.values()) <= job.counts.loaded

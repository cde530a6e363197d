"""What must hold of all jobs of a tenant after every step, whoever dies in it."""

from hypothesis.stateful import (
    invariant,
)

from longshore.domain.job import Job
from longshore.domain.locks import lease_key, lock_key, slot_key
from longshore.domain.status import RELEASES_CONTENT, RUNNING, TRANSITIONS, JobStatus
from longshore.settings import Settings
from longshore.steps.api_view import job_document
from longshore.storage.job_changes import ACCEPTED
from tests.storage.conftest import SteppingClock, Stores
from tests.storage.dying_process import Process
from tests.storage.job_tables import Tables, read_tables

S = JobStatus


class JobPromises:
    """Compares what the tables hold now with what they held before the step; see JobLife for the attributes."""

    stores: Stores
    settings: Settings
    process: Process
    clock: SteppingClock
    tenant: str
    before: Tables
    rows: dict[str, int]
    tokens: dict[str, int]
    owners: dict[str, str]
    retried: bool

    @invariant()
    def every_promise_holds(self) -> None:
        now = read_tables(self.stores) if self.process.wrote else self.before
        self.process.wrote = False
        for job in now.jobs.values():
            self.assert_every_row_is_in_one_bucket(job, now)
            self.assert_history_is_right(job, now)
        self.assert_nobody_holds_too_much(now)
        self.assert_only_running_jobs_hold(now)
        self.assert_tokens_grow(now)
        self.assert_contents_have_one_owner(now)
        self.assert_records_are_accounted_for(now)
        self.before = now

    def assert_every_row_is_in_one_bucket(self, job: Job, now: Tables) -> None:
        shown = job_document(job, now.parts[job.job_id], now.batches[job.job_id] if job.run else [])
        for counts in (job.counts.as_dict(), shown["counts"], *(part["counts"] for part in shown["parts"])):
            buckets = ("loaded", "unchanged", "rejected", "held", "unprocessed")
            assert sum(counts[bucket] for bucket in buckets) == counts["rows"], (job, counts)
            assert all(count >= 0 for count in counts.values())
            # Once a file was read to its end, its number of rows is a fact.
            assert counts["rows"] == self.rows.setdefault(job.job_id, counts["rows"]) or not job.attempt
        if not job.attempt:
            self.rows.pop(job.job_id)
        elif job.status not in RUNNING:
            assert shown["counts"] == job.counts.as_dict()

    def assert_history_is_right(self, job: Job, now: Tables) -> None:
        history = now.history[job.job_id]
        assert [event.version for event in history] == list(range(1, job.version + 1))
        assert history[: len(known)] == known if (known := self.before.history.get(job.job_id, [])) else True
        assert [event.old for event in history] == [None, *(event.new for event in history[:-1])]
        assert history[-1].new is job.status
        assert {(event.old, event.new) for event in history[1:]} <= set(TRANSITIONS)
        assert [event.at for event in history] == sorted(event.at for event in history)

    def assert_nobody_holds_too_much(self, now: Tables) -> None:
        slot = now.slots.get(slot_key(self.tenant))
        assert slot is None or sum(slot.units.values()) <= self.settings.running_imports
        assert sum(now.workers.units.values()) <= self.settings.worker_concurrency
        assert all(len(lock.holders) <= 1 for lock in now.locks.values())

    def assert_only_running_jobs_hold(self, now: Tables) -> None:
        keys = {lease_key(self.tenant, job.job_id, job.run): job for job in now.jobs.values() if job.status in RUNNING}
        assert now.holders <= set(keys)
        for key, job in keys.items():
            lease = now.leases[key]
            if not lease.gone(self.clock.ms):
                assert now.slots[slot_key(self.tenant)].units[key] == 1
                assert now.workers.units[key] == job.workers
                lock = now.locks[lock_key(self.tenant, "item")]
                assert (lock.holders, lock.token) == ({key}, lease.tokens["item"])

    def assert_tokens_grow(self, now: Tables) -> None:
        for key, lease in now.leases.items():
            if key not in self.tokens:
                assert lease.tokens["item"] > max(self.tokens.values(), default=0)
                self.tokens[key] = lease.tokens["item"]
            assert lease.tokens["item"] == self.tokens[key]

    def assert_contents_have_one_owner(self, now: Tables) -> None:
        """Who accepted it last has it, until that job releases it."""
        for job in now.jobs.values():
            for event in now.history[job.job_id][len(self.before.history.get(job.job_id, [])) :]:
                accepted_anew = event.new in ACCEPTED and event.old in {S.VALIDATING, *RELEASES_CONTENT}
                if accepted_anew:
                    self.owners[job.sha256] = job.job_id
                elif event.new in RELEASES_CONTENT and self.owners.get(job.sha256) == job.job_id:
                    del self.owners[job.sha256]
        assert now.owners == self.owners

    def assert_records_are_accounted_for(self, now: Tables) -> None:
        """A record is created once, by whichever try; the last writer of a record has counted it."""
        if any(job.status in RUNNING for job in now.jobs.values()):
            return
        created = sum(job.counts.created for job in now.jobs.values())
        assert created <= len(now.revs)
        assert created == len(now.revs) or self.retried
        for job in now.jobs.values():
            assert sum(rev.startswith(f"{job.job_id}#") for rev in now.revs.values()) <= job.counts.loaded

"""All that the Jobs, Locks, Catalog and Records tables hold, read at one moment at which nobody writes."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from longshore.domain.job import Batch, Job, JobEvent, Part
from longshore.domain.locks import WORKERS_KEY, Lease, Lock, Slots
from longshore.storage import clients
from longshore.storage.batch_calls import WRITE_LIMIT
from longshore.storage.items import Item, decode
from longshore.storage.job_keys import JOB
from longshore.storage.leases import keyed
from tests.storage.conftest import Stores


@dataclass(frozen=True)
class Tables:
    """Values by job id or key; parts and batches are those of the job's attempt, the history is by version."""

    jobs: dict[str, Job]
    history: dict[str, list[JobEvent]]
    parts: dict[str, list[Part]]
    batches: dict[str, list[Batch]]
    leases: dict[str, Lease]
    locks: dict[str, Lock]
    slots: dict[str, Slots]
    owners: dict[str, str]
    revs: dict[str, str]

    @property
    def workers(self) -> Slots:
        return self.slots.get(WORKERS_KEY, Slots(WORKERS_KEY, {}))

    @property
    def holders(self) -> set[str]:
        """Keys of all leases, and of all that hold a lock, a slot or a worker."""
        counted = {holder for slots in self.slots.values() for holder in slots.units}
        return {*self.leases, *counted, *(holder for lock in self.locks.values() for holder in lock.holders)}


def read_tables(stores: Stores) -> Tables:
    """Read everything."""
    by_job: dict[str, list[Item]] = defaultdict(list)
    for item in _items(stores.jobs):
        by_job[item["pk"]["S"].partition("#")[2]].append(item)
    jobs = {key: decode(Job, item) for key, items in by_job.items() for item in items if item["sk"]["S"] == JOB}
    locks = _items(stores.locks)
    claims = [item for item in _items(stores.catalog) if item["sk"]["S"] == "claim"]
    return Tables(
        jobs=jobs,
        history={
            key: sorted(_some(JobEvent, items, "event#"), key=lambda e: e.version) for key, items in by_job.items()
        },
        parts={key: _some(Part, by_job[key], f"part#{job.attempt}#") for key, job in jobs.items()},
        batches={key: _some(Batch, by_job[key], f"batch#{job.attempt}#") for key, job in jobs.items()},
        leases={item["pk"]["S"]: keyed(Lease, item) for item in locks if "#lease#" in item["pk"]["S"]},
        locks={item["pk"]["S"]: keyed(Lock, item) for item in locks if "#lock#" in item["pk"]["S"]},
        slots={item["pk"]["S"]: keyed(Slots, item) for item in locks if "#slot#" in item["pk"]["S"]},
        owners={item["pk"]["S"].rpartition("#")[2]: item["job_id"]["S"] for item in claims},
        revs={item["pk"]["S"]: item["rev"]["S"] for item in _items(stores.records)},
    )


def empty_tables(stores: Stores) -> None:
    """Delete every item: what other tests left in the queue would be dispatched too."""
    for table in (stores.jobs, stores.locks, stores.catalog, stores.records):
        keys = [{name: item[name] for name in ("pk", "sk") if name in item} for item in _items(table)]
        for start in range(0, len(keys), WRITE_LIMIT):
            deletes = [{"DeleteRequest": {"Key": key}} for key in keys[start : start + WRITE_LIMIT]]
            clients.dynamodb().batch_write_item(RequestItems={table: deletes})


def _items(table: str) -> list[Item]:
    pages = clients.dynamodb().get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def _some(value: type, items: list[Item], prefix: str) -> list[Any]:
    items = sorted(items, key=lambda item: item["sk"]["S"])
    return [decode(value, item) for item in items if item["sk"]["S"].startswith(prefix)]

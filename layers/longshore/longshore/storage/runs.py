"""The start and the end of runs: locks, slot and workers are taken and given back with the job's change, or not at all.

    Dispatch                          Locks table                          Jobs table
    ────────────────────────────      ─────────────────────────────        ──────────────
    holds(): slot, workers, locks     slot r7, workers r3, lock r12        job QUEUED v5
    grant(): pure, in domain/grants
    start(): one transaction       →  slot r8, workers r4, lock r13,       job PROCESSING v6
                                      lease +15 min; each displaced
                                      lease is still gone                  event#000006
    … LoadBatch renews the lease …
    finish(): one transaction      →  slot r9, workers r5, lock r14        job COMPLETED v7
                                      (token kept), lease deleted          event#000007

Two dispatches that read the same revisions cannot both write: the second is refused (StaleItem) and reads again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from longshore.domain.grants import Hold
from longshore.domain.job import Job, JobEvent
from longshore.domain.locks import WORKERS_KEY, Lease, Lock, Slots, lease_key, lock_key, slot_key
from longshore.errors import StaleItem
from longshore.steps.ports import Clock
from longshore.storage import models
from longshore.storage.backoff import tries
from longshore.storage.batch_calls import get_items
from longshore.storage.items import Item
from longshore.storage.job_changes import JobChanges
from longshore.storage.leases import LeaseStore, keyed
from longshore.storage.models import LeaseItem, LockItem, SlotsItem
from longshore.storage.transaction import Refused, Transaction
from longshore.storage.translate import aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class RunStore(LeaseStore):
    """ports.Runs."""

    def __init__(
        self,
        client: "DynamoDBClient",
        jobs_table: str,
        locks_table: str,
        catalog_table: str,
        clock: Clock,
        upload_link_seconds: int,
    ) -> None:
        super().__init__(client, jobs_table, locks_table, clock)
        models.bind(models.LOCKS, locks_table)
        self._changes = JobChanges(client, jobs_table, catalog_table, upload_link_seconds)

    def holds(self, tenant: str, resources: Sequence[str]) -> Hold:
        """Read the tenant's slot, the worker pool and these locks, then the leases of all their holders.

        In this order: a lease is written with what it holds and deleted with it, so a holder whose lease is missing
        has ended, and the revision that this reading saw is no longer the one that a grant would find.
        """
        locks = [lock_key(tenant, resource) for resource in sorted(set(resources))]
        slot, workers, found = self._read(slot_key(tenant), locks)
        holders = {*slot.units, *workers.units, *(h for lock in found for h in lock.holders)}
        return Hold(slot, workers, found, self._leases(sorted(holders)))

    def start(self, before: Job, after: Job, event: JobEvent, hold: Hold, lease: Lease) -> None:
        """Write the job's change, the lease, and `hold` as changed by a grant, in one transaction; raise StaleItem."""
        # Held under our own key: another dispatch started this run since `before` was read, and it has ended already.
        if lease.key in hold.displaced:
            raise StaleItem(f"could not start run {after.run} of job {after.job_id}: it was started meanwhile")
        transaction = Transaction(self._client, f"start run {after.run} of job {after.job_id}")
        self._changes.add(transaction, before, after, event)
        # A lease is written once, by the start of its run: were it there, the run would have started already.
        not_started = LeaseItem.pk.does_not_exist()
        item = LeaseItem.of(lease, pk=lease.key)
        transaction.put("lease", item.get_save_kwargs_from_instance(condition=not_started))
        _put_holds(transaction, [hold.slot, hold.workers, *hold.locks])
        for displaced in sorted(hold.displaced):
            # It was dead when we read it; were it renewed since, its run would still be writing under our lock.
            nothing_lives_on = LeaseItem.pk.does_not_exist()
            if (read := hold.leases.get(displaced)) is not None:
                nothing_lives_on |= LeaseItem.expires_at <= self._now() - read.grace
            transaction.check(
                f"lease {displaced}", LeaseItem.get_operation_kwargs_from_class(displaced, condition=nothing_lives_on)
            )
        transaction.commit()

    def lapsed(self, job: Job) -> bool:
        """Whether the lease of the job's run is gone: expired by more than the grace, or not there."""
        key = lease_key(job.tenant, job.job_id, job.run)
        lease = self._leases([key]).get(key)
        return lease is None or lease.gone(self._now())

    def close(self, job: Job) -> None:
        """Let nothing of the job's run begin any more; what has begun is then there to be seen.

        LoadBatch                            lease             FinishRun
        ─────────                            ─────             ─────────
        looks: it lives                      open
        claims a batch                       closing      ◄──  close(), before it reads the batches
        looks again: gives the claim back    closing           sees the claim, or the worker sees this
        """
        # An update would create a lease for a run that has ended.
        not_ended = "attribute_exists(pk)"
        with aws_errors(f"close run {job.run} of job {job.job_id}"):
            try:
                self._client.update_item(
                    TableName=self._locks_table,
                    Key={"pk": {"S": lease_key(job.tenant, job.job_id, job.run)}},
                    UpdateExpression="SET closing = :true",
                    ConditionExpression=not_ended,
                    ExpressionAttributeValues={":true": {"BOOL": True}},
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise

    def finish(self, before: Job, after: Job, event: JobEvent) -> None:
        """Write the job's change and give back all that the run `before.run` holds; raise StaleItem.

        A run without a lease holds nothing: what it held was given back with the lease.
        """
        key = lease_key(before.tenant, before.job_id, before.run)
        for _ in tries():
            transaction = Transaction(self._client, f"finish run {before.run} of job {before.job_id}")
            self._changes.add(transaction, before, after, event)
            for lease in self._leases([key]).values():
                transaction.delete("lease", LeaseItem.of(lease, pk=key).get_delete_kwargs_from_instance())
                _put_holds(transaction, self._without(before.tenant, lease))
            try:
                return transaction.commit()
            except Refused as refused:
                # The worker pool is everybody's: that another run changed it is no reason to decide anew about the job.
                if "job" in refused.names:
                    # Not as Refused: the state machine knows errors by their exact names.
                    raise StaleItem(str(refused)) from None
        raise StaleItem(f"what run {before.run} of job {before.job_id} holds keeps changing")

    def _without(self, tenant: str, lease: Lease) -> Iterator[Slots | Lock]:
        """Yield what the lease still holds, without it; tokens stay, a displaced lease holds nothing any more."""
        locks = [lock_key(tenant, resource) for resource in lease.resources]
        slot, workers, found = self._read(slot_key(tenant), locks)
        for slots in (slot, workers):
            if lease.key in slots.units:
                yield replace(slots.without({lease.key}), revision=slots.revision + 1)
        for lock in found:
            if lease.key in lock.holders:
                yield replace(lock.without({lease.key}), revision=lock.revision + 1)

    def _read(self, slot: str, locks: Sequence[str]) -> tuple[Slots, Slots, tuple[Lock, ...]]:
        """Read a slot, the worker pool and locks; one that was never written is at revision 0."""
        items = self._items([slot, WORKERS_KEY, *locks])
        counted = [keyed(Slots, items[k]) if k in items else Slots(k, {}) for k in (slot, WORKERS_KEY)]
        return counted[0], counted[1], tuple(keyed(Lock, items[k]) if k in items else Lock(k) for k in locks)

    def _leases(self, keys: Sequence[str]) -> dict[str, Lease]:
        return {key: keyed(Lease, item) for key, item in self._items(keys).items()}

    def _items(self, keys: Sequence[str]) -> dict[str, Item]:
        """Read items of the Locks table by key."""
        found: dict[str, Item] = {}
        for start in range(0, len(keys), 100):
            wanted = {self._locks_table: [{"pk": {"S": key}} for key in keys[start : start + 100]]}
            answer = get_items(self._client, wanted, "read locks and leases")
            found |= {item["pk"]["S"]: item for item in answer[self._locks_table]}
        return found


def _put_holds(transaction: Transaction, holds: Sequence[Slots | Lock] | Iterator[Slots | Lock]) -> None:
    for hold in holds:
        model = LockItem if isinstance(hold, Lock) else SlotsItem
        transaction.put(hold.key, _put_at_next_revision(model, hold))


def _put_at_next_revision(model: type[LockItem] | type[SlotsItem], hold: Slots | Lock) -> dict[str, Any]:
    # Nobody changed it since we read it, one revision ago; revision 0 is one that was never written.
    as_read = model.pk.does_not_exist() if hold.revision == 1 else model.revision == hold.revision - 1
    return model.of(hold, pk=hold.key).get_save_kwargs_from_instance(condition=as_read)

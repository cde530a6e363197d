"""Schedules in DynamoDB, each with its entry in EventBridge Scheduler, and the instants for which they fired.

    pk `{tenant}#schedules`          sk `{name}`        the schedule
    pk `{tenant}#schedule#{name}`    sk `{instant}`     a firing: the job that was made for it

The item is the truth and the entry follows it. Whoever wrote an entry looks at the item again, and goes on until both
agree:

    PUT A                     item          entry         PUT B
    item A if as read    ──►  A
                              B                      ◄──  item B if as read
                              B             B        ◄──  entry B; the item is B still
    entry A, late        ──►  B             A
    the item is B now:
    entry B              ──►  B             B
"""

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from longshore.domain.schedule import Firing, Schedule
from longshore.errors import InvalidRequest, StaleItem
from longshore.storage.backoff import tries
from longshore.storage.items import Item, decode, encode, encode_fields, time_text
from longshore.storage.schedule_entries import ScheduleEntries
from longshore.storage.transaction import Refused, Transaction
from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ScheduleStore:
    """schedule_port.Schedules."""

    def __init__(self, client: "DynamoDBClient", catalog_table: str, entries: ScheduleEntries) -> None:
        self._client = client
        self._table = catalog_table
        self._entries = entries

    def put(self, wanted: Schedule) -> tuple[Schedule, bool]:
        """Store a schedule and its entry; return it as stored, and whether it is new.

        Raises InvalidRequest where Scheduler does not accept it; then everything is as it was before.
        """
        before, stored = self._stored(wanted)
        try:
            self._entries.put(stored)
        except InvalidRequest:
            self._take_back(before, stored)
            raise
        self._let_entry_follow(stored, stored.tenant, stored.name)
        return stored, before is None

    def find(self, tenant: str, name: str) -> Schedule | None:
        """Read a schedule consistently; None where there is none."""
        with aws_errors(f"read schedule {name}"):
            answer = self._client.get_item(TableName=self._table, Key=_key(tenant, name), ConsistentRead=True)
        return decode(Schedule, answer["Item"]) if "Item" in answer else None

    def all(self, tenant: str) -> list[Schedule]:
        """Return the schedules of a tenant, by name."""
        with aws_errors("list schedules"):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": encode(f"{tenant}#schedules")},
                ConsistentRead=True,
            )
            return [decode(Schedule, item) for page in pages for item in page["Items"]]

    def delete(self, tenant: str, name: str) -> bool:
        """Delete a schedule and its entry, also an entry that was left without a schedule; say if there was one."""
        found = False
        for _ in tries():
            before = self.find(tenant, name)
            self._entries.delete(tenant, name)
            found = found or before is not None
            if before is None or self._change(before, None):
                self._let_entry_follow(None, tenant, name)
                return found
        raise StaleItem(f"schedule {name} keeps changing")

    def record(self, schedule: Schedule, firing: Firing) -> None:
        """Write that a schedule fired for an instant, once."""
        transaction = Transaction(self._client, f"record a firing of schedule {schedule.name}")
        item = {**_firings_pk(schedule.tenant, schedule.name), "sk": encode(time_text(firing.instant))}
        # The first delivery of a firing has recorded it; the others say the same.
        not_recorded = {"ConditionExpression": "attribute_not_exists(pk)"}
        transaction.put("firing", {"TableName": self._table, "Item": item | encode_fields(firing), **not_recorded})
        try:
            transaction.commit()
        except Refused:
            return

    def firings(self, tenant: str, name: str, limit: int) -> list[Firing]:
        """Return the last firings of a schedule, newest first."""
        with aws_errors(f"list the firings of schedule {name}"):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": _firings_pk(tenant, name)["pk"]},
                ScanIndexForward=False,
                Limit=limit,
            )
        return [decode(Firing, item) for item in found["Items"]]

    def _stored(self, wanted: Schedule) -> tuple[Schedule | None, Schedule]:
        """Write the item; return what it replaced and what it is now."""
        for _ in tries():
            before = self.find(wanted.tenant, wanted.name)
            created_at = before.created_at if before else wanted.created_at
            stored = replace(wanted, created_at=created_at, revision=uuid.uuid4().hex)
            if self._change(before, stored):
                return before, stored
        raise StaleItem(f"schedule {wanted.name} keeps changing")

    def _take_back(self, before: Schedule | None, stored: Schedule) -> None:
        """Put back what was there before; a schedule that somebody else has put meanwhile stays."""
        self._change(stored, before)

    def _let_entry_follow(self, entry_of: Schedule | None, tenant: str, name: str) -> None:
        """Make the entry, which is that of `entry_of`, follow the item until the item has not changed meanwhile."""
        for _ in tries():
            current = self.find(tenant, name)
            if current == entry_of:
                return
            if current is None:
                self._entries.delete(tenant, name)
            else:
                self._entries.put(current)
            entry_of = current
        raise StaleItem(f"schedule {name} keeps changing")

    def _change(self, before: Schedule | None, after: Schedule | None) -> bool:
        """Write or delete the item if it is still as `before`; say whether it was."""
        one = before or after
        assert one is not None
        transaction = Transaction(self._client, f"change schedule {one.name}")
        # Nobody changed, deleted or made it since we read it.
        still_as_read = (
            {"ConditionExpression": "attribute_not_exists(pk)"}
            if before is None
            else {
                "ConditionExpression": "revision = :revision",
                "ExpressionAttributeValues": {":revision": encode(before.revision)},
            }
        )
        key = _key(one.tenant, one.name)
        if after is None:
            transaction.delete("schedule", {"TableName": self._table, "Key": key, **still_as_read})
        else:
            item = {**key, **encode_fields(after)}
            transaction.put("schedule", {"TableName": self._table, "Item": item, **still_as_read})
        try:
            transaction.commit()
        except Refused:
            return False
        return True


def _key(tenant: str, name: str) -> Item:
    return {"pk": encode(f"{tenant}#schedules"), "sk": encode(name)}


def _firings_pk(tenant: str, name: str) -> Item:
    return {"pk": encode(f"{tenant}#schedule#{name}")}

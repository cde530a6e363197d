"""The items of the Jobs and Locks tables as PynamoDB models.

Values enter and leave the models through storage/items.py, which the workers' hot path shares; what a model declares is
which attributes an item has and of which type. The tables and their indexes are made by template.yaml. Records and
batches have no model: they are the workers' hot path, which uses the low-level client. So do changes of a job, which
ValidateUpload makes: its cold start does not pay for PynamoDB.
"""

from typing import Any, Self

from pynamodb.attributes import (
    Attribute,
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.constants import LIST, MAP
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from longshore.storage import clients
from longshore.storage.items import Item, T, decode, encode_fields


class DocumentAttribute(Attribute[dict[str, Any]]):
    """A map that storage/items.py encodes and decodes."""

    attr_type = MAP

    def serialize(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the map: it is encoded already."""
        return value

    def deserialize(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the map, still encoded."""
        return value


class ListAttribute(Attribute[list[dict[str, Any]]]):
    """A list that storage/items.py encodes and decodes."""

    attr_type = LIST

    def serialize(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the list: it is encoded already."""
        return value

    def deserialize(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the list, still encoded."""
        return value


class Connection:
    """How a model reaches DynamoDB; `bind` sets the table's name."""

    table_name = ""
    connect_timeout_seconds = clients.CONNECT_TIMEOUT
    read_timeout_seconds = clients.READ_TIMEOUT
    max_retry_attempts = clients.ATTEMPTS - 1


class Stored(Model):
    """An item that is made of a plain value and its keys, and gives the value back."""

    @classmethod
    def of(cls, value: object, **keys: str) -> Self:
        """Return the item of a value; `keys` are the attributes that are no field of it."""
        return cls.from_raw_data(encode_fields(value) | {name: {"S": key} for name, key in keys.items()})

    def value(self, cls: type[T]) -> T:
        """Return the plain value."""
        return decode(cls, self.raw())

    def raw(self) -> Item:
        """Return the attribute values."""
        return self.serialize()


class QueueIndex(GlobalSecondaryIndex["JobItem"]):  # type: ignore[no-untyped-call]  # its metaclass hook
    """The jobs of a tenant that wait for their turn, the next one first."""

    class Meta:
        index_name = "queue"
        projection = KeysOnlyProjection()

    queue_tenant = UnicodeAttribute(hash_key=True)
    queue_order = UnicodeAttribute(range_key=True)


class TenantIndex(GlobalSecondaryIndex["JobItem"]):  # type: ignore[no-untyped-call]  # its metaclass hook
    """All jobs of a tenant by the time of their creation."""

    class Meta:
        index_name = "by_tenant"
        projection = AllProjection()

    list_tenant = UnicodeAttribute(hash_key=True)
    listed_at = UnicodeAttribute(range_key=True)


class WatchIndex(GlobalSecondaryIndex["JobItem"]):  # type: ignore[no-untyped-call]  # its metaclass hook
    """The jobs that something may have befallen, by the time at which Sweep should look."""

    class Meta:
        index_name = "watch"
        projection = KeysOnlyProjection()

    watch_shard = UnicodeAttribute(hash_key=True)
    watch_at = UnicodeAttribute(range_key=True)


class JobItem(Stored):
    """A job: pk `{tenant}#{job_id}`, sk `job`."""

    class Meta(Connection):
        """Table Jobs."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    queue = QueueIndex()
    by_tenant = TenantIndex()
    watch = WatchIndex()

    tenant = UnicodeAttribute()
    job_id = UnicodeAttribute()
    status = UnicodeAttribute()
    version = NumberAttribute()
    template = UnicodeAttribute()
    template_version = NumberAttribute()
    record_type = UnicodeAttribute()
    record_types = ListAttribute(null=True)
    refers_to = ListAttribute(null=True)
    actor = UnicodeAttribute()
    file_name = UnicodeAttribute()
    mode = UnicodeAttribute(null=True)
    priority = NumberAttribute()
    force = BooleanAttribute()
    preview = BooleanAttribute()
    source = DocumentAttribute(null=True)
    options = DocumentAttribute(null=True)
    questions = NumberAttribute()
    sha256 = UnicodeAttribute()
    request_hash = UnicodeAttribute()
    attempt = UnicodeAttribute()
    claimed_until = NumberAttribute()
    counts = DocumentAttribute()
    run = NumberAttribute()
    workers = NumberAttribute()
    reason = DocumentAttribute(null=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    not_before = UnicodeAttribute(null=True)
    queued_at = UnicodeAttribute(null=True)
    started_at = UnicodeAttribute(null=True)
    ended_at = UnicodeAttribute(null=True)

    queue_tenant = UnicodeAttribute(null=True)
    queue_order = UnicodeAttribute(null=True)
    list_tenant = UnicodeAttribute()
    listed_at = UnicodeAttribute()
    watch_shard = UnicodeAttribute(null=True)
    watch_at = UnicodeAttribute(null=True)


class EventItem(Stored):
    """One line of a job's history: sk `event#{version}`."""

    class Meta(Connection):
        """Table Jobs."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    at = UnicodeAttribute()
    actor = UnicodeAttribute()
    old = UnicodeAttribute(null=True)
    new = UnicodeAttribute()
    reason = UnicodeAttribute()


class PartItem(Stored):
    """A part of one validation attempt: sk `part#{attempt}#{number}`."""

    class Meta(Connection):
        """Table Jobs."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    number = NumberAttribute()
    record_type = UnicodeAttribute()
    template = UnicodeAttribute()
    template_version = NumberAttribute()
    plan = DocumentAttribute()
    counts = DocumentAttribute()
    batches = NumberAttribute()
    rejects = DocumentAttribute(null=True)
    originals = DocumentAttribute(null=True)
    level = NumberAttribute()
    name = UnicodeAttribute()
    mode = UnicodeAttribute()
    warnings = ListAttribute(null=True)


class LeaseItem(Stored):
    """A run's lease: pk `{tenant}#lease#{job_id}#{run}`; `tokens` by record type, `shared` are resources."""

    class Meta(Connection):
        """Table Locks."""

    pk = UnicodeAttribute(hash_key=True)
    expires_at = NumberAttribute()
    tokens = DocumentAttribute()
    shared = UnicodeSetAttribute(null=True)
    grace = NumberAttribute()
    closing = BooleanAttribute()


class LockItem(Stored):
    """A lock: pk `{tenant}#lock#{resource}`; `holders` are leases. Never deleted, or its token would restart."""

    class Meta(Connection):
        """Table Locks."""

    pk = UnicodeAttribute(hash_key=True)
    mode = UnicodeAttribute()
    holders = UnicodeSetAttribute(null=True)
    token = NumberAttribute()
    revision = NumberAttribute()


class SlotsItem(Stored):
    """A counted capacity: pk `{tenant}#slot#{name}` or `#slot#workers`; `units` by lease."""

    class Meta(Connection):
        """Table Locks."""

    pk = UnicodeAttribute(hash_key=True)
    units = DocumentAttribute()
    revision = NumberAttribute()


JOBS: tuple[type[Stored], ...] = (JobItem, EventItem, PartItem)
LOCKS: tuple[type[Stored], ...] = (LeaseItem, LockItem, SlotsItem)


def bind(models: tuple[type[Stored], ...], table: str) -> None:
    """Tell models the name of their table; the stores do it when bootstrap makes them."""
    for model in models:
        model.Meta.table_name = table

"""What S3 tells about objects: one event per object that a request changed, on the default bus, in AWS's structure.

moto tells of tags on every put, of a put besides every completed multipart upload, to all buses, before the object has
its metadata, and hides every error of a receiver.
Source: Amazon S3 User Guide, "EventBridge event message structure".
"""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.events.models import events_backends
from moto.s3 import notifications
from moto.s3.notifications import S3NotificationEvent as Kind

from local.moto_corrections.patching import replace

REASONS = {
    Kind.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD_EVENT: "CompleteMultipartUpload",
    Kind.OBJECT_CREATED_COPY_EVENT: "CopyObject",
    Kind.OBJECT_CREATED_POST_EVENT: "POST Object",
    Kind.OBJECT_CREATED_PUT_EVENT: "PutObject",
    Kind.OBJECT_REMOVED_DELETE_EVENT: "DeleteObject",
}
"""Of several events that moto makes of one request and object, the first in this order is the one that AWS sends."""

Change = tuple[str, Kind, Any, Any]
"""The arguments of moto's send_event: account, kind, bucket, object."""

_moto_send_event = notifications.send_event
_request = threading.local()


def apply() -> None:
    """Keep the events of a request until it ends, and tell EventBridge in AWS's words."""
    replace(notifications, "send_event", _send_event)
    replace(notifications, "_send_event_bridge_message", _tell_event_bridge)


@contextmanager
def one_per_object() -> Iterator[None]:
    """Send the events of what happens inside at its end, one for each object."""
    _request.changes = []
    try:
        yield
    finally:
        changes, _request.changes = _request.changes, None
    ranks = list(REASONS)
    told: set[tuple[str, str]] = set()
    for change in sorted(changes, key=lambda change: ranks.index(change[1]) if change[1] in ranks else len(ranks)):
        of_object = (change[2].name, change[3].name)
        if of_object not in told:
            _moto_send_event(*change)
        told.add(of_object)


def _send_event(account_id: str, event_name: Kind, bucket: Any, key: Any) -> None:
    if bucket.notification_configuration is None:
        return
    changes: list[Change] | None = getattr(_request, "changes", None)
    if changes is None:
        _moto_send_event(account_id, event_name, bucket, key)
        return
    if event_name != Kind.OBJECT_REMOVED_DELETE_EVENT:
        _ = key.etag  # computed from the content now, while the request holds the lock, and kept by the object
    changes.append((account_id, event_name, bucket, key))


def _tell_event_bridge(account_id: str, bucket: Any, event_name: Kind, key: Any) -> None:
    event: Any = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": notifications._detail_type(event_name),
        "source": "aws.s3",
        "account": account_id,
        "time": time.time(),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": _detail(account_id, event_name, bucket, key),
    }
    default_bus = events_backends[account_id][bucket.region_name].describe_event_bus("default")
    for rule in list(default_bus.rules.values()):
        rule.send_to_targets(event, transform_input=False)


def _detail(account_id: str, event_name: Kind, bucket: Any, key: Any) -> dict[str, Any]:
    changed = {"key": key.name, "sequencer": f"{time.time_ns():018X}"}
    if bucket.is_versioned:
        changed["version-id"] = key.version_id
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": changed,
        "request-id": uuid.uuid4().hex[:16].upper(),
        "requester": account_id,
        "source-ip-address": "127.0.0.1",
    }
    if event_name in REASONS:
        detail["reason"] = REASONS[event_name]
    if event_name == Kind.OBJECT_REMOVED_DELETE_EVENT:
        detail["deletion-type"] = "Permanently Deleted"
    else:
        changed |= {"size": key.size, "etag": key.etag.strip('"')}
    return detail

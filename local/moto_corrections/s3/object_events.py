"""What S3 tells about objects: one event per object that a request changed, on the default bus, in AWS's structure.

moto tells of tags on every put, of a put besides every completed multipart upload, to all buses, before the object has its
metadata, and hides every error of a receiver.
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
    Kind.OBJECT_CREATED_PUT_EVENT: "PutObject",
    Kind.OBJECT_CREATED_POST_EVENT: "POST Object",
    Kind.OBJECT_CREATED_COPY_EVENT: "CopyObject",
    Kind.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD_EVENT: "CompleteMultipartUpload",
    Kind.OBJECT_REMOVED_DELETE_EVENT: "DeleteObject",
    Kind.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT: "DeleteObject",
}
PRECEDENCE = (Kind.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD_EVENT, *REASONS)
"""Of several events that moto makes of one request and object, the first of these is the one that AWS sends."""

Change = tuple[str, Kind, Any, Any]
"""The arguments of moto's send_event: account, kind, bucket, key."""
_request = threading.local()


def apply() -> None:
    """Keep the events of a request until it ends, and tell EventBridge in AWS's words."""
    moto_send = notifications.send_event

    def send_event(account_id: str, event_name: Kind, bucket: Any, key: Any) -> None:
        changes: list[Change] | None = getattr(_request, "changes", None)
        if bucket.notification_configuration is None:
            return
        if changes is None:
            moto_send(account_id, event_name, bucket, key)
            return
        _ = key.etag  # computed from the content now, while the request holds the lock, and kept by the key
        changes.append((account_id, event_name, bucket, key))

    @contextmanager
    def one_per_object() -> Iterator[None]:
        _request.changes = []
        try:
            yield
        finally:
            changes, _request.changes = _request.changes, None
        for change in _decisive(changes):
            moto_send(*change)

    global one_event_per_object
    one_event_per_object = one_per_object
    replace(notifications, "send_event", send_event)
    replace(notifications, "_send_event_bridge_message", tell_event_bridge)

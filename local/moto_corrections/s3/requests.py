"""Requests to S3 as a whole: one at a time, and their events after all of their work."""

import threading
from typing import Any

from moto.s3.responses import S3Response

from local.moto_corrections.patching import replace
from local.moto_corrections.s3.object_events import one_per_object

LOCK = threading.RLock()
"""Held while a request reads or changes buckets: moto checks If-None-Match and writes in two steps, loses versions of a
key written twice at once, and fails listings while keys are added. Bodies are received and sent without it."""


def apply() -> None:
    """Serialise what requests do, and let each send its events when it is done."""
    for name in ("_bucket_response", "_key_response"):
        replace(S3Response, name, _locked(getattr(S3Response, name)))
    for name in ("bucket_response", "key_response"):
        replace(S3Response, name, _with_events(getattr(S3Response, name)))


def _locked(moto_method: Any) -> Any:
    def method(handler: S3Response, *args: Any, **options: Any) -> Any:
        with LOCK:
            return moto_method(handler, *args, **options)

    return method


def _with_events(moto_method: Any) -> Any:
    def method(handler: S3Response, *args: Any, **options: Any) -> Any:
        with one_per_object():
            return moto_method(handler, *args, **options)

    return method

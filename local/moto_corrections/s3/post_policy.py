"""POST uploads under their policy: expiry, exact or prefix matches, no other fields, and the size range.

moto ignores the policy. As everywhere in moto no signature is checked: there are no secrets to check it with.
Source: Amazon S3 API Reference, "POST Policy" (sigv4-HTTPPOSTConstructPolicy).
"""

import base64
import binascii
import datetime
import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from moto.s3.responses import S3Response

from local.moto_corrections.patching import replace

UNCONDITIONAL_FIELDS = {"x-amz-signature", "signature", "awsaccesskeyid", "file", "policy"}
"""Form fields that need no condition, besides those that begin with x-ignore-."""


class Refused(Exception):
    """The upload does not meet its policy: HTTP status, S3 error code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def apply() -> None:
    """Check POST uploads before they are stored."""
    moto_post = S3Response._bucket_response_post

    def post(handler: S3Response, request: Any, bucket_name: str) -> Any:
        handler.path = handler._get_path(request)
        if handler.is_delete_keys():
            return moto_post(handler, request, bucket_name)
        try:
            check(handler.form_data, bucket_name, len(handler.body), datetime.datetime.now(datetime.UTC))
        except Refused as refusal:
            body = f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>"
            return refusal.status, {"Content-Type": "application/xml"}, body
        return moto_post(handler, request, bucket_name)

    replace(S3Response, "_bucket_response_post", post)


def check(form: Mapping[str, str], bucket: str, size: int, now: datetime.datetime) -> None:
    """Raise Refused unless the form meets its own policy.

    form: the fields besides the file; their names are compared without regard to case. size: bytes of the file.
    """
    fields = {name.lower(): value for name, value in form.items()}
    if "policy" not in fields or not fields.keys() & {"x-amz-signature", "signature"}:
        raise _denied("Access Denied")
    policy = _decoded(fields["policy"])
    if now >= datetime.datetime.fromisoformat(policy["expiration"]):
        raise _denied("Invalid according to Policy: Policy expired.")
    conditions = list(_conditions(policy["conditions"]))
    values = {**fields, "bucket": bucket}
    for kind, name, wanted in conditions:
        value = values.get(name, "")
        if not (value == wanted if kind == "eq" else value.startswith(wanted)):
            shown = json.dumps([kind, f"${name}", wanted])
            raise _denied(f"Invalid according to Policy: Policy Condition failed: {shown}")
    extra = fields.keys() - {name for _, name, _ in conditions} - UNCONDITIONAL_FIELDS
    extra = {name for name in extra if not name.startswith("x-ignore-")}
    if extra:
        raise _denied(f"Invalid according to Policy: Extra input fields: {', '.join(sorted(extra))}")
    for low, high in _size_ranges(policy["conditions"]):
        if size > high:
            raise Refused(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        if size < low:
            raise Refused(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")


def _denied(message: str) -> Refused:
    return Refused(403, "AccessDenied", message)


def _decoded(policy: str) -> dict[str, Any]:
    try:
        decoded = json.loads(base64.b64decode(policy))
        return {"expiration": decoded["expiration"], "conditions": decoded["conditions"]}
    except (binascii.Error, ValueError, KeyError, TypeError) as problem:
        raise Refused(400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON.") from problem


def _conditions(listed: list[Any]) -> Iterator[tuple[str, str, str]]:
    """The conditions on fields as (eq or starts-with, name of the field, value)."""
    for condition in listed:
        if isinstance(condition, dict):
            yield from (("eq", name.lower(), str(value)) for name, value in condition.items())
        elif condition[0] in ("eq", "starts-with"):
            yield condition[0], condition[1].removeprefix("$").lower(), str(condition[2])


def _size_ranges(listed: list[Any]) -> Iterator[tuple[int, int]]:
    for condition in listed:
        if isinstance(condition, list) and condition[0] == "content-length-range":
            yield int(condition[1]), int(condition[2])

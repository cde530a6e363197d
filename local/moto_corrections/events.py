"""Delivery of EventBridge events: which targets an event goes to is decided here, sending it is the caller's.

moto ignores that a rule is disabled, gives every S3 event the same id, leaves times as floats, and knows no Lambda or
Step Functions target.
"""

import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any

from moto.events.models import Rule

Deliver = Callable[[dict[str, Any], dict[str, Any]], None]
"""on_target(target, event): `target` as given to PutTargets (Id, Arn, Input, InputPath, InputTransformer, RetryPolicy,
DeadLetterConfig, ...), `event` as EventBridge hands it over (version, id, detail-type, source, account, time, region,
resources, detail; JSON types only)."""


def install(deliver: Deliver) -> None:
    """Call `deliver(target, event)` once per target of every enabled rule that an event matches; the last call wins.

    It holds for PutEvents on default and custom buses and for S3's events. `deliver` runs in the thread that serves the
    PutEvents or PutObject request: it hands the work to threads of its own and returns at once. Applying a target's
    Input, InputPath or InputTransformer is `deliver`'s work.
    """

    def send_to_targets(rule: Rule, original_event: dict[str, Any], transform_input: bool = True) -> None:
        # A rule without a pattern is a schedule: it matches no event (moto lets it match all).
        if rule.state != "ENABLED" or not rule.event_pattern.get_pattern():
            return
        event = as_delivered(original_event)
        if rule.event_pattern.matches_event(event):  # type: ignore[arg-type]
            for target in list(rule.targets):
                deliver(target, event)

    Rule.send_to_targets = send_to_targets  # type: ignore[method-assign, assignment]


def as_delivered(event: dict[str, Any]) -> dict[str, Any]:
    """The event as a target sees it: JSON types, an id of its own, the time as ISO 8601 in whole seconds, UTC."""
    copied: dict[str, Any] = json.loads(json.dumps(event, default=str))
    copied.pop("ingestion-time", None)
    copied.setdefault("id", str(uuid.uuid4()))
    if isinstance(copied.get("time"), int | float):
        moment = datetime.datetime.fromtimestamp(copied["time"], datetime.UTC)
        copied["time"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return copied

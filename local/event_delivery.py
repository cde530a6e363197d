"""Delivers events to the targets of EventBridge rules and schedules."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.background import Background

log = logging.getLogger(__name__)
AcceptEvent = Callable[[str, bytes], None]
"""accept(function_name, body): queue an event for a function."""


class UnknownTarget(Exception):
    """Nothing of this kind can be a target here."""


class EventDelivery:
    """Sends events to functions, queues, topics, state machines and buses in the background.

    A delivery that fails goes to the target's dead-letter queue; a function's own failure is no failure of delivery.
    """

    def __init__(self, client: Callable[[str], Any], accept: AcceptEvent, background: Background) -> None:
        self.client = client
        self.accept = accept
        self.background = background

    def deliver(self, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Send what the target wants of the event; returns at once."""
        self.background.submit(lambda: self.deliver_now(target, event))

    def deliver_now(self, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Send what the target wants of the event, and to the dead-letter queue if that is refused."""
        try:
            self.send(target["Arn"], target_input(target, event), {}, target)
        except (BotoCoreError, ClientError, UnknownTarget, KeyError, ValueError) as failed:
            log.warning("an event could not be delivered to %s: %s", target["Arn"], failed)
            dead_letter = target.get("DeadLetterConfig", {}).get("Arn")
            if dead_letter:
                attributes = {"TARGET_ARN": target["Arn"], "ERROR_MESSAGE": str(failed)[:256] or type(failed).__name__}
                self.send(dead_letter, json.dumps(event), attributes)

    def send(
        self, arn: str, text: str, attributes: Mapping[str, str], settings: Mapping[str, Any] | None = None
    ) -> None:
        """Put a message into a function's event queue, a queue, a topic, a state machine or a bus.

        settings: a target with SqsParameters. Raises UnknownTarget, and botocore's errors for what the service refuses.
        """
        service, name = arn.split(":")[2], arn.split(":")[-1]
        typed = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
        if service == "lambda":
            self.accept(arn.split(":function:")[1].split(":")[0], text.encode())
        elif service == "sqs":
            url = self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
            group = (settings or {}).get("SqsParameters", {}).get("MessageGroupId")
            extra = {"MessageGroupId": group} if group else {}
            self.client("sqs").send_message(QueueUrl=url, MessageBody=text, MessageAttributes=typed, **extra)
        elif service == "sns":
            self.client("sns").publish(TopicArn=arn, Message=text, MessageAttributes=typed)
        elif service == "states":
            self.client("stepfunctions").start_execution(stateMachineArn=arn, input=text)
        elif service == "events":
            self.client("events").put_events(Entries=[forwarded(json.loads(text), arn)])
        else:
            raise UnknownTarget(f"{arn} is no function, queue, topic, state machine or bus")


def forwarded(event: Mapping[str, Any], bus_arn: str) -> dict[str, Any]:
    """An event as an entry for another bus."""
    return {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event.get("resources", []),
        "EventBusName": bus_arn,
    }


def target_input(target: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """What a target receives: its constant Input, a part of the event, a text made of it, or the event itself."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(at_path(event, target["InputPath"]))
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        paths = transformer.get("InputPathsMap", {})
        values = {name: at_path(event, path) for name, path in paths.items()}
        return fill(transformer["InputTemplate"], {"aws.events.event.json": event, **values})
    return json.dumps(event)


def at_path(event: Any, path: str) -> Any:
    """The part of an event that a JSON path of EventBridge (`$.detail.items[0]`) names; None if it is not there."""
    for name, index in re.findall(r"\.([^.\[]+)|\[(\d+)\]", path):
        try:
            event = event[name] if name else event[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return event


def fill(template: str, values: Mapping[str, Any]) -> str:
    """An input template with every `<name>` replaced: as text inside a JSON string, as JSON elsewhere.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    filled, in_string = "", False
    for piece in re.split(r"(<[\w.\-]+>|\\.|\")", template):
        name = piece[1:-1]
        if piece.startswith("<") and name in values:
            value = values[name]
            whole = json.dumps(value)
            inner = whole[1:-1] if isinstance(value, str) else json.dumps(whole)[1:-1]
            filled += inner if in_string else whole
        else:
            in_string ^= piece == '"'
            filled += piece
    return filled

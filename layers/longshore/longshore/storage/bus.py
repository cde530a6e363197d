"""Messages on the EventBridge bus."""

import logging
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from longshore.messages import BUS_SOURCE, BusMessage
from longshore.storage.translate import translated

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

logger = logging.getLogger(__name__)


class EventBus:
    """ports.Bus."""

    def __init__(self, client: "EventBridgeClient", bus_name: str) -> None:
        self._client = client
        self._bus = bus_name

    def publish(self, message: BusMessage) -> None:
        """Tell it; a failure is logged and not raised.

        What the message tells has happened and is stored. Raising would make the caller repeat what is done, while the
        minute's Sweep finds every job that waits: a lost message costs a minute.
        """
        entry = {
            "Source": BUS_SOURCE,
            "DetailType": message.detail_type,
            "Detail": message.model_dump_json(exclude={"detail_type"}),
            "EventBusName": self._bus,
        }
        try:
            answer = self._client.put_events(Entries=[entry])  # type: ignore[list-item]
        except (ClientError, BotoCoreError) as error:
            logger.error("%s", translated(error, f"publish {message.detail_type} of job {message.job_id}"))
            return
        if answer["FailedEntryCount"]:
            failed = answer["Entries"][0]
            reason = f"{failed.get('ErrorCode')}: {failed.get('ErrorMessage')}"
            logger.error("could not publish %s of job %s: %s", message.detail_type, message.job_id, reason)

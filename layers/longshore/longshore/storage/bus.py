"""Messages on the EventBridge bus."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from longshore.messages import BUS_SOURCE, BusMessage
from longshore.observability import logger
from longshore.storage.translate import translated

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


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
            _log(message, str(translated(error, "put an event")))
            return
        if answer["FailedEntryCount"]:
            failed = answer["Entries"][0]
            _log(message, f"{failed.get('ErrorCode')}: {failed.get('ErrorMessage')}")


def _log(message: BusMessage, reason: str) -> None:
    logger.error(f"message {message.detail_type} was lost", job_id=message.job_id, reason=reason)

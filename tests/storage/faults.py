"""Faults between the SDK and the service, put in through botocore's public events: replies that are lost or altered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session


@contextmanager
def losing_the_first_reply(client: Any, operation: str) -> Iterator[None]:
    """Let the first request of an operation be carried out, then time out instead of answering."""
    sent = []

    def send(request: AWSRequest, **_: Any) -> None:
        if not sent:
            sent.append(URLLib3Session().send(request))
            raise ReadTimeoutError(endpoint_url=request.url)

    with _listening(client, f"before-send.{_service(client)}.{operation}", send):
        yield
    assert sent, f"{operation} was not called"


@contextmanager
def altering_replies(client: Any, operation: str, alter: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Let `alter` change the parsed replies of an operation."""

    def changed(parsed: dict[str, Any], **_: Any) -> None:
        alter(parsed)

    with _listening(client, f"after-call.{_service(client)}.{operation}", changed):
        yield


@contextmanager
def failing(client: Any, operation: str, error: Exception, times: int = 1_000) -> Iterator[list[int]]:
    """Raise an error instead of sending requests of an operation; gives a list as long as the errors raised."""
    raised: list[int] = []

    def send(**_: Any) -> None:
        if len(raised) < times:
            raised.append(1)
            raise error

    with _listening(client, f"before-send.{_service(client)}.{operation}", send):
        yield raised


@contextmanager
def _listening(client: Any, event: str, handler: Callable[..., None]) -> Iterator[None]:
    client.meta.events.register_first(event, handler)
    try:
        yield
    finally:
        client.meta.events.unregister(event, handler)


def _service(client: Any) -> str:
    return client.meta.service_model.service_id.hyphenize()

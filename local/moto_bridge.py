"""Leads moto's process-wide hooks to the embedded AWS that an invocation or an event belongs to."""

from collections.abc import Mapping
from typing import Any, Protocol

from local.lambda_answer import Answer, InvocationType
from local.moto_corrections import events, lambdas


class Owner(Protocol):
    """What an embedded AWS does with what moto hands over."""

    region: str

    def answer(self, name: str, body: bytes, kind: InvocationType, client_context: bytes | None) -> Answer:
        """Invoke a function; raises Throttled."""
        ...

    def deliver(self, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Deliver an event in the background."""
        ...


REGIONS = ("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1", "eu-south-1")

_by_function: dict[str, Owner] = {}
_by_region: dict[str, Owner] = {}


def free_region() -> str:
    """The first region without an owner in this process."""
    return next(region for region in REGIONS if region not in _by_region)


def refuse_taken(region: str) -> None:
    """Raise RuntimeError if the region has an owner.

    To be asked before anything is started there: what a start that fails undoes is the whole region's state.
    """
    if region in _by_region:
        raise RuntimeError(f"an embedded AWS of region {region} is already running in this process")


def connect(owner: Owner) -> None:
    """Hand events of the owner's region to it from now on."""
    _by_region[owner.region] = owner
    lambdas.install(_answer)
    events.install(_deliver)


def connect_function(name: str, owner: Owner) -> None:
    """Hand invocations of the function to the owner from now on."""
    _by_function[name] = owner


def disconnect(owner: Owner) -> None:
    """Hand nothing more to the owner."""
    if _by_region.get(owner.region) is owner:
        del _by_region[owner.region]
    for name in [name for name, known in _by_function.items() if known is owner]:
        del _by_function[name]


def _answer(name: str, body: bytes, kind: InvocationType, client_context: bytes | None) -> Answer:
    owner = _by_function.get(name)
    if owner is None:
        return Answer(b'{"errorType":"Runtime.ExitError","errorMessage":"the embedded AWS has stopped"}', "Unhandled")
    return owner.answer(name, body, kind, client_context)


def _deliver(target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    owner = _by_region.get(event["region"])
    if owner is not None:
        owner.deliver(target, event)

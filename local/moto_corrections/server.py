"""Finding the service of a request: moto lists its own package directory twice for each, a third of the time."""

from functools import lru_cache
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from local.moto_corrections.patching import replace


def apply() -> None:
    """Look up the service of each host once."""
    moto_lookup = DomainDispatcherApplication.get_backend_for_host

    @lru_cache(maxsize=1024)
    def backend_for_host(application: DomainDispatcherApplication, host: str | None) -> Any:
        return moto_lookup(application, host)

    replace(DomainDispatcherApplication, "get_backend_for_host", backend_for_host)

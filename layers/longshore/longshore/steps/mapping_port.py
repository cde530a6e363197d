"""What the steps need of confirmed mappings, implemented in storage/mappings.py."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from longshore.domain.templates.header_matching import Confirmation


class Mappings(Protocol):
    """What a tenant confirmed about the headers of a template's files; it outlives the template's versions."""

    def confirmed(self, tenant: str, template: str) -> "Mapping[str, Confirmation]":
        """Read what was confirmed, by normalised header, consistently."""

    def confirm(self, tenant: str, template: str, said: "Sequence[Confirmation]") -> "Mapping[str, Confirmation]":
        """Keep what is said now besides what was said of other headers; return all of it.

        The last word about a header counts. Raises InvalidRequest where there is no room for more.
        """

    def clear(self, tenant: str, template: str, header: str | None = None) -> int:
        """Forget a header, or all of them; return how many were known."""

"""Who asks: tenant, actor and role, read from the claims of a verified token and from nowhere else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from longshore.errors import NotAllowed

TENANT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
"""What a tenant may be called: its name is part of every key and path, so no separator can be in it."""


class Role(StrEnum):
    """What a caller may do; each role may do all that the one before it may."""

    VIEWER = "viewer"
    IMPORTER = "importer"
    ADMIN = "admin"


RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Caller:
    """A verified caller; `actor` is the token's `sub`."""

    tenant: str
    actor: str
    role: Role

    def must_be(self, least: Role, action: str) -> None:
        """Raise NotAllowed unless the caller's role is `least` or above."""
        if RANK[self.role] < RANK[least]:
            raise NotAllowed(f"the role {self.role} may not {action}: that takes a token with the role {least}")


def caller_from(claims: Mapping[str, object], tenant_claim: str, role_claim: str) -> Caller:
    """Read the caller from a token's claims; raise NotAllowed, naming the claim, where one is missing or unusable."""
    tenant, role, actor = claims.get(tenant_claim), claims.get(role_claim), claims.get("sub")
    if not isinstance(tenant, str) or not TENANT_NAME.fullmatch(tenant):
        raise NotAllowed(
            f"the token's claim {tenant_claim!r} must name the tenant: 1 to 63 letters, digits, - and _, "
            "beginning with a letter or digit"
        )
    if not isinstance(role, str) or role not in set(Role):
        raise NotAllowed(f"the token's claim {role_claim!r} must be one of: {', '.join(Role)}")
    if not isinstance(actor, str) or not actor:
        raise NotAllowed("the token's claim 'sub' must say who the caller is")
    return Caller(tenant, actor, Role(role))

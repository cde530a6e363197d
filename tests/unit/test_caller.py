"""The caller is what the claims of the token say; anything unusable in them is refused."""

import pytest

from longshore.errors import NotAllowed
from longshore.steps.caller import Caller, Role, caller_from

CLAIMS = {"sub": "ada", "tenant": "acme", "role": "importer", "custom:tenant": "other"}


def test_the_claims_name_tenant_actor_and_role() -> None:
    assert caller_from(CLAIMS, "tenant", "role") == Caller("acme", "ada", Role.IMPORTER)


def test_the_names_of_the_claims_are_settings() -> None:
    assert caller_from(CLAIMS, "custom:tenant", "role").tenant == "other"


@pytest.mark.parametrize("tenant", [None, "", "a/b", "a#b", "../x", "-a", "a b", "ä", "x" * 64, "acme\n", 7, ["acme"]])
def test_a_tenant_that_could_not_be_part_of_a_key(tenant: object) -> None:
    with pytest.raises(NotAllowed, match="claim 'tenant' must name the tenant"):
        caller_from({**CLAIMS, "tenant": tenant}, "tenant", "role")


@pytest.mark.parametrize("role", [None, "", "root", "Admin", "admin,viewer", 1, ["admin"]])
def test_an_unknown_role(role: object) -> None:
    with pytest.raises(NotAllowed, match="claim 'role' must be one of: viewer, importer, admin"):
        caller_from({**CLAIMS, "role": role}, "tenant", "role")


def test_nobody() -> None:
    with pytest.raises(NotAllowed, match="claim 'sub'"):
        caller_from({**CLAIMS, "sub": ""}, "tenant", "role")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("least", Role)
def test_each_role_may_do_what_the_one_before_may(role: Role, least: Role) -> None:
    order = [Role.VIEWER, Role.IMPORTER, Role.ADMIN]
    caller = Caller("acme", "ada", role)
    if order.index(role) >= order.index(least):
        caller.must_be(least, "do it")
    else:
        with pytest.raises(
            NotAllowed, match=f"the role {role} may not do it: that takes a token with the role {least}"
        ):
            caller.must_be(least, "do it")

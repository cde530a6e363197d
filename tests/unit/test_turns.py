"""When a job that waits for its turn tries again, and what the wait for it is called."""

import re

import hypothesis.strategies as st
import pytest
from hypothesis import given

from longshore.domain.grants import Refusal
from longshore.domain.turns import GRID, JITTER, SHORTEST_JITTER, delay, try_again, turn

NOW = 1_795_300_000_123
MS = st.integers(0, 4_000_000_000_000)
CALM = {"used": 1, "limit": 3}


@pytest.mark.parametrize(
    ("position", "used", "limit", "seconds"),
    [
        pytest.param(1, 1, 3, 5, id="the first of a queue"),
        pytest.param(4, 1, 3, 20, id="5 s for each place"),
        pytest.param(6, 1, 3, 30, id="as long as it gets"),
        pytest.param(900, 1, 3, 30, id="never longer"),
        pytest.param(1, 8, 10, 5, id="80 % is not above 80 %"),
        pytest.param(1, 9, 10, 20, id="crowded"),
        pytest.param(1, 3, 3, 20, id="full"),
        pytest.param(900, 3, 3, 45, id="full, and a long queue"),
        pytest.param(1, 0, 0, 20, id="a capacity of nothing"),
    ],
)
def test_the_delay_is_computed_from_place_and_use(position: int, used: int, limit: int, seconds: int) -> None:
    assert delay(position, used, limit) == 1000 * seconds


@given(position=st.integers(1, 10_000), used=st.integers(0, 99), limit=st.integers(0, 99))
def test_the_delay_has_bounds_and_grows_with_the_place(position: int, used: int, limit: int) -> None:
    assert 5_000 <= delay(position, used, limit) <= 45_000
    assert delay(position, used, limit) <= delay(position + 1, used, limit)
    assert delay(position, used, limit) <= delay(position, used + 1, limit)


def test_nobody_asks_again_before_a_holder_could_be_gone() -> None:
    in_a_quarter = NOW + 900_000
    assert try_again(Refusal("lock", "lease", in_a_quarter), 1, **CALM, now=NOW) == in_a_quarter


def test_a_holder_that_is_almost_gone_is_not_asked_after_at_once() -> None:
    assert try_again(Refusal("lock", "lease", NOW + 1), 2, **CALM, now=NOW) == NOW + 10_000


@given(tenant=st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z"), at=MS, jitter=st.floats(0, 1))
def test_a_wait_ends_after_its_time_and_its_name_is_one_that_step_functions_takes(tenant, at, jitter) -> None:
    now = at - 20_000
    found = turn(tenant, at, now, jitter)
    waited = found.wait.total_seconds() * 1000
    assert SHORTEST_JITTER <= now + waited - at <= GRID + SHORTEST_JITTER + JITTER
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", found.name)


@given(at=MS, sooner=st.integers(0, 900_000), jitters=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_two_that_wait_for_the_same_are_one_wait(at: int, sooner: int, jitters: tuple[float, float]) -> None:
    """Dispatches of one tenant, minutes apart, refused by the same lease."""
    first, second = (
        turn("acme", at, at - before, jitter) for before, jitter in zip((900_000, sooner), jitters, strict=True)
    )
    assert first.name == second.name


@given(at=MS, jitter=st.floats(0, 1), position=st.integers(1, 99), late=st.integers(0, 60_000))
def test_whoever_has_waited_can_wait_again(at: int, jitter: float, position: int, late: int) -> None:
    """Names stay taken for 90 days: what is asked for at the end of a wait must have another."""
    begun = at - 20_000
    first = turn("acme", at, begun, jitter)
    now = begun + int(first.wait.total_seconds() * 1000) + late
    again = try_again(Refusal("slot", "lease", at), position, **CALM, now=now)
    assert turn("acme", again, now, jitter).name != first.name


def test_tenants_have_waits_of_their_own() -> None:
    assert turn("acme", NOW, NOW, 0).name != turn("blue", NOW, NOW, 0).name

"""How much alike headers are: the same for a person, perhaps the same, or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.templates.header_matching import PLAUSIBLE
from longshore.domain.templates.header_similarity import CONTAINED, SURE, UNSURE, similarity, words_of

HEADERS = st.text(max_size=40) | st.lists(
    st.sampled_from(["e", "mail", "email", "name", "first", "1", "2", "-", "é"])
).map(" ".join)


def score(one: str, other: str) -> float:
    return similarity(words_of(one), words_of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Prenom", "Prénom"),
        ("Date from", "from_date"),
        ("Umsatz (EUR)", "umsatz_eur"),
        ("customerName", "Customer name"),
        ("Name*", "name"),
        ("E-mail:", "email"),
        ("Straße", "STRASSE"),
    ],
)
def test_the_same_words_are_the_same_header(one: str, other: str) -> None:
    assert score(one, other) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("Kundennumer", "Kundennummer"), ("Custommer name", "customer_name"), ("Quantitiy", "quantity")],
)
def test_a_slip_in_a_long_word_is_sure(one: str, other: str) -> None:
    assert SURE <= score(one, other) < 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("county", "country"),
        ("shipping_address_county", "shipping_address_country"),
        ("inactive since", "active since"),
        ("not valid after", "valid after"),
        ("phone 2", "phone"),
        ("E-mail adr.", "email"),
        ("Name", "first_name"),
        ("emial", "email"),
        ("Popul.", "population"),
        ("Cust no", "customer_nos"),
    ],
)
def test_what_may_be_another_thing_is_plausible_and_never_sure(one: str, other: str) -> None:
    assert PLAUSIBLE <= score(one, other) <= UNSURE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("start_date", "end_date"),
        ("first_name", "last_name"),
        ("valid_from", "valid_to"),
        ("address 1", "address 2"),
        ("price_eur", "price_usd"),
        ("Umsatz 2019", "Umsatz 2020"),
        ("कि", "के"),
        ("2019", "2020"),
        ("", "name"),
        ("a", "a b"),
    ],
)
def test_opposites_and_other_numbers_are_not_even_plausible(one: str, other: str) -> None:
    assert score(one, other) < PLAUSIBLE


def test_words_that_stand_together_are_found_in_more_words() -> None:
    assert score("mail address", "customer e-mail address") == CONTAINED
    assert score("customer address", "customer e-mail address") != CONTAINED


@given(HEADERS, HEADERS)
def test_neither_header_comes_first(one: str, other: str) -> None:
    assert score(one, other) == score(other, one)
    assert 0 <= score(one, other) <= 1


@given(HEADERS)
def test_a_header_is_like_itself(header: str) -> None:
    assert score(header, header) == (1 if words_of(header).words else 0)

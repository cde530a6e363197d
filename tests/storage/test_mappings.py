"""Confirmed mappings: what several people say at once is all kept, the last word about a header counts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from longshore.domain.templates.header_matching import Confirmation
from longshore.errors import InvalidRequest
from longshore.storage import clients, mappings
from longshore.storage.catalog import TemplateStore
from longshore.storage.mappings import MappingStore
from tests.storage.jobs_made import NOW
from tests.storage.test_catalog import a_template


@pytest.fixture
def store(stores) -> MappingStore:
    return MappingStore(clients.dynamodb(), stores.catalog)


def said(header: str, field: str | None, actor: str = "anna", seconds: int = 0) -> Confirmation:
    return Confirmation(header, field, actor, NOW + timedelta(seconds=seconds))


def test_nothing_is_confirmed_at_first(store, tenant):
    assert store.confirmed(tenant, "country") == {}
    assert store.clear(tenant, "country") == 0


def test_what_was_said_comes_back_by_normalised_header(store, tenant):
    mail, notes = said("E-Mail Adr.", "email"), said("Notes", None)
    after = store.confirm(tenant, "country", [mail, notes])
    assert store.confirmed(tenant, "country") == after == {"emailadr.": mail, "notes": notes}


def test_what_is_said_later_is_added_and_the_last_word_counts(store, tenant):
    store.confirm(tenant, "country", [said("A", "x"), said("B", "y")])
    changed = said("b", None, "berta", 60)
    assert store.confirm(tenant, "country", [changed, said("C", "z")])["b"] == changed
    assert {form: one.field for form, one in store.confirmed(tenant, "country").items()} == {
        "a": "x",
        "b": None,
        "c": "z",
    }


def test_the_same_again_changes_nothing_not_even_who_said_it(store, tenant):
    first = store.confirm(tenant, "country", [said("A", "x")])
    assert store.confirm(tenant, "country", [said("a", "x", "berta", 60)]) == first
    assert store.confirmed(tenant, "country") == first


def test_one_header_or_all_are_forgotten(store, tenant):
    store.confirm(tenant, "country", [said(header, "x") for header in "ABC"])
    assert store.clear(tenant, "country", "b") == 1
    assert store.clear(tenant, "country", "b") == 0
    assert set(store.confirmed(tenant, "country")) == {"a", "c"}
    assert store.clear(tenant, "country") == 2
    assert store.confirmed(tenant, "country") == {}


def test_tenants_and_templates_are_kept_apart(store, tenant):
    store.confirm(tenant, "country", [said("A", "x")])
    assert store.confirmed(f"{tenant}x", "country") == {}
    assert store.confirmed(tenant, "city") == {}


def test_a_mapping_is_no_template_and_outlives_versions(store, stores, tenant):
    catalog = TemplateStore(clients.dynamodb(), stores.catalog)
    catalog.put(tenant, a_template(title="one"), "anna", NOW)
    store.confirm(tenant, "country", [said("A", "code")])
    assert catalog.put(tenant, a_template(title="two"), "anna", NOW) == 2
    assert catalog.names(tenant) == [("country", 2, "two")]
    assert set(store.confirmed(tenant, "country")) == {"a"}


def test_what_many_people_say_at_once_is_all_kept(store, tenant):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: store.confirm(tenant, "country", [said(f"H{n}", "x")]), range(8)))
    assert set(store.confirmed(tenant, "country")) == {f"h{n}" for n in range(8)}


def test_more_than_there_is_room_for_is_refused_and_nothing_is_lost(store, tenant, monkeypatch):
    monkeypatch.setattr(mappings, "MOST_BYTES", 1000)
    store.confirm(tenant, "country", [said(f"H{n}", "x") for n in range(7)])
    with pytest.raises(InvalidRequest, match="clear some first"):
        store.confirm(tenant, "country", [said("ü" * 100, "x")])
    assert len(store.confirmed(tenant, "country")) == 7

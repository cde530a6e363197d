"""Templates: a version is written once and never changes, one is current."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from longshore.domain.templates.template import Template, parse_template
from longshore.errors import TemplateNotFound
from longshore.storage import clients
from longshore.storage.catalog import TemplateStore
from tests.storage.jobs_made import NOW


@pytest.fixture
def catalog(stores) -> TemplateStore:
    return TemplateStore(clients.dynamodb(), stores.catalog)


def a_template(name: str = "country", title: str = "Länder", **more: object) -> Template:
    fields = [{"name": "code", "required": True}, {"name": "name", "max_length": 80}]
    document = {"name": name, "title": title, "record_type": "country", "key": ["code"], "fields": fields}
    return parse_template(document | more)


def test_versions_count_up_and_stay(catalog, tenant):
    assert catalog.put(tenant, a_template(title="one"), "anna", NOW) == 1
    assert catalog.put(tenant, a_template(title="two"), "anna", NOW) == 2
    assert catalog.get(tenant, "country") == (a_template(title="two"), 2)
    assert catalog.get(tenant, "country", 1) == (a_template(title="one"), 1)


def test_an_equal_document_is_the_same_version_however_it_is_written(catalog, tenant):
    catalog.put(tenant, a_template(), "anna", NOW)
    assert catalog.put(tenant, a_template(mode="upsert", unknown_columns="reject"), "berta", NOW) == 1
    assert catalog.names(tenant) == [("country", 1, "Länder")]


def test_going_back_to_an_earlier_document_is_a_new_version(catalog, tenant):
    for title in ("one", "two", "one"):
        number = catalog.put(tenant, a_template(title=title), "anna", NOW)
    assert number == 3


def test_names_are_listed_in_order_for_one_tenant(catalog, tenant):
    for name in ("region", "country"):
        catalog.put(tenant, a_template(name, title=name.title()), "anna", NOW)
    catalog.put(f"{tenant}x", a_template("city"), "anna", NOW)
    assert catalog.names(tenant) == [("country", 1, "Country"), ("region", 1, "Region")]


@pytest.mark.parametrize(("name", "version"), [("region", 0), ("country", 7), ("region", 1)])
def test_what_is_not_there_is_named(catalog, tenant, name, version):
    catalog.put(tenant, a_template(), "anna", NOW)
    with pytest.raises(TemplateNotFound, match=name):
        catalog.get(tenant, name, version)


def test_templates_put_at_once_all_get_a_number_of_their_own(catalog, tenant):
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda n: catalog.put(tenant, a_template(title=f"t{n}"), "anna", NOW), range(4)))
    assert sorted(numbers) == [1, 2, 3, 4]
    assert all(catalog.get(tenant, "country", n)[0].title == f"t{i}" for i, n in enumerate(numbers))

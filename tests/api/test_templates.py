"""Templates are stored as immutable versions, and read back as they were."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

Ask = Callable[..., requests.Response]

CITY: dict[str, Any] = {
    "name": "city",
    "title": "Cities",
    "record_type": "city",
    "key": ["code"],
    "fields": [{"name": "code", "required": True, "max_length": 3}, {"name": "population", "type": "integer"}],
}


def test_a_template_comes_back_as_it_was(ask: Ask) -> None:
    answer = ask("GET", "/templates/city", "viewer").json()
    assert (answer["name"], answer["version"]) == ("city", 1)
    assert {name: answer["template"][name] for name in CITY} == CITY
    assert ask("PUT", "/templates/city", json=answer["template"]).json()["created"] is False


def test_an_equal_document_makes_no_version_and_a_changed_one_does(ask: Ask) -> None:
    assert ask("PUT", "/templates/city", json=CITY).json() == {"name": "city", "version": 1, "created": False}
    changed = {**CITY, "title": "Towns"}
    assert ask("PUT", "/templates/city", json=changed).json() == {"name": "city", "version": 2, "created": True}
    assert ask("GET", "/templates/city").json()["template"]["title"] == "Towns"
    assert ask("GET", "/templates/city?version=1").json()["template"]["title"] == "Cities"


def test_the_list_names_the_current_versions(ask: Ask) -> None:
    ask("PUT", "/templates/city", json={**CITY, "title": "Towns"})
    ask("PUT", "/templates/a", json={**CITY, "name": "a"})
    assert ask("GET", "/templates").json() == {
        "templates": [{"name": "a", "version": 1, "title": "Cities"}, {"name": "city", "version": 2, "title": "Towns"}]
    }


@pytest.mark.parametrize("path", ["/templates/nowhere", "/templates/city?version=2", "/templates/No%20Name"])
def test_an_unknown_template(ask: Ask, path: str) -> None:
    answer = ask("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (404, "TemplateNotFound")


@pytest.mark.parametrize("version", ["0", "-1", "x", "1.0"])
def test_a_version_that_cannot_be(ask: Ask, version: str) -> None:
    assert ask("GET", f"/templates/city?version={version}").status_code == 400


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"key": ["nowhere"]}, "nowhere"),
        ({"fields": []}, "fields"),
        ({"colour": "red"}, "colour"),
        ({"fields": [{"name": "code", "required": True, "pattern": "(?=x)"}]}, "not RE2 syntax"),
    ],
)
def test_a_document_that_breaks_its_rules(ask: Ask, change: dict[str, Any], says: str) -> None:
    answer = ask("PUT", "/templates/city", json={**CITY, **change})
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidTemplate")
    assert says in answer.json()["message"]
    assert ask("GET", "/templates/city").json()["version"] == 1


def test_the_path_and_the_document_name_the_same_template(ask: Ask) -> None:
    answer = ask("PUT", "/templates/town", json=CITY)
    assert answer.status_code == 400
    assert answer.json()["message"] == "the path names the template 'town', but its document is named 'city'"


def test_a_reserved_name_is_refused(ask: Ask) -> None:
    answer = ask("PUT", "/templates/jobs", json={**CITY, "name": "jobs"})
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidTemplate")

"""Questions about columns through the real API: who may answer, what is refused, and what is kept."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from local.embedded_aws import EmbeddedAws

Ask = Callable[..., requests.Response]

UNCLEAR = b"code,Popul.\nBRN,130000\nZRH,420000\n"
ANSWER = {"answers": [{"header": "Popul.", "field": "population"}]}


@pytest.fixture
def asking(ask: Ask, aws: EmbeddedAws) -> str:
    """A job that asks what a column is."""
    created = ask("POST", "/imports", json={"template": "city", "file_name": "c.csv"}).json()
    link = created["upload"]
    assert requests.post(link["url"], data=link["fields"], files={"file": UNCLEAR}, timeout=60).ok
    aws.idle(60)
    return str(created["job_id"])


def problem(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_import_asks_goes_on_with_the_answer_and_asks_no_more(ask: Ask, aws: EmbeddedAws, asking: str) -> None:
    job = ask("GET", f"/imports/{asking}", "viewer").json()
    assert (job["status"], job["questions"], job["counts"]["unprocessed"]) == ("VALIDATED", 1, 2)
    (question,) = job["parts"][0]["questions"]
    assert (question["position"], question["header"]) == (2, "Popul.")
    assert [candidate["field"] for candidate in question["candidates"]] == ["population"]
    refused = ask("POST", f"/imports/{asking}/start", "importer")
    assert problem(refused) == (409, "TransitionRefused")
    assert f"longshore answer {asking}" in refused.json()["message"]
    answered = ask("POST", f"/imports/{asking}/answers", "importer", json=ANSWER)
    assert (answered.status_code, answered.json()["status"], answered.json()["open_questions"]) == (
        200,
        "VALIDATING",
        [],
    )
    aws.idle(120)
    job = ask("GET", f"/imports/{asking}").json()
    assert (job["status"], job["counts"]["created"], job["questions"]) == ("COMPLETED", 2, 0)
    assert [(c["field"], c["reason"]) for c in job["parts"][0]["plan"]["columns"]] == [
        ("code", "exact"),
        ("population", "confirmed"),
    ]
    assert ask("POST", f"/imports/{asking}/answers", "importer", json=ANSWER).json()["status"] == "COMPLETED"
    history = ask("GET", f"/imports/{asking}/events").json()["events"]
    assert [e["new"] for e in history if e["old"] == "VALIDATED"] == ["VALIDATING"]


@pytest.mark.parametrize(
    "body",
    [
        {"answers": [{"header": "Colour", "field": None}]},
        {"answers": [{"header": "Popul.", "field": "colour"}]},
        {"answers": [{"header": "Popul.", "field": "code"}]},
        {"answers": [{"header": "Popul.", "field": None, "part": 1}]},
        {"answers": [{"header": "Popul."}]},
        {"answer": []},
        [],
    ],
)
def test_what_is_no_answer(ask: Ask, asking: str, body: Any) -> None:
    assert problem(ask("POST", f"/imports/{asking}/answers", json=body)) == (400, "InvalidRequest")
    assert ask("GET", f"/imports/{asking}").json()["questions"] == 1


def test_a_job_that_asks_nothing_takes_no_answer(ask: Ask, job_id: str) -> None:
    assert problem(ask("POST", f"/imports/{job_id}/answers", json=ANSWER)) == (409, "TransitionRefused")


def test_a_mapping_is_said_shown_and_forgotten(ask: Ask) -> None:
    said = {"columns": {"Einw.": "population", "Notes": None}}
    stored = ask("PUT", "/templates/city/mapping", "importer", json=said)
    assert stored.status_code == 200
    assert [(c["header"], c["field"]) for c in stored.json()["columns"]] == [("Einw.", "population"), ("Notes", None)]
    assert ask("GET", "/templates/city/mapping", "viewer").json() == stored.json()
    assert ask("DELETE", "/templates/city/mapping", params={"header": "einw."}).json()["cleared"] == 1
    assert [c["header"] for c in ask("GET", "/templates/city/mapping").json()["columns"]] == ["Notes"]
    assert ask("DELETE", "/templates/city/mapping").json() == {"template": "city", "cleared": 1}


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"Einw.": "people"}, "template city has no field 'people'"),
        ({"code": "population"}, "is a header of the template itself"),
        ({" ": None}, "must be a header of 1 to 200 characters"),
        ({"Einw.": None, "EINW.": "population"}, "twice"),
        ({}, "columns: "),
    ],
)
def test_a_mapping_that_cannot_be(ask: Ask, columns: dict[str, Any], says: str) -> None:
    answer = ask("PUT", "/templates/city/mapping", json={"columns": columns})
    assert problem(answer) == (400, "InvalidRequest")
    assert says in answer.json()["message"]
    assert ask("GET", "/templates/city/mapping").json()["columns"] == []


def test_who_may_say_and_who_may_clear(ask: Ask, new_tenant: Callable[[], Ask]) -> None:
    said = {"columns": {"Notes": None}}
    assert problem(ask("PUT", "/templates/city/mapping", "viewer", json=said)) == (403, "NotAllowed")
    assert problem(ask("DELETE", "/templates/city/mapping", "importer")) == (403, "NotAllowed")
    assert ask("PUT", "/templates/city/mapping", "importer", json=said).ok
    assert problem(new_tenant()("GET", "/templates/city/mapping")) == (404, "TemplateNotFound")

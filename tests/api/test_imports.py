"""Creating, showing, listing and cancelling imports."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from local.embedded_aws import EmbeddedAws

Ask = Callable[..., requests.Response]

BODY: dict[str, Any] = {"template": "city", "file_name": "c.csv"}
NO_ROWS = dict.fromkeys(
    ["rows", "loaded", "created", "updated", "deleted", "unchanged", "rejected", "held", "unprocessed"], 0
)


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def upload(created: dict[str, Any], content: bytes) -> requests.Response:
    link = created["upload"]
    return requests.post(link["url"], data=link["fields"], files={"file": content}, timeout=60)


def test_a_new_import_waits_for_its_file(ask: Ask) -> None:
    answer = ask("POST", "/imports", "importer", json={**BODY, "priority": 9, "force": True})
    created = answer.json()
    assert (answer.status_code, created["status"]) == (201, "AWAITING_UPLOAD")
    assert created["upload"]["url"].startswith("http")
    assert created["upload"]["fields"]["key"].endswith(f"/jobs/{created['job_id']}/c.csv")
    assert created["upload"]["max_bytes"] > 0
    job = ask("GET", f"/imports/{created['job_id']}").json()
    expected = {"status": "AWAITING_UPLOAD", "file_name": "c.csv", "template": "city", "priority": 9, "force": True}
    assert {name: job[name] for name in expected} == expected
    assert (job["counts"], job["parts"], job["report"], job["reason"], job["run"]) == (NO_ROWS, [], None, None, 0)


def test_the_uploaded_file_is_read_and_its_bad_rows_are_listed(ask: Ask, aws: EmbeddedAws) -> None:
    created = ask("POST", "/imports", json=BODY).json()
    assert upload(created, b"code,population\nBRN,1\nTOOLONG,2\nZRH,many\nGVA,4\n").ok
    aws.idle(120)
    job = ask("GET", f"/imports/{created['job_id']}").json()
    # Half of the rows are bad, which is more than the template's 10 %: nothing is loaded, each row is accounted for.
    assert job["status"] == "REJECTED"
    assert (job["counts"]["rows"], job["counts"]["rejected"], job["counts"]["unprocessed"]) == (4, 2, 2)
    errors = ask("GET", f"/imports/{created['job_id']}/errors").json()
    assert [(e["line"], e["column"], e["field"], e["raw_data"]) for e in errors["errors"]] == [
        (3, 1, "code", "TOOLONG,2"),
        (4, 2, "population", "ZRH,many"),
    ]
    assert job["report"]["rejected_sample"] == errors["errors"]
    first = ask("GET", f"/imports/{created['job_id']}/errors?limit=1").json()
    second = ask("GET", f"/imports/{created['job_id']}/errors", params={"limit": 1, "cursor": first["cursor"]}).json()
    assert [*first["errors"], *second["errors"]] == errors["errors"]
    assert second["cursor"] == ""


def test_the_history_tells_what_happened(ask: Ask, job_id: str) -> None:
    ask("POST", f"/imports/{job_id}/cancel", "importer")
    events = ask("GET", f"/imports/{job_id}/events", "viewer").json()["events"]
    assert [(e["old"], e["new"], e["actor"][:8]) for e in events] == [
        (None, "AWAITING_UPLOAD", "admin@t-"),
        ("AWAITING_UPLOAD", "CANCELLED", "importer"),
    ]
    assert [e["version"] for e in events] == [1, 2]


def test_the_same_key_and_body_is_the_same_job_with_a_fresh_link(ask: Ask) -> None:
    answers = [ask("POST", "/imports", json=BODY, headers=keyed("k1")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = (answer.json() for answer in answers)
    assert first["job_id"] == second["job_id"]
    assert second["upload"]["fields"]["key"] == first["upload"]["fields"]["key"]
    assert len(ask("GET", "/imports").json()["jobs"]) == 1


def test_the_same_request_many_times_at_once_is_one_job(ask: Ask) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask("POST", "/imports", json=BODY, headers=keyed("k")), range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["job_id"] for answer in answers}) == 1


def test_the_same_key_with_another_body_is_refused(ask: Ask) -> None:
    first = ask("POST", "/imports", json=BODY, headers=keyed("k1")).json()
    answer = ask("POST", "/imports", json={**BODY, "force": True}, headers=keyed("k1"))
    assert (answer.status_code, answer.json()["code"]) == (422, "IdempotencyMismatch")
    assert first["job_id"] in answer.json()["message"]


def test_a_repeated_request_after_the_end_offers_no_link(ask: Ask) -> None:
    first = ask("POST", "/imports", json=BODY, headers=keyed("k1")).json()
    ask("POST", f"/imports/{first['job_id']}/cancel")
    again = ask("POST", "/imports", json=BODY, headers=keyed("k1")).json()
    assert again == {"job_id": first["job_id"], "status": "CANCELLED", "upload": None}


def test_a_key_of_one_tenant_is_nothing_to_another(ask: Ask, new_tenant: Callable[[], Ask]) -> None:
    document = ask("GET", "/templates/city").json()["template"]
    other = new_tenant()
    other("PUT", "/templates/city", json=document)
    jobs = {tenant("POST", "/imports", json=BODY, headers=keyed("k")).json()["job_id"] for tenant in (ask, other)}
    assert len(jobs) == 2


def test_without_a_key_each_request_is_a_job(ask: Ask) -> None:
    assert len({ask("POST", "/imports", json=BODY).json()["job_id"] for _ in range(2)}) == 2


def test_lists_are_newest_first_and_come_in_pages(ask: Ask) -> None:
    made = [ask("POST", "/imports", json=BODY).json()["job_id"] for _ in range(5)]
    ask("POST", f"/imports/{made[1]}/cancel")
    seen, cursor = list[str](), ""
    while True:
        page = ask("GET", "/imports", params={"limit": 2, "cursor": cursor}).json()
        seen += [job["job_id"] for job in page["jobs"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert seen == made[::-1]
    only = ask("GET", "/imports?status=CANCELLED").json()["jobs"]
    assert [job["job_id"] for job in only] == [made[1]]


def test_cancelling_what_waits_is_done_at_once(ask: Ask, job_id: str) -> None:
    answer = ask("POST", f"/imports/{job_id}/cancel")
    job = answer.json()
    assert (answer.status_code, job["status"], job["reason"]["code"]) == (200, "CANCELLED", "CANCELLED")
    again = ask("POST", f"/imports/{job_id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "TransitionRefused")
    assert again.json()["message"] == f"job {job_id} is CANCELLED already; there is nothing left to cancel"


def test_a_file_for_a_cancelled_job_is_left_alone(ask: Ask, aws: EmbeddedAws) -> None:
    created = ask("POST", "/imports", json=BODY).json()
    ask("POST", f"/imports/{created['job_id']}/cancel")
    assert upload(created, b"code,population\nBRN,1\n").ok
    aws.idle(60)
    assert ask("GET", f"/imports/{created['job_id']}").json()["status"] == "CANCELLED"


@pytest.mark.parametrize("job_id", ["j1", "j" + "0" * 24, "..%2f..", "%23", "j1%0a"])
def test_an_unknown_job(ask: Ask, job_id: str) -> None:
    for method, path in [("GET", ""), ("GET", "/errors"), ("GET", "/events"), ("POST", "/cancel"), ("POST", "/retry")]:
        assert ask(method, f"/imports/{job_id}{path}").status_code == 404

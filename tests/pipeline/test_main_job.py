"""The way of the data, through the real template, state machine and handlers: a file becomes records."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tenants import PERSON, Tenant, as_csv, data_of, object_created, people


def test_a_dropped_file_becomes_records(tenant: Tenant) -> None:
    job = tenant.ended(tenant.drop("person", as_csv(people(25))))
    assert job["status"] == "COMPLETED"
    assert job["counts"]["loaded"] == job["counts"]["created"] == job["counts"]["rows"] == 25
    items = tenant.items()
    assert len(items) == 25
    assert data_of(items["person#p7"]) == {"id": "p7", "name": "Person Ñ7", "age": 7, "email": "p7@example.com"}


def test_a_file_posted_to_the_link_of_an_import_becomes_records(tenant: Tenant) -> None:
    created = tenant.create("person")
    assert tenant.upload(created, as_csv(people(3))).status_code in (200, 204)
    job = tenant.ended(created["job_id"])
    assert (job["status"], job["counts"]["loaded"]) == ("COMPLETED", 3)


def test_the_same_file_again_is_refused_naming_the_first_job(tenant: Tenant) -> None:
    content = as_csv(people(5))
    first = tenant.ended(tenant.drop("person", content))
    again = tenant.ended(tenant.drop("person", content, "renamed.csv"))
    assert again["status"] == "REJECTED"
    assert again["reason"]["code"] == "DUPLICATE_FILE"
    assert first["job_id"] in again["reason"]["message"]
    assert again["counts"]["unprocessed"] == 5


def test_forced_again_it_writes_no_record(tenant: Tenant) -> None:
    content = as_csv(people(5))
    tenant.ended(tenant.drop("person", content))
    before = tenant.items()
    created = tenant.create("person", force=True)
    tenant.upload(created, content)
    job = tenant.ended(created["job_id"])
    assert (job["status"], job["counts"]["unchanged"]) == ("COMPLETED", 5)
    assert tenant.items() == before


def test_a_changed_file_writes_what_changed_and_nothing_else(tenant: Tenant) -> None:
    rows = people(30)
    tenant.ended(tenant.drop("person", as_csv(rows)))
    before = tenant.items()
    rows[3]["name"], rows[10]["age"], rows[20]["email"] = "Somebody", 3, ""
    job = tenant.ended(tenant.drop("person", as_csv([*rows, *people(1, first=31)])))
    counts = job["counts"]
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (1, 3, 27)
    after = tenant.items()
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {"person#p4", "person#p11", "person#p21", "person#p31"}
    assert "email" not in data_of(after["person#p21"]), "a blank cell clears the field"


def test_an_absent_column_leaves_the_field_untouched(tenant: Tenant) -> None:
    tenant.ended(tenant.drop("person", as_csv(people(2))))
    job = tenant.ended(tenant.drop("person", b"id,name\np1,Ann\np2,Person \xc3\x912\n"))
    assert (job["counts"]["updated"], job["counts"]["unchanged"]) == (1, 1)
    assert data_of(tenant.items()["person#p1"]) == {"id": "p1", "name": "Ann", "age": 1, "email": "p1@example.com"}


def test_broken_rows_are_listed_and_the_good_ones_load(tenant: Tenant) -> None:
    good = as_csv(people(40)).decode()
    broken = good + "p41,,5,p41@example.com\np42,Bob,old,nowhere\np1,Again,1,a@b\np43,Eve\n"
    job = tenant.ended(tenant.drop("person", broken.encode()))
    assert job["status"] == "COMPLETED_WITH_ERRORS"
    assert (job["counts"]["loaded"], job["counts"]["rejected"], job["counts"]["rows"]) == (40, 4, 44)
    found = {(e["row"], e["line"], e["column"], e["field"], e["code"]) for e in tenant.errors(job["job_id"])}
    assert found >= {
        (41, 42, 2, "name", "REQUIRED"),
        (42, 43, 3, "age", "NOT_AN_INTEGER"),
        (42, 43, 4, "email", "PATTERN_MISMATCH"),
    }
    by_row = {e["row"]: e for e in tenant.errors(job["job_id"])}
    assert by_row[43]["error_type"] == "duplicate"
    assert by_row[44]["code"] == "TOO_FEW_CELLS"
    assert by_row[42]["raw_data"].rstrip("\n") == "p42,Bob,old,nowhere"


def test_insert_refuses_what_exists_and_says_where_it_stands(tenant: Tenant) -> None:
    tenant.ended(tenant.drop("person", as_csv(people(3))))
    created = tenant.create("person", mode="insert")
    tenant.upload(created, as_csv(people(4, first=2)))
    job = tenant.ended(created["job_id"])
    assert job["status"] == "COMPLETED_WITH_ERRORS"
    assert (job["counts"]["created"], job["counts"]["rejected"]) == (2, 2)
    errors = tenant.errors(job["job_id"])
    assert [(e["row"], e["line"], e["code"]) for e in errors] == [(1, 2, "RECORD_EXISTS"), (2, 3, "RECORD_EXISTS")]
    assert errors[0]["raw_data"].startswith("p2,")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"id,name\n", "HEADER_ONLY"),
        (b"id,name,shoe size\np1,Ann,40\n", "UNKNOWN_COLUMN"),
        (b"name\nAnn\n", "MISSING_COLUMN"),
        (b"id,name\np1,Ann\xff\n", "WRONG_ENCODING"),
        (b"PK\x03\x04\x00\x00\x00\x00", "DAMAGED_ARCHIVE"),
        (b"id,name\np1,\np2,Ann\n", "TOO_MANY_REJECTED"),
    ],
)
def test_a_file_that_cannot_be_read_as_the_template_says_loads_nothing(
    tenant: Tenant, content: bytes, code: str
) -> None:
    job = tenant.ended(tenant.drop("person", content))
    assert (job["status"], job["reason"]["code"]) == ("REJECTED", code)
    assert "\n" not in job["reason"]["message"]
    assert tenant.items() == {}
    assert tenant.executions(job["job_id"]) == []


def test_a_file_for_an_unknown_template_is_refused(tenant: Tenant) -> None:
    job = tenant.ended(tenant.drop("nothing", b"id\n1\n"))
    assert (job["status"], job["reason"]["code"]) == ("REJECTED", "TEMPLATE_NOT_FOUND")


def test_an_import_that_waits_for_a_start_writes_nothing_before_it(tenant: Tenant) -> None:
    tenant.push({**PERSON, "name": "later", "auto_start": False})
    job = tenant.ended(tenant.drop("later", as_csv(people(2))))
    assert (job["status"], job["counts"]["unprocessed"]) == ("VALIDATED", 2)
    assert tenant.items() == {}
    started = tenant.call("POST", f"/imports/{job['job_id']}/start")
    assert (started.status_code, started.json()["status"]) == (200, "QUEUED")
    done = tenant.ended(job["job_id"])
    assert (done["status"], done["counts"]["created"]) == ("COMPLETED", 2)
    assert tenant.call("POST", f"/imports/{job['job_id']}/start").status_code == 409


def test_one_event_delivered_three_times_at_once_makes_one_job_and_one_execution(tenant: Tenant) -> None:
    content = as_csv(people(10))
    bucket, key = tenant.aws.outputs["UploadsBucket"], f"{tenant.name}/person/file.csv"
    job_id = tenant.drop("person", content)
    version = tenant.aws.client("s3").list_object_versions(Bucket=bucket, Prefix=key)["Versions"][0]["VersionId"]
    event = object_created(tenant.aws, key, version, len(content))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: tenant.aws.invoke("ValidateUploadFunction", event), range(3)))
    job = tenant.ended(job_id)
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 10)
    assert tenant.executions(job_id) == [f"{job_id}-1"]
    assert [j["job_id"] for j in tenant.call("GET", "/imports").json()["jobs"]] == [job_id]


def test_dispatching_again_starts_nothing_twice(tenant: Tenant) -> None:
    job_id = tenant.drop("person", as_csv(people(10)))
    event = {"detail-type": "JobQueued", "source": "longshore", "detail": {"tenant": tenant.name, "job_id": job_id}}
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: tenant.aws.invoke("DispatchJobsFunction", event), range(3)))
    assert tenant.ended(job_id)["status"] == "COMPLETED"
    tenant.aws.invoke("DispatchJobsFunction", event)
    assert tenant.ended(job_id)["run"] == 1
    assert tenant.executions(job_id) == [f"{job_id}-1"]


def test_twenty_thousand_rows_in_one_go(tenant: Tenant) -> None:
    job = tenant.ended(tenant.drop("person", as_csv(people(20_000))), timeout=300)
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 20_000)
    assert len(tenant.items()) == 20_000

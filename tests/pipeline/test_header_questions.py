"""Files whose columns are not clear: an attended job waits, others are rejected, and nobody is asked twice."""

from tenants import Tenant, data_of

UNCLEAR = b"id,name,age,E-mail adr.\np1,Ann,30,ann@example.com\np2,Bob,31,bob@example.com\n"


def answered(tenant: Tenant, job_id: str, **answers: str | None) -> None:
    given = [{"header": header, "field": field} for header, field in answers.items()]
    answer = tenant.call("POST", f"/imports/{job_id}/answers", json={"answers": given})
    assert answer.ok, answer.text


def test_an_attended_import_waits_and_loads_what_was_answered(tenant: Tenant) -> None:
    created = tenant.create("person")
    assert tenant.upload(created, UNCLEAR).ok
    job = tenant.ended(created["job_id"])
    assert (job["status"], job["questions"], job["counts"]["rows"]) == ("VALIDATED", 1, 2)
    assert tenant.items() == {}
    answered(tenant, created["job_id"], **{"E-mail adr.": "email"})
    job = tenant.ended(created["job_id"])
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 2)
    assert {data_of(item)["email"] for item in tenant.items().values()} == {"ann@example.com", "bob@example.com"}


def test_a_dropped_file_is_rejected_until_somebody_has_said_what_its_columns_are(tenant: Tenant) -> None:
    file = b"id,name,E-mail adr.\np1,Ann,ann@example.com\n"
    job = tenant.ended(tenant.drop("person", file))
    assert (job["status"], job["reason"]["code"]) == ("REJECTED", "HEADER_QUESTIONS")
    assert "'E-mail adr.'" in job["reason"]["message"]
    said = tenant.call("PUT", "/templates/person/mapping", json={"columns": {"e-mail adr.": "email"}})
    assert said.ok, said.text
    job = tenant.ended(tenant.drop("person", file, "again.csv"))
    assert (job["status"], job["counts"]["created"]) == ("COMPLETED", 1)
    columns = job["parts"][0]["plan"]["columns"]
    assert [(column["field"], column["reason"]) for column in columns][2] == ("email", "confirmed")


def test_what_one_job_was_told_another_that_waits_need_not_be_told(tenant: Tenant) -> None:
    jobs = []
    for name in (b"Ann", b"Eve"):
        created = tenant.create("person")
        assert tenant.upload(created, b"id,name,E-mail adr.\n%s,%s,a@example.com\n" % (name, name)).ok
        assert tenant.ended(created["job_id"])["questions"] == 1
        jobs.append(created["job_id"])
    answered(tenant, jobs[0], **{"E-mail adr.": None})
    assert tenant.job(jobs[1])["questions"] == 0
    answered(tenant, jobs[1])
    assert [tenant.ended(job_id)["status"] for job_id in jobs] == ["COMPLETED", "COMPLETED"]
    assert all("email" not in data_of(item) for item in tenant.items().values())

"""A job that asks what its columns are: it waits, keeps each answer, goes on once, and asks no later file again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from longshore.bootstrap import AwsServices
from longshore.domain.job import Job, moved
from longshore.domain.status import JobStatus
from longshore.domain.templates.template import parse_template
from longshore.errors import InvalidRequest, NotAllowed, StaleItem, TransitionRefused
from longshore.messages import EventBucket, EventObject, ObjectCreated, ObjectCreatedDetail, ValidationRequest
from longshore.settings import Settings
from longshore.steps.api import create_import, get_import
from longshore.steps.api_commands import cancel_import, start_import
from longshore.steps.caller import Caller, Role
from longshore.steps.header_answers import answer_questions
from longshore.steps.mapping_commands import put_mapping
from longshore.steps.sweep import ATTEMPTS, sweep
from longshore.steps.upload_key import job_upload_key
from longshore.steps.validate_upload import validate_upload
from longshore.storage import clients
from tests.storage.conftest import SteppingClock, Stores

PERSON = {
    "name": "person",
    "record_type": "person",
    "key": ["id"],
    "auto_start": False,
    "fields": [
        {"name": "id", "required": True},
        {"name": "email"},
        {"name": "first_name"},
        {"name": "last_name"},
    ],
}
FILE = b"id,E-mail adr.,Name\n1,a@example.com,Ann\n2,b@example.com,Bob\n"


@dataclass
class Asking:
    """A tenant with the template PERSON; `asked` are the jobs whose file is to be read again."""

    services: AwsServices
    caller: Caller
    clock: SteppingClock
    asked: list[Job] = field(default_factory=list)

    def again(self, job: Job) -> None:
        """Take the place of Lambda, as ports.Validations."""
        self.asked.append(job)

    def arrived(self, source: object) -> None:
        """Take the place of Lambda."""
        raise AssertionError(source)

    def put(self, key: str, content: bytes) -> str:
        """Upload a file, have it validated, and return its job's id."""
        bucket = self.services.settings.uploads_bucket
        version = clients.s3().put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
        stored = EventObject.model_validate({"key": key, "size": len(content), "version-id": version})
        detail = ObjectCreatedDetail(bucket=EventBucket(name=bucket), object=stored)
        until = self.clock() + timedelta(minutes=5)
        validate_upload(ObjectCreated(id="1", time=self.clock(), detail=detail), self.services, until)
        return self.services.jobs.page(self.caller.tenant, 1, "", None).jobs[0].job_id

    def imported(self, content: bytes = FILE) -> str:
        """Upload the file of a job that the caller asked for."""
        self.clock.pass_seconds(1)
        body = {"template": "person", "file_name": "f.csv"}
        job_id = str(create_import(self.services, self.caller, body, None)["job_id"])
        return self.put(job_upload_key(self.caller.tenant, job_id, "f.csv"), content)

    def answer(self, job_id: str, **answers: str | None) -> dict[str, Any]:
        """Answer by header; `_` stands for a space."""
        given = [{"header": header.replace("_", " "), "field": name} for header, name in answers.items()]
        return answer_questions(self.services, self.caller, job_id, {"answers": given})

    def read_again(self) -> None:
        """Do what Lambda does when it is asked to."""
        for job in self.asked:
            request = ValidationRequest(tenant=job.tenant, job_id=job.job_id)
            validate_upload(request, self.services, self.clock() + timedelta(minutes=5))
        self.asked.clear()

    def job(self, job_id: str) -> dict[str, Any]:
        """Return the job as the API shows it."""
        return get_import(self.services, self.caller, job_id)

    def open(self, job_id: str) -> list[str]:
        """Return the headers that are still asked about."""
        (part,) = self.job(job_id)["parts"]
        return [question["header"] for question in part["questions"]]


@pytest.fixture
def asking(stores: Stores, tenant: str, clock: SteppingClock) -> Asking:
    names = {"jobs_table": stores.jobs, "locks_table": stores.locks, "catalog_table": stores.catalog}
    buckets = {"uploads_bucket": stores.uploads, "data_bucket": stores.data}
    services = AwsServices(
        Settings(records_table=stores.records, bus_name="default", run_import_arn="none", **names, **buckets)
    )
    services.clock = clock
    made = Asking(services, Caller(tenant, "anna", Role.IMPORTER), clock)
    services.validations = made
    services.catalog.put(tenant, parse_template(PERSON), "anna", clock())
    return made


def test_a_job_that_somebody_attends_waits_for_answers(asking):
    job = asking.job(asking.imported())
    assert (job["status"], job["questions"]) == ("VALIDATED", 2)
    assert (job["counts"]["rows"], job["counts"]["unprocessed"]) == (2, 2)
    (part,) = job["parts"]
    assert part["batches"] == 0
    assert part["questions"] == [
        {"position": 2, "header": "E-mail adr.", "candidates": [{"field": "email", "score": 0.8}]},
        {
            "position": 3,
            "header": "Name",
            "candidates": [{"field": "first_name", "score": 0.8}, {"field": "last_name", "score": 0.8}],
        },
    ]


def test_it_cannot_be_started_before(asking):
    job_id = asking.imported()
    with pytest.raises(TransitionRefused, match=f"answer them first: longshore answer {job_id}"):
        start_import(asking.services, asking.caller, job_id)


def test_a_dropped_file_that_nobody_attends_is_rejected(asking):
    job = asking.job(asking.put(f"{asking.caller.tenant}/person/f.csv", FILE))
    assert (job["status"], job["reason"]["code"]) == ("REJECTED", "HEADER_QUESTIONS")
    assert "'E-mail adr.', 'Name'" in job["reason"]["message"]


def test_answers_are_kept_until_the_last_one_makes_it_go_on(asking):
    job_id = asking.imported()
    partly = asking.answer(job_id, Name="last_name")
    assert (partly["status"], partly["questions"]) == ("VALIDATED", 1)
    assert [question["header"] for question in partly["open_questions"]] == asking.open(job_id) == ["E-mail adr."]
    assert asking.asked == []
    done = asking.answer(job_id, **{"E-mail adr.": None})
    assert (done["status"], done["questions"], len(asking.asked)) == ("VALIDATING", 0, 1)
    asking.read_again()
    job = asking.job(job_id)
    assert (job["status"], job["questions"], job["parts"][0]["batches"]) == ("VALIDATED", 0, 1)
    columns = job["parts"][0]["plan"]["columns"]
    assert [(c["field"], c["reason"]) for c in columns] == [
        ("id", "exact"),
        (None, "confirmed"),
        ("last_name", "confirmed"),
    ]
    assert start_import(asking.services, asking.caller, job_id)["status"] == "QUEUED"


def test_a_later_file_is_not_asked_about_again_attended_or_not(asking):
    asking.answer(asking.imported(), Name="last_name", **{"E-mail adr.": "email"})
    other = FILE.replace(b"Ann", b"Eve").replace(b"E-mail adr.", b"E-MAIL_ADR.")
    assert asking.job(asking.imported(other))["questions"] == 0
    dropped = asking.job(asking.put(f"{asking.caller.tenant}/person/f.csv", FILE.replace(b"Ann", b"Zoe")))
    assert dropped["status"] == "VALIDATED"


def test_the_same_answers_again_change_nothing(asking):
    job_id = asking.imported()
    answers = {"E-mail adr.": "email", "Name": None}
    asking.answer(job_id, **answers)
    assert asking.answer(job_id, **answers)["status"] == "VALIDATING"
    asking.read_again()
    assert asking.answer(job_id, **answers)["status"] == "VALIDATED"
    assert asking.asked == []
    with pytest.raises(TransitionRefused, match="has no open questions"):
        asking.answer(job_id, Name="first_name")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"Colour": "email"}, "part 0 has no question about the column 'Colour'"),
        ({"id": None}, "no question about the column 'id'"),
        ({"Name": "fax"}, "template person has no field 'fax'"),
        ({"Name": "id"}, "the columns 'id', 'Name' cannot both be id"),
        ({"Name": "email", "E-mail adr.": "email"}, "the columns 'E-mail adr.', 'Name' cannot both be email"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_nothing_is_kept(asking, answers, says):
    job_id = asking.imported()
    with pytest.raises(InvalidRequest, match=says):
        asking.answer(job_id, **answers)
    assert asking.open(job_id) == ["E-mail adr.", "Name"]


def test_a_column_is_not_answered_in_two_ways_at_once_nor_against_an_earlier_answer(asking):
    job_id = asking.imported()
    twice = [{"header": "Name", "field": "last_name"}, {"header": "NAME", "field": None}]
    with pytest.raises(InvalidRequest, match="answered twice"):
        answer_questions(asking.services, asking.caller, job_id, {"answers": twice})
    asking.answer(job_id, Name="email")
    with pytest.raises(InvalidRequest, match="cannot both be email"):
        asking.answer(job_id, **{"E-mail adr.": "email"})
    asking.answer(job_id, Name="first_name", **{"E-mail adr.": "email"})
    assert len(asking.asked) == 1


@pytest.mark.parametrize("answers", [None, {}, [{}], [{"header": "Name"}], [{"header": "Name", "field": 1}]])
def test_a_body_that_is_no_answer(asking, answers):
    with pytest.raises(InvalidRequest):
        answer_questions(asking.services, asking.caller, "j" + "0" * 24, {"answers": answers})


def test_a_viewer_may_not_answer(asking):
    viewer = Caller(asking.caller.tenant, "vera", Role.VIEWER)
    with pytest.raises(NotAllowed):
        answer_questions(asking.services, viewer, asking.imported(), {"answers": []})


def test_what_others_have_confirmed_meanwhile_counts(asking):
    job_id = asking.imported()
    body = {"columns": {"name": "first_name", "E-Mail_Adr.": None, "Notes": None}}
    put_mapping(asking.services, asking.caller, "person", body)
    assert asking.job(job_id)["questions"] == 0
    assert asking.answer(job_id)["status"] == "VALIDATING"


def test_columns_that_were_confirmed_for_the_same_field_are_asked_about_again(asking):
    put_mapping(asking.services, asking.caller, "person", {"columns": {"Post": "email", "Box": "email"}})
    job_id = asking.imported(b"id,Post,Box\n1,a,b\n")
    assert asking.open(job_id) == ["Post", "Box"]
    assert asking.answer(job_id)["status"] == "VALIDATED"
    assert asking.answer(job_id, Box=None)["status"] == "VALIDATING"
    asking.read_again()
    assert asking.job(job_id)["parts"][0]["plan"]["columns"][1]["field"] == "email"


def test_a_cancelled_job_takes_no_answers(asking):
    job_id = asking.imported()
    cancel_import(asking.services, asking.caller, job_id)
    with pytest.raises(TransitionRefused, match="is CANCELLED"):
        asking.answer(job_id, Name=None)


def test_a_request_that_died_before_it_asked_for_the_reading_is_made_good_by_sweep(asking, monkeypatch):
    job_id = asking.imported()
    monkeypatch.setattr(asking, "again", dies)
    with pytest.raises(KeyboardInterrupt):
        asking.answer(job_id, Name=None, **{"E-mail adr.": None})
    monkeypatch.undo()
    assert asking.job(job_id)["status"] == "VALIDATING"
    asking.clock.pass_seconds(1)
    sweep(asking.services)
    assert [job.job_id for job in asking.asked if job.tenant == asking.caller.tenant] == [job_id]


def dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_readings_before_the_answers_are_no_deaths(asking):
    job_id = asking.imported()
    tenant = asking.caller.tenant
    for number in range(ATTEMPTS + 1):
        job = asking.services.jobs.get(tenant, job_id)
        answered, event = moved(job, JobStatus.VALIDATING, asking.clock(), "anna", questions=0)
        asking.services.jobs.change(job, answered, event)
        asking.clock.pass_seconds(600)
        sweep(asking.services)
        assert asking.services.jobs.get(tenant, job_id).status is JobStatus.VALIDATING, number
        asking.asked = [job for job in asking.asked if job.job_id == job_id]
        asking.read_again()
        assert asking.services.jobs.get(tenant, job_id).status is JobStatus.VALIDATED


def test_somebody_who_is_faster_changes_nothing_twice(asking, monkeypatch):
    """Two people give the last answer at the same moment: the file is read again once."""
    job_id = asking.imported()
    answers = {"Name": None, "E-mail adr.": None}
    change: Callable[..., None] = asking.services.jobs.change

    def late(*changed: Any) -> None:
        monkeypatch.undo()
        asking.answer(job_id, **answers)
        with pytest.raises(StaleItem):
            change(*changed)
        raise StaleItem("somebody was faster")

    monkeypatch.setattr(asking.services.jobs, "change", late)
    assert asking.answer(job_id, **answers)["status"] == "VALIDATING"
    assert len(asking.asked) == 1

"""Which errors a report lists, and for which state of a job it is made."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.job import Batch, Job, Part, Pointer, Source
from longshore.domain.status import JobStatus
from longshore.errors import JobNotFound
from longshore.messages import Done, ReportRequest
from longshore.steps.make_report import make_report, rejected_of

NOWHERE = Pointer("", "", 0, 0)
AT = datetime(2026, 3, 1, tzinfo=UTC)
JOB = Job(
    "t", "j1", JobStatus.COMPLETED, "t", "a", AT, AT, "f.csv", version=7, attempt="a1", source=Source("b", "k", "v", 1)
)


class InMemory:
    """Rejects objects: of validation and of each batch, in members of two errors."""

    def __init__(self, objects):
        self.objects = objects

    def members(self, key):
        errors = self.objects[key]
        yield from ((at, errors[at : at + 2]) for at in range(0, len(errors), 2))


@given(st.lists(st.sampled_from(["ok", "invalid", "refused"]), max_size=30), st.integers(1, 5))
def test_errors_of_validation_and_load_come_in_the_order_of_the_rows(kinds, batch_rows):
    invalid = [{"row": row} for row, kind in enumerate(kinds, 1) if kind == "invalid"]
    loaded = [row for row, kind in enumerate(kinds, 1) if kind != "invalid"]
    objects, batches = {"validation": invalid}, []
    for number in range(0, len(loaded), batch_rows):
        rows = [row for row in loaded[number : number + batch_rows] if kinds[row - 1] == "refused"]
        objects[f"b{number}"] = [{"row": row} for row in rows]
        rejects = replace(NOWHERE, key=f"b{number}") if rows else None
        batches.append(Batch(0, number, 1, 1, NOWHERE, NOWHERE, rejects=rejects))
    of_another_part = Batch(1, 0, 1, 1, NOWHERE, NOWHERE, rejects=replace(NOWHERE, key="none"))
    part = Part(0, "t", "t", 1, {}, rejects=replace(NOWHERE, key="validation"))
    found = rejected_of(part, [of_another_part, *reversed(batches)], InMemory(objects))
    assert [error["row"] for error in found] == [row for row, kind in enumerate(kinds, 1) if kind != "ok"]


@pytest.mark.parametrize(
    "job",
    [None, replace(JOB, version=8), replace(JOB, status=JobStatus.PROCESSING), replace(JOB, attempt="")],
    ids=["gone", "went on", "running", "never read"],
)
def test_a_job_that_is_not_as_it_was_gets_no_report(job):
    def get(_tenant, _job_id):
        if job is None:
            raise JobNotFound("there is none")
        return job

    services = SimpleNamespace(jobs=SimpleNamespace(get=get))
    assert make_report(ReportRequest(tenant="t", job_id="j1", version=7, format="csv"), services) == Done()


def test_the_sample_event_is_what_the_api_sends():
    path = Path(__file__).parents[2] / "events" / "make_report.asked.json"
    document = json.loads(path.read_text())
    assert ReportRequest.model_validate(document).model_dump(mode="json") == document

"""Answering the questions of a job about its columns; what is answered is confirmed for every later file as well."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.job import Job, moved
from longshore.domain.parse_plan import Question
from longshore.domain.status import JobStatus
from longshore.domain.templates.header_matching import Confirmation, normalised
from longshore.errors import InvalidRequest, StaleItem, TransitionRefused
from longshore.steps.api import Document, find_job
from longshore.steps.api_view import job_summary, question_document
from longshore.steps.caller import Caller, Role
from longshore.steps.header_questions import AskedPart, asked_parts, still_open
from longshore.steps.ports import Services
from longshore.steps.request_body import RequestBody

TRIES = 5
"""How often answers are judged anew after the job changed under them."""


class Answer(BaseModel):
    """What a column of a part is: a field, or null for one to be ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    part: Annotated[int, Field(strict=True, ge=0)] = 0
    header: str
    field: str | None


class AnswersRequest(RequestBody):
    """The body of a request that answers; without an answer it asks whether others have answered everything."""

    answers: Annotated[list[Answer], Field(max_length=500)]


def answer_questions(services: Services, caller: Caller, job_id: str, body: object) -> Document:
    """Confirm what columns are; once nothing is open the file is read again, by what was confirmed.

    The same answers again change nothing. Raises InvalidRequest for a column that was not asked about, a field that is
    none or is filled already; TransitionRefused for a job that waits for no answer, StaleItem as a cancel does.
    """
    caller.must_be(Role.IMPORTER, "answer questions")
    request = AnswersRequest.parse(body)
    for _ in range(TRIES):
        job = find_job(services, caller, job_id)
        if job.status is not JobStatus.VALIDATED or not job.questions:
            return _answered_before(job, request, services)
        asked = asked_parts(job, services.jobs.parts(job), services)
        _confirm(job, asked, request, caller, services)
        left = still_open(job, asked, services)
        if left:
            return _document(job, left)
        if again := _read_again(job, caller, services):
            return _document(again, {})
    raise StaleItem(f"job {job_id} changed at every attempt to answer its questions; ask again")


def _document(job: Job, left: Mapping[int, Sequence[Question]]) -> Document:
    questions = [{"part": number, **question_document(q)} for number, found in left.items() for q in found]
    return {**job_summary(job), "questions": len(questions), "open_questions": questions}


def _answered_before(job: Job, request: AnswersRequest, services: Services) -> Document:
    """Return a job that went on with these answers: the reply to the first request may have been lost."""
    parts = {part.number: part.template for part in services.jobs.parts(job)}
    for answer in request.answers:
        said = services.mappings.confirmed(job.tenant, parts.get(answer.part, job.template))
        one = said.get(normalised(answer.header))
        if one is None or one.field != answer.field:
            raise TransitionRefused(f"job {job.job_id} is {job.status} and has no open questions")
    return _document(job, {})


def _confirm(job: Job, asked: Sequence[AskedPart], request: AnswersRequest, caller: Caller, services: Services) -> None:
    now = services.clock()
    by_part = {part.number: part for part in asked}
    said: dict[str, list[Confirmation]] = defaultdict(list)
    given: dict[int, dict[int, str | None]] = defaultdict(dict)
    for answer in request.answers:
        part = by_part.get(answer.part)
        question = part.question(answer.header) if part else None
        if part is None or question is None:
            raise InvalidRequest(f"part {answer.part} has no question about the column {shown(answer.header)}")
        if answer.field is not None and answer.field not in part.fields:
            raise InvalidRequest(f"template {part.template.name} has no field {shown(answer.field)}")
        if given[part.number].setdefault(question.position, answer.field) != answer.field:
            raise InvalidRequest(f"column {shown(question.header)} is answered twice, and not alike")
        said[part.template.name].append(Confirmation(question.header, answer.field, caller.actor, now))
    for number, answers in given.items():
        _no_field_twice(job, by_part[number], answers, services)
    for template, confirmations in said.items():
        services.mappings.confirm(job.tenant, template, confirmations)


def _no_field_twice(job: Job, part: AskedPart, given: dict[int, str | None], services: Services) -> None:
    """Raise InvalidRequest where a field would be filled by two columns of a part."""
    before = part.answers(services.mappings.confirmed(job.tenant, part.template.name))
    fields = {question.position: field for question, field in before} | given
    filled = {column.position: column.field for column in part.plan.mapped}
    columns: dict[str, list[str]] = defaultdict(list)
    for position, field in sorted((filled | fields).items()):
        if field is not None:
            columns[field].append(part.plan.columns[position - 1].header)
    for field, headers in columns.items():
        if len(headers) > 1:
            raise InvalidRequest(f"the columns {listed(headers)} cannot both be {field}; answer null for all but one")


def _read_again(job: Job, caller: Caller, services: Services) -> Job | None:
    """Have the file of an answered job read again; None where the job changed meanwhile.

    Whoever dies between the change and the request is followed by Sweep.
    """
    now = services.clock()
    # Nobody reads the file yet: whoever is asked to may take it at once.
    nobody = int(now.timestamp() * 1000)
    after, event = moved(job, JobStatus.VALIDATING, now, caller.actor, questions=0, claimed_until=nobody)
    try:
        services.jobs.change(job, after, event)
    except StaleItem:
        return None
    services.validations.again(after)
    return after

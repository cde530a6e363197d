"""The reading half of ValidateUpload: every part of an upload into objects of one attempt."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import listed
from longshore.domain.counts import Counts, total
from longshore.domain.job import Batch, Job, Part, Reason
from longshore.domain.levels import levels_of
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.rows.judging import Judge
from longshore.domain.rows.part_keys import PartKeys
from longshore.domain.rows.sensitive_paths import sensitive_fields
from longshore.domain.templates.file_options import FileOptions
from longshore.errors import FileRejected
from longshore.readers.job_keys import JobKeys
from longshore.readers.part_templates import Pinned, stored_name
from longshore.readers.reader import PartSource
from longshore.readers.upload import Upload
from longshore.readers.validation import Sink, Validation, count_rows, plan_part, validate
from longshore.steps.judges import Judges, refuse_what_cannot_be_judged
from longshore.steps.ports import Services
from longshore.steps.stored_originals import StoredOriginals
from longshore.steps.validated_rows import ValidatedRows

LOCKS = 50
"""Record types of a job: all of their locks are taken in the one transaction that starts a run (design section 8)."""


@dataclass
class Reading:
    """What one attempt made of an upload; parts and batches count once the job names the attempt.

    While there are questions no row was checked, and there are no batches. `refused` says why nothing may be loaded.
    """

    attempt: str
    sha256: str = ""
    parts: list[Part] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    refused: Reason | None = None
    questions: int = 0
    needs: set[str] = field(default_factory=set)

    @property
    def record_types(self) -> tuple[str, ...]:
        """The record types that the parts write."""
        return tuple(sorted({part.record_type for part in self.parts}))

    @property
    def refers_to(self) -> tuple[str, ...]:
        """The record types that rows of the parts only refer to."""
        return tuple(sorted(self.needs - set(self.record_types)))

    @property
    def counts(self) -> Counts:
        """The counts of all parts together."""
        return total(part.counts for part in self.parts)


@dataclass(frozen=True)
class _PlannedPart:
    number: int
    source: PartSource
    pinned: Pinned
    plan: ParsePlan
    level: int


@dataclass(frozen=True)
class _Attempt:
    """What the reading of all parts shares."""

    job: Job
    reading: Reading
    keys: JobKeys
    judges: Judges
    services: Services


def read_parts(job: Job, main: Pinned, services: Services) -> Reading:
    """Read the pinned upload of a job; raise FileRejected where it cannot be read as its templates say.

    It is read once, and then once more for record types that refer to themselves. A part is named in what is refused if
    there are several. Raises RuleFunctionFailed where a rule function of the tenant did not judge the rows.
    """
    reading = Reading(secrets.token_hex(6))
    main = _with_options(main, job)
    with ExitStack() as kept:
        with _opened(job, main, services) as upload:
            planned = _planned(upload.parts, job, main, services)
            templates = [part.pinned.template for part in planned]
            reading.needs = {name for template in templates for name in template.refers_to}
            refuse_too_many_locks({template.record_type for template in templates} | reading.needs)
            refuse_what_cannot_be_judged(job.tenant, templates)
            reading.questions = _questions(planned, job)
            judges = kept.enter_context(Judges(job, templates, services))
            attempt = _Attempt(job, reading, kept.enter_context(JobKeys()), judges, services)
            twice = _read_once(planned, attempt)
            reading.sha256 = upload.sha256
        if twice:
            with _opened(job, main, services) as again:
                for part in twice:
                    with naming(part.source, alone=len(planned) == 1):
                        _read(replace(part, source=again.parts[part.number]), attempt)
    reading.parts.sort(key=lambda part: part.number)
    return reading


@contextmanager
def _opened(job: Job, main: Pinned, services: Services) -> Iterator[Upload]:
    assert job.source is not None
    with services.files.open(job.source) as stream:
        with Upload(stream, main.template.file, services.settings.max_upload_bytes) as upload:
            yield upload


def _read_once(planned: Sequence[_PlannedPart], attempt: _Attempt) -> list[_PlannedPart]:
    """Read what others depend on first, so that references to it can be checked; return what is to be read again."""
    twice = []
    in_order = sorted(planned, key=lambda part: (part.level, part.number))
    for _, parts in groupby(in_order, key=lambda part: part.level):
        for part in parts:
            with naming(part.source, alone=len(planned) == 1):
                if attempt.reading.questions or not attempt.judges.read_twice(part.pinned.template.record_type):
                    _read(part, attempt)
                else:
                    _survey(part, attempt)
                    twice.append(part)
        attempt.judges.settle()
    return twice


def _with_options(pinned: Pinned, job: Job) -> Pinned:
    """Return the template with what the job itself says about its file."""
    if not job.options:
        return pinned
    file = FileOptions.model_validate(job.options).over(pinned.template.file)
    return Pinned(pinned.template.model_copy(update={"file": file}), pinned.version)


def _planned(sources: Sequence[PartSource], job: Job, main: Pinned, services: Services) -> list[_PlannedPart]:
    templates = _templates(sources, job, main, services)
    levels = levels_of([pinned.template for pinned in templates])
    confirmed = {name: _confirmed(job, name, services) for name in {pinned.template.name for pinned in templates}}
    planned = []
    for number, (source, pinned, level) in enumerate(zip(sources, templates, levels, strict=True)):
        with naming(source, alone=len(sources) == 1):
            plan = plan_part(source, pinned.template, confirmed[pinned.template.name])
            planned.append(_PlannedPart(number, source, pinned, plan, level))
    return planned


def refuse_too_many_locks(record_types: set[str]) -> None:
    """Raise FileRejected where the parts write or refer to more record types than one import may lock."""
    if len(record_types) > LOCKS:
        raise file_rejected("TOO_MANY_RECORD_TYPES", record_types=len(record_types), limit=LOCKS)


def _confirmed(job: Job, template: str, services: Services) -> dict[str, str | None]:
    said = services.mappings.confirmed(job.tenant, template)
    return {form: confirmation.field for form, confirmation in said.items()}


def _templates(sources: Sequence[PartSource], job: Job, main: Pinned, services: Services) -> list[Pinned]:
    """Return the template of each part: of several, one that is called after a stored template has that one."""
    if len(sources) == 1:
        return [main]
    titles = {name: title for name, _, title in services.catalog.names(job.tenant)}
    known = {main.template.name: main}
    chosen = []
    for source in sources:
        name = stored_name(source.name, titles) or main.template.name
        if name not in known:
            known[name] = _with_options(Pinned(*services.catalog.get(job.tenant, name)), job)
        chosen.append(known[name])
    return chosen


def _questions(planned: Sequence[_PlannedPart], job: Job) -> int:
    """Return how many questions are open; raise FileRejected where nobody is there to answer them."""
    asked = [question for part in planned for question in part.plan.questions]
    if asked and not job.attended:
        columns = listed([question.header for question in asked])
        raise file_rejected("HEADER_QUESTIONS", columns=columns, template=job.template)
    return len(asked)


def _read(part: _PlannedPart, attempt: _Attempt) -> None:
    reading, job, services = attempt.reading, attempt.job, attempt.services
    unread = _unread(part, job)
    if reading.questions:
        reading.parts.append(replace(unread, counts=count_rows(part.source, part.plan)))
        return
    template = part.pinned.template
    masked = sensitive_fields(template)
    with ValidatedRows(job, reading.attempt, unread, template.key, services.files, masked) as rows:
        keys = attempt.keys.of(template.record_type, part.source.name)
        judges = attempt.judges.of(part.number, part.pinned)
        result = _validated(part, attempt, attempt.judges.noting(template, rows), keys, judges)
        rows.close()
    batches = list(rows.batches())
    read = replace(
        unread, counts=result.counts, batches=len(batches), rejects=rows.rejects_at, originals=rows.originals_at
    )
    reading.parts.append(replace(read, warnings=tuple(result.warnings)))
    reading.batches += batches
    if result.refused and reading.refused is None:
        reading.refused = _named(result.refused, part.source)


def _survey(part: _PlannedPart, attempt: _Attempt) -> None:
    survey = attempt.judges.survey(part.number, part.source.name, part.pinned)
    _validated(part, attempt, survey, survey.keys, survey.judges)


def _validated(
    part: _PlannedPart, attempt: _Attempt, sink: Sink, keys: PartKeys, judges: Sequence[Judge]
) -> Validation:
    return validate(
        part.source,
        part.plan,
        part.pinned.template,
        tenant=attempt.job.tenant,
        at=attempt.services.clock(),
        batch_rows=attempt.services.settings.batch_rows,
        sink=sink,
        originals=StoredOriginals(attempt.job.tenant, attempt.services),
        keys=keys,
        judges=judges,
    )


def _unread(part: _PlannedPart, job: Job) -> Part:
    template = part.pinned.template
    return Part(
        number=part.number,
        name=part.source.name,
        record_type=template.record_type,
        template=template.name,
        template_version=part.pinned.version,
        mode=job.mode or template.mode,
        plan=part.plan.as_dict(),
        level=part.level,
    )


def _named(reason: Reason, part: PartSource) -> Reason:
    return replace(reason, message=f"{part.name}: {reason.message}") if part.name else reason


@contextmanager
def naming(part: PartSource, alone: bool) -> Iterator[None]:
    """Name the part in a refusal that leaves the block, unless it is the only one."""
    try:
        yield
    except FileRejected as refusal:
        if alone or not part.name:
            raise
        detail = {**refusal.detail, "part": part.name}
        raise FileRejected(refusal.code, f"{part.name}: {refusal}", detail) from None

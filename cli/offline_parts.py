"""Reading the parts of a file on this machine, by the templates and in the order of an import."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Protocol

from cli.offline_report import CheckedFile, CheckedPart, changed, unchanged
from cli.offline_witnesses import AssumedRecords, OfflineWitnesses
from cli.sources import open_source
from cli.template_shelf import Shelved, TemplateShelf
from longshore.domain.job import Job
from longshore.domain.levels import levels_of
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.rows.judging import Judge
from longshore.domain.rows.part_keys import PartKeys
from longshore.domain.status import JobStatus
from longshore.readers.job_keys import JobKeys
from longshore.readers.part_templates import Pinned
from longshore.readers.reader import PartSource
from longshore.readers.upload import Upload
from longshore.readers.validation import Sink, Validation, count_rows, plan_part, validate
from longshore.settings import Settings
from longshore.steps.judges import Judges, refuse_what_cannot_be_judged
from longshore.steps.read_parts import naming, refuse_too_many_locks
from longshore.steps.reference_keys import ReferenceKeys

TENANT = "demo"
"""Part of each record's key, whose length is limited; the one that a `longshore up` has."""


class PartSink(Sink, Protocol):
    """Takes what is found in one part after the other."""

    errors: int
    """How many errors it was handed."""

    def begin(self, name: str, record_type: str) -> int:
        """Let what follows be of this part; return where its errors begin."""


@dataclass(frozen=True)
class PlannedPart:
    """A part that is about to be read; its template names no rule function, which cannot be called from here."""

    number: int
    source: PartSource
    found: Shelved
    plan: ParsePlan
    level: int

    @property
    def pinned(self) -> Pinned:
        """The template that it is read by."""
        return Pinned(self.found.template.model_copy(update={"rule_function": None}), 0)


def read_parts(path: Path, shelf: TemplateShelf, sink: PartSink, max_bytes: int) -> CheckedFile:
    """Read and check every part of a file; where there are questions the rows are only counted.

    Raises FileRejected where the file cannot be read as its templates say.
    """
    options = shelf.main.template.file
    with ExitStack() as kept:
        assumed = AssumedRecords(kept.enter_context(ReferenceKeys()))
        with open_source(path) as stream, Upload(stream, options, max_bytes) as upload:
            reading = _Reading(planned_parts(upload.parts, shelf), sink, assumed, kept)
            twice = reading.once()
            sha256, size = upload.sha256, upload.size
        if twice:
            with unchanged(path), open_source(path) as stream, Upload(stream, options, max_bytes) as again:
                for part in twice:
                    reading.read(replace(part, source=again.parts[part.number]))
                if again.sha256 != sha256:
                    raise changed(path)
    parts = sorted(reading.parts, key=lambda part: part.number)
    return CheckedFile(parts, sha256, size, assumed.counts, assumed.samples)


def planned_parts(sources: Sequence[PartSource], shelf: TemplateShelf) -> list[PlannedPart]:
    """Return how each part is read; raise FileRejected."""
    found = shelf.of_parts(sources)
    levels = levels_of([shelved.template for shelved in found])
    planned = []
    for number, (source, shelved, level) in enumerate(zip(sources, found, levels, strict=True)):
        with naming(source, alone=len(sources) == 1):
            plan = plan_part(source, shelved.template, shelved.confirmed)
            planned.append(PlannedPart(number, source, shelved, plan, level))
    return planned


class _Reading:
    """The reading of all parts of a file."""

    def __init__(
        self, planned: Sequence[PlannedPart], sink: PartSink, assumed: AssumedRecords, kept: ExitStack
    ) -> None:
        templates = [part.pinned.template for part in planned]
        refuse_too_many_locks({name for t in templates for name in (t.record_type, *t.refers_to)})
        refuse_what_cannot_be_judged(TENANT, templates)
        now = datetime.now(UTC)
        job = Job(TENANT, "", JobStatus.VALIDATING, templates[0].name, "check", now, now, "")
        self.parts: list[CheckedPart] = []
        self._planned, self._sink = planned, sink
        self._asks = any(part.plan.questions for part in planned)
        self._keys = kept.enter_context(JobKeys())
        self._judges = kept.enter_context(Judges(job, templates, OfflineWitnesses(assumed)))

    def once(self) -> list[PlannedPart]:
        """Read what others depend on first; return what is to be read again, see Judges."""
        twice = []
        in_order = sorted(self._planned, key=lambda part: (part.level, part.number))
        for _, parts in groupby(in_order, key=lambda part: part.level):
            for part in parts:
                if self._asks or not self._judges.read_twice(part.pinned.template.record_type):
                    self.read(part)
                else:
                    self._survey(part)
                    twice.append(part)
            self._judges.settle()
        return twice

    def read(self, part: PlannedPart) -> None:
        """Read a part for good."""
        template = part.pinned.template
        begins, before = self._sink.begin(part.source.name, template.record_type), self._sink.errors
        with self._naming(part):
            if self._asks:
                result = Validation(count_rows(part.source, part.plan), 0, None, [])
            else:
                keys = self._keys.of(template.record_type, part.source.name)
                judges = self._judges.of(part.number, part.pinned)
                result = self._validated(part, self._judges.noting(template, self._sink), keys, judges)
        checked = CheckedPart(
            number=part.number,
            name=part.source.name,
            template=part.found.template,
            plan=part.plan,
            result=result,
            errors=self._sink.errors - before,
            begins=begins,
        )
        self.parts.append(checked)

    def _survey(self, part: PlannedPart) -> None:
        with self._naming(part):
            survey = self._judges.survey(part.number, part.source.name, part.pinned)
            self._validated(part, survey, survey.keys, survey.judges)

    def _naming(self, part: PlannedPart) -> AbstractContextManager[None]:
        return naming(part.source, alone=len(self._planned) == 1)

    def _validated(self, part: PlannedPart, sink: Sink, keys: PartKeys, judges: Sequence[Judge]) -> Validation:
        return validate(
            part.source,
            part.plan,
            part.pinned.template,
            tenant=TENANT,
            at=datetime.now(UTC),
            batch_rows=Settings.batch_rows,
            sink=sink,
            keys=keys,
            judges=judges,
        )

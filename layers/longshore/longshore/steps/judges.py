"""Who judges the rows of a job: references to records, and the rule functions of its tenant."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from longshore.domain.job import Job
from longshore.domain.judging import Judge
from longshore.domain.template import Template
from longshore.readers.job_keys import JobKeys
from longshore.readers.part_templates import Pinned
from longshore.steps.ports import Services

if TYPE_CHECKING:
    from longshore.steps.reference_keys import SelfReferences
    from longshore.steps.references import KnownRecords


class Judges:
    """The judges of every part of a job, made as its templates need them; use as a context manager.

    A record type that refers to itself is read twice: `survey` each part of it and then `settle`, before any row of it
    is judged for good. Other parts are judged after those that they refer to.
    """

    def __init__(self, job: Job, templates: Sequence[Template], services: Services) -> None:
        self._job = job
        self._services = services
        self._templates = templates
        self._files = ExitStack()
        self._known: KnownRecords | None = None
        self._surveyed: dict[str, SelfReferences] = {}
        self._surveyed_keys = self._files.enter_context(JobKeys())
        self._remembered: dict[int, list[Remembered]] = {}
        self._referred_to = {name for template in templates for name in template.refers_to}
        if self._referred_to:
            # Not before somebody refers to something: a cold start has no use for a database.
            from longshore.steps.reference_keys import ReferenceKeys
            from longshore.steps.references import KnownRecords

            self._accepted = self._files.enter_context(ReferenceKeys())
            self._known = KnownRecords(job.tenant, self._accepted, services.records)

    def read_twice(self, record_type: str) -> bool:
        """Whether rows of the record type refer to others of it, which may come later."""
        return any(record_type == template.record_type and record_type in template.refers_to for template in self._templates)

    def of(self, part: int, pinned: Pinned) -> list[Judge]:
        """Return the judges of a part."""
        template = pinned.template
        earlier: list[Judge] = [judge.again() for judge in self._remembered.pop(part, ())]
        judges = earlier or self._others(part, pinned)
        own = {field.name: field.references for field in template.fields if field.references == template.record_type}
        return [*judges, *self._references(own)]
